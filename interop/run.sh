#!/bin/sh
# The log, checked by programs that we did not write (docs/spec/log-interop.md). Everything is built and installed under
# target/. A verifier passes only if it accepts the good fixture and refuses every flipped copy that it reads; each run has a
# time limit, because a checker may hang instead of failing.
#
# Needs: cargo; golang-go and golang-golang-x-mod-dev (Debian); python3 with venv; node with npm. Prints "N passed, N failed".
set -u
cd "$(dirname "$0")/.." || exit 2
out=${CARGO_TARGET_DIR:-target}/interop
fixture=$out/log-fixture
passed=0
failed=0
mkdir -p "$out"

result() { # name, wanted exit status, actual exit status
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $1: exit $3, wanted $2"
    fi
}

judge() { # name, flipped copies it must refuse (space separated, shell patterns), command...
    name=$1
    copies=$2
    shift 2
    timeout 120 "$@" "$fixture/good" >"$out/$name.out" 2>&1
    result "$name good" 0 $?
    cat "$out/$name.out"
    for pattern in $copies; do
        for copy in "$fixture"/flipped/$pattern; do
            timeout 120 "$@" "$copy" >"$out/$name.out" 2>&1
            result "$name $(basename "$copy")" 1 $?
        done
    done
}

echo "== fixture"
cargo test --workspace --locked --quiet --no-run || exit 2
"${CARGO_TARGET_DIR:-target}/debug/log-fixture" "$fixture" || exit 2

echo "== Go, golang.org/x/mod/sumdb"
go_binary=$(pwd)/$out/go-verify
(cd interop/go && GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= GOCACHE="$(pwd)/../../$out/go-cache" go build -o "$go_binary" verify.go)
result "go builds" 0 $?
judge go "*" "$go_binary"
timeout 120 "$go_binary" "$fixture/good" "$fixture/twin"
result "go sees the split view" 0 $?
timeout 120 "$go_binary" "$fixture/good" "$fixture/good"
result "go sees no split view in one log" 1 $?

echo "== Python, sigstore, pymerkle, cryptography"
[ -x "$out/venv/bin/python" ] || python3 -m venv "$out/venv"
"$out/venv/bin/python" -m pip install -q --disable-pip-version-check sigstore==4.5.1 pymerkle==7.0.0
result "pip installs" 0 $?
judge python "*" "$out/venv/bin/python" interop/py/verify.py

echo "== Python, ceremony (py_ecc) and HPKE (cryptography)"
"$out/venv/bin/python" -m pip install -q --disable-pip-version-check py_ecc==8.0.0
result "pip installs py_ecc" 0 $?
vector=testdata/vectors/ceremony/two-of-three-then-three-of-four.txt
timeout 120 "$out/venv/bin/python" interop/py/ceremony_reference.py "$vector"
result "ceremony" 0 $?
sed 's/^again_share_4=./again_share_4=f/' "$vector" >"$out/flipped-ceremony.txt"
timeout 120 "$out/venv/bin/python" interop/py/ceremony_reference.py "$out/flipped-ceremony.txt"
result "flipped ceremony" 1 $?
timeout 120 "$out/venv/bin/python" interop/py/hpke_reference.py testdata/vectors/hpke/x25519-sha256-aes256gcm.txt
result "hpke" 0 $?

echo "== JavaScript, @sigstore/verify"
npm install --prefix "$out/js" --no-fund --no-audit --silent @sigstore/verify@3.1.0
result "npm installs" 0 $?
judge js "entry log-signature-* proof-hash root" node interop/js/verify.js "$out/js/node_modules"

echo "== Rust, sigsum"
cargo test --workspace --locked --quiet --test sigsum
result "sigsum" 0 $?

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
