#!/usr/bin/env bash
# Programs that we did not write judge what we write for other systems, and we read what they accept:
# - xmllint (libxml2) against ETSI's schemas: the examples, 300 random messages, the forms as messages, deliveries, notifications;
# - the same examples, damaged one place at a time, through xmllint and through us: what it refuses we refuse;
# - python3: manifest, hand-over item and Timesketch's line.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v xmllint >/dev/null || { echo "xmllint is missing (Debian: libxml2-utils)" >&2; exit 4; }
samples=$PWD/target/etsi-samples
rm -rf "$samples"
mkdir -p "$samples"
ETSI_SAMPLES=$samples cargo test --quiet --locked --package standards --lib --test epoc_hi1 --test answers >/dev/null
# What the door of the gateway answers over mutual TLS: a delivery, and one to be fetched.
ETSI_SAMPLES=$samples cargo test --quiet --locked --package node --test desk deliver:: >/dev/null
schema=testdata/etsi/etsi-103120/stubs/validate.xsd
validates() { xmllint --nonet --noout --schema "$schema" "$@" 2>&1 | grep -c ' validates$' || true; }

examples=(testdata/etsi/etsi-103120/examples/xml/*.xml)
[ "$(validates "${examples[@]}")" = "${#examples[@]}" ]
echo "xmllint: ${#examples[@]} of ${#examples[@]} examples of ETSI's validate"
# What the commands write: an order as a message, and the answer to it.
cargo build --quiet --locked --package waarborg --bin waarborg
target/debug/waarborg order translate docs/samples/epoc.xml --as etsi --sender NL:PARKET --receiver NL:NL-EXAMPLE --out "$samples/command-order.xml"
target/debug/waarborg order answer "$samples/command-order.xml" --ground 4 --as etsi --out "$samples/command-answer.xml"
written=("$samples"/*.xml)
got=$(validates "${written[@]}")
[ "$got" = "${#written[@]}" ] || { xmllint --nonet --noout --schema "$schema" "${written[@]}" 2>&1 | grep -v ' validates$' | head; exit 1; }
[ "${#written[@]}" -ge 313 ]
echo "xmllint: $got of ${#written[@]} messages that we wrote validate"

damaged=$samples/damaged
mkdir -p "$damaged"
python3 interop/py/etsi_damage.py "$damaged" "${examples[@]}"
for file in "$damaged"/*.xml; do
    if xmllint --nonet --noout --schema "$schema" "$file" >/dev/null 2>&1; then echo "valid $(basename "$file")"; else echo "invalid $(basename "$file")"; fi
done >"$damaged/xmllint.txt"
cargo run --quiet --locked --package standards --example etsi_schema -- "$damaged"/*.xml >"$damaged/ours.txt"
diff "$damaged/xmllint.txt" "$damaged/ours.txt" | head
cmp -s "$damaged/xmllint.txt" "$damaged/ours.txt"
echo "xmllint and we agree on $(wc -l <"$damaged/ours.txt") messages, damaged one place at a time ($(grep -c '^invalid' "$damaged/ours.txt") refused)"

python3 interop/py/etsi_answers.py "$samples"
