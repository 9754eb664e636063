#!/usr/bin/env bash
# Foreign programs sign, we judge; and they judge the same cases, good and tampered, beside us.
#
#   interop/signatures.sh            fresh keys, fresh cases, foreign judges, canonical forms, hostile documents in little memory
#   interop/signatures.sh --bless    also replaces testdata/signatures/cases
#
# Needs xmlsec1, xmllint (libxml2-utils), openssl, python3 with venv; pyHanko, jwcrypto and lxml (PyPI) go into a virtual environment
# below target/.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
work=$(mktemp -d "${TMPDIR:-/tmp}/signatures.XXXXXX")
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
step() { # step NAME COMMAND…
    local name=$1
    shift
    if "$@" >"$work/out" 2>&1; then
        passed=$((passed + 1))
        printf 'ok      %s: %s\n' "$name" "$(tail -1 "$work/out")"
    else
        failed=$((failed + 1))
        printf 'FAILED  %s\n' "$name"
        tail -30 "$work/out" | sed 's/^/        /'
    fi
}

venv="$root/target/signature-judges"
python="$venv/bin/python"
if ! "$python" -c 'import pyhanko, jwcrypto, lxml' 2>/dev/null; then
    python3 -m venv "$venv"
    "$python" -m pip install --quiet --disable-pip-version-check pyhanko jwcrypto lxml
fi
cases="$work/cases"
export PYTHONDONTWRITEBYTECODE=1 WAARBORG_SIGNATURE_CASES="$cases"
cd "$root"

step "made by foreign programs" "$python" "$here/py/signatures/make.py" "$cases"
step "our verdicts" sh -c 'cargo test --workspace --locked --quiet --test signatures | grep "^test result"'
step "their verdicts" "$python" "$here/py/signatures/judge.py" "$cases"
cargo test --workspace --locked --quiet --no-run
verdict="$root/target/debug/examples/signature_verdict"

seed=$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')
echo "canonical forms: seed $seed"
"$python" "$here/py/signatures/canonical.py" make "$work/corpus" 300 "$seed"
step "our canonical forms" "$verdict" --canonical "$work/corpus"
step "canonical forms" "$python" "$here/py/signatures/canonical.py" compare "$work/corpus"

# Refused within 64 MiB of heap, the document itself included; a program that takes more is killed by the limit and prints nothing.
"$python" "$here/py/signatures/hostile.py" "$work/hostile" "$cases"
hostile() {
    local file said bad=0 count=0
    for file in "$work"/hostile/*; do
        said=$( (ulimit -d 65536 && "$verdict" "$file") 2>&1 || true)
        count=$((count + 1))
        case $said in *" SIG-"[0-9][0-9]) ;; *) bad=1 && echo "$(basename "$file"): $said" ;; esac
    done
    echo "$count documents refused"
    return $bad
}
step "hostile documents in 64 MiB" hostile

if [ "${1:-}" = --bless ] && [ "$failed" = 0 ]; then
    rm -rf "$root/testdata/signatures/cases"
    cp -r "$cases" "$root/testdata/signatures/cases"
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
