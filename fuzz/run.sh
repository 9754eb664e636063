#!/usr/bin/env bash
# Fuzzes every parser, coverage-guided, on the stable toolchain. Needs a C++ compiler.
#   fuzz/run.sh SECONDS [TARGET…]         each target for SECONDS; default: all targets
#   fuzz/run.sh until SECONDS [TARGET…]   each target until it has had SECONDS of a processor on this very program: earlier runs count
#   fuzz/run.sh had                       how long each target has run clean on this very program
#   fuzz/run.sh build                     builds all targets and runs none
set -euo pipefail
cd "$(dirname "$0")"
mode=once
case ${1:-} in until) mode=until && shift ;; had) mode=had && shift && set -- 0 "$@" ;; esac
seconds=${1:?usage: fuzz/run.sh [until] SECONDS [TARGET...] | had | build}
shift
host=$(rustc -vV | sed -n 's/^host: //p')
export RUSTFLAGS="--cfg fuzzing -Cdebug-assertions=on -Coverflow-checks=on -Ccodegen-units=1 \
 -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
 -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares"
cargo build --quiet --release --locked --target "$host"
[ "$seconds" != build ] || exit 0
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cd targets && ls -- *.rs | sed 's/\.rs$//')

# What counts for a target: seconds of a processor without a finding by a program of this SHA-256. Another program starts from nothing.
program_of() { sha256sum "target/$host/release/$1" | cut -d' ' -f1; }
had() { # had TARGET: seconds
    local program said
    program=$(program_of "$1")
    said=$(grep -s "^$program " "artifacts/$1/had" | cut -d' ' -f2 || true)
    echo "${said:-0}"
}
note_had() { # note_had TARGET SECONDS more
    local sum=$(($(had "$1") + $2))
    echo "$(program_of "$1") $sum" >"artifacts/$1/had.new" && mv "artifacts/$1/had.new" "artifacts/$1/had"
}

# In pieces of ten minutes: no more than that is lost when it is interrupted.
fuzz_until() {
    local target=$1 rest
    while rest=$((wanted - $(had "$target"))) && [ "$rest" -gt 0 ]; do
        # No shorter than a minute: each piece begins by reading the whole corpus.
        seconds=$((rest < 60 ? 60 : rest < 600 ? rest : 600)) fuzz_one "$target" || return 1
        grep -qs ' clean, ' "artifacts/$target/result" || return 1
    done
    printf '%-24s clean, %s s in all\n' "$target" "$(had "$target")" | tee "artifacts/$target/result"
}

fuzz_one() {
    local target=$1 len_max=65536
    mkdir -p "corpus/$target" "artifacts/$target"
    rm -f "artifacts/$target/result"
    ./seed.sh "$target" || return 1
    case $target in
    package-zip | delivery-envelope) len_max=262144 ;; # a whole production fits
    esac
    local TIMEFORMAT='%U %S' # of a processor, in user and system
    if { time "target/$host/release/$target" -max_total_time="$seconds" -max_len="$len_max" -rss_limit_mb=2048 -timeout=10 \
        -artifact_prefix="artifacts/$target/" "corpus/$target" >"artifacts/$target/log" 2>&1; } 2>"artifacts/$target/time"; then
        printf '%-24s clean, %s\n' "$target" "$(grep -aoE 'Done [0-9]+ runs' "artifacts/$target/log" | tail -1)" >"artifacts/$target/result"
        note_had "$target" "$(awk '{ print int($1 + $2) }' "artifacts/$target/time")"
    else
        printf '%-24s FAILED, see fuzz/artifacts/%s\n' "$target" "$target" >"artifacts/$target/result"
    fi
    cat "artifacts/$target/result"
}
if [ "$mode" = had ]; then
    for target in "${targets[@]}"; do printf '%-24s %5d s\n' "$target" "$(had "$target")"; done
    exit 0
fi
export -f fuzz_one fuzz_until had note_had program_of
export host seconds wanted=$seconds

# As many at once as there are processors; each target has its own corpus and its own time.
# Counted in each target's own file: lines of two that end together may run into each other.
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c 'if [ "$1" = until ]; then fuzz_until "$2"; else fuzz_one "$2"; fi' - "$mode" {} || true
passed=0
for target in "${targets[@]}"; do
    # A target that says nothing has failed.
    if grep -qs ' clean, ' "artifacts/$target/result"; then passed=$((passed + 1)); fi
done
failed=$((${#targets[@]} - passed))
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
