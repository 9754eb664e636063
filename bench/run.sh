#!/usr/bin/env bash
# Measures sealing, opening and the log beside what others need for the same records, and prints a table.
#   bench/run.sh                all figures at the sizes of the bars: about half an hour, 8 GB of disk, 2 GB of memory
#   bench/run.sh --quick        seconds: that everything runs
#   bench/run.sh --plots docs/plots --json FILE --only sealing,month
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}"
cargo build --quiet --release --locked --manifest-path bench/Cargo.toml
exec "$CARGO_TARGET_DIR/release/waarborg-bench" "$@"
