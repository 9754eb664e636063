#!/usr/bin/env bash
# `waarborg order check` on a signed order of 100 kB and on hostile documents: time, memory, and what is left behind.
#   bench/orders.sh            15 runs of the order, 3 of each document
#   bench/orders.sh --quick    3 and 1: that everything runs and is refused
# Needs xmlsec1, openssl and python3.
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}"
cargo build --quiet --release --locked --package waarborg --bin waarborg
exec python3 bench/orders.py "$CARGO_TARGET_DIR/release/waarborg" "$@"
