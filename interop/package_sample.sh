#!/usr/bin/env bash
# Makes the sample production of the tests, with a time stamp by a local authority and a delivery envelope, and has it
# judged by everything in interop/package.sh. Arguments are passed on (`--case`).
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d "${TMPDIR:-/tmp}/package-sample.XXXXXX")
trap 'rm -rf "$work"' EXIT
(
    cd "$work"
    printf 'extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n' >extensions
    openssl req -newkey rsa:3072 -nodes -keyout tsa.key -out tsa.csr -subj '/O=Example Time/CN=stamps' 2>/dev/null
    openssl x509 -req -in tsa.csr -signkey tsa.key -days 3000 -extfile extensions -out tsa.pem 2>/dev/null
    echo 01 >serial
    cat >tsa.conf <<'CONF'
[tsa]
default_tsa = example
[example]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.2
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
CONF
)
cargo test --workspace --locked --quiet --no-run
package=$(target/debug/examples/sample_package "$work" 2>/dev/null | tail -1)
interop/package.sh "$package" --signer "$work/signer.pem" --tsa "$work/tsa.pem" \
    --envelope "$package.p7m" --recipient "$work/recipient.pem" --key "$work/recipient.key" "$@"
