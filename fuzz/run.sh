#!/usr/bin/env bash
# Fuzzes every parser, coverage-guided, on the stable toolchain. Needs a C++ compiler.
#   fuzz/run.sh SECONDS [TARGET…]     each target for SECONDS; default: all targets
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:?usage: fuzz/run.sh SECONDS [TARGET...]}
shift
host=$(rustc -vV | sed -n 's/^host: //p')
export RUSTFLAGS="--cfg fuzzing -Cdebug-assertions=on -Coverflow-checks=on -Ccodegen-units=1 \
 -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
 -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
cargo build --quiet --release --locked --target "$host"
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cd targets && ls -- *.rs | sed 's/\.rs$//')
passed=0
failed=0
for target in "${targets[@]}"; do
    mkdir -p "corpus/$target" "artifacts/$target"
    # The verdict vectors are the first corpus: every format's good and bad spellings.
    seeds=(../testdata/vectors/"$target")
    [ -d "${seeds[0]}" ] || seeds=()
    if "target/$host/release/$target" -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=2048 -timeout=10 \
        -artifact_prefix="artifacts/$target/" "corpus/$target" "${seeds[@]}" >"artifacts/$target/log" 2>&1; then
        passed=$((passed + 1))
        printf '%-24s clean, %s\n' "$target" "$(grep -oE 'Done [0-9]+ runs' "artifacts/$target/log" | tail -1)"
    else
        failed=$((failed + 1))
        printf '%-24s FAILED, see fuzz/artifacts/%s\n' "$target" "$target"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
