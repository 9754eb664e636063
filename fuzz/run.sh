#!/usr/bin/env bash
# Fuzzes every parser, coverage-guided, on the stable toolchain. Needs a C++ compiler.
#   fuzz/run.sh SECONDS [TARGET…]     each target for SECONDS; default: all targets
#   fuzz/run.sh build                 builds all targets and runs none
set -euo pipefail
cd "$(dirname "$0")"
seconds=${1:?usage: fuzz/run.sh SECONDS [TARGET...] | build}
shift
host=$(rustc -vV | sed -n 's/^host: //p')
export RUSTFLAGS="--cfg fuzzing -Cdebug-assertions=on -Coverflow-checks=on -Ccodegen-units=1 \
 -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
 -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
cargo build --quiet --release --locked --target "$host"
[ "$seconds" != build ] || exit 0
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cd targets && ls -- *.rs | sed 's/\.rs$//')

fuzz_one() {
    local target=$1 len_max=65536
    mkdir -p "corpus/$target" "artifacts/$target"
    rm -f "artifacts/$target/result"
    ./seed.sh "$target" || return 1
    case $target in
    package-zip | delivery-envelope) len_max=262144 ;; # a whole production fits
    esac
    if "target/$host/release/$target" -max_total_time="$seconds" -max_len="$len_max" -rss_limit_mb=2048 -timeout=10 \
        -artifact_prefix="artifacts/$target/" "corpus/$target" >"artifacts/$target/log" 2>&1; then
        printf '%-24s clean, %s\n' "$target" "$(grep -aoE 'Done [0-9]+ runs' "artifacts/$target/log" | tail -1)" >"artifacts/$target/result"
    else
        printf '%-24s FAILED, see fuzz/artifacts/%s\n' "$target" "$target" >"artifacts/$target/result"
    fi
    cat "artifacts/$target/result"
}
export -f fuzz_one
export host seconds

# As many at once as there are processors; each target has its own corpus and its own time.
# Counted in each target's own file: lines of two that end together may run into each other.
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c 'fuzz_one "$1"' - {} || true
passed=0
for target in "${targets[@]}"; do
    # A target that says nothing has failed.
    if grep -qs ' clean, ' "artifacts/$target/result"; then passed=$((passed + 1)); fi
done
failed=$((${#targets[@]} - passed))
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
