#!/usr/bin/env bash
# Programs that we did not write judge what we write for other systems, and we read what they accept:
# - xmllint (libxml2) against ETSI's schemas: the examples, 300 random messages, the forms as messages, deliveries, notifications;
# - the same examples, damaged one place at a time, through xmllint and through us: what it refuses we refuse;
# - python3: manifest, hand-over item and Timesketch's line;
# - xmllint against a schema that is ours, since ETSI's of TS 103 707 is not among our copies: hand-over items of a package.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v xmllint >/dev/null || { echo "xmllint is missing (Debian: libxml2-utils)" >&2; exit 4; }
samples=$PWD/target/etsi-samples
rm -rf "$samples"
mkdir -p "$samples"
# Whatever is built here is built as `./test` builds it, with the features of the whole workspace: nothing is compiled twice.
ETSI_SAMPLES=$samples cargo test --workspace --locked --quiet --lib -- etsi::message:: >/dev/null
ETSI_SAMPLES=$samples cargo test --workspace --locked --quiet --test epoc_hi1 --test answers >/dev/null
# What the door of the gateway answers over mutual TLS (deliveries, one to be fetched, receipt and Form 3), and what it sends by itself.
ETSI_SAMPLES=$samples cargo test --workspace --locked --quiet --test desk -- deliver:: dispatch:: documents:: >/dev/null
schema=testdata/etsi/etsi-103120/stubs/validate.xsd
validates() { xmllint --nonet --noout --schema "$schema" "$@" 2>&1 | grep -c ' validates$' || true; }

examples=(testdata/etsi/etsi-103120/examples/xml/*.xml)
[ "$(validates "${examples[@]}")" = "${#examples[@]}" ]
echo "xmllint: ${#examples[@]} of ${#examples[@]} examples of ETSI's validate"
# What the commands write: an order as a message, and the answer to it.
cargo test --workspace --locked --quiet --no-run
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
target/debug/examples/etsi_schema "$damaged"/*.xml >"$damaged/ours.txt"
diff "$damaged/xmllint.txt" "$damaged/ours.txt" | head
cmp -s "$damaged/xmllint.txt" "$damaged/ours.txt"
echo "xmllint and we agree on $(wc -l <"$damaged/ours.txt") messages, damaged one place at a time ($(grep -c '^invalid' "$damaged/ours.txt") refused)"

python3 interop/py/etsi_answers.py "$samples"

# Hand-over items: what `waarborg package translate` makes of a package, against our own reading of their shape (testdata/handover).
items=$samples/items
package=$(target/debug/examples/sample_package "$samples/package" 2>/dev/null | tail -1)
target/debug/waarborg package translate "$package" --as ts103707 --out "$items" >/dev/null
cp "$samples/handover-item.xml.txt" "$items/of-the-test.xml"
shape() { xmllint --nonet --noout --schema testdata/handover/ours-ts103707.xsd "$1" >/dev/null 2>&1; }
for item in "$items"/*.xml; do shape "$item" || { echo "not of the shape: $item"; exit 1; }; done
# It judges something: content, its address, a missing correlation and another type are refused.
bad=0
for change in 's|</coreParameters>|<messageBody>x</messageBody></coreParameters>|' 's|<binaryObject>|<binaryObject><url>https://x</url>|' \
    's|<applicationSequenceNumber>[0-9]*</applicationSequenceNumber>||' 's|"MessagingPayload"|"ContentPayload"|' 's|<timestamp>|<timestamp>x|'; do
    sed "$change" "$items/of-the-test.xml" >"$samples/bad-item.txt"
    cmp -s "$items/of-the-test.xml" "$samples/bad-item.txt" && { echo "this change changes nothing: $change"; exit 1; }
    shape "$samples/bad-item.txt" && { echo "accepted after $change"; exit 1; }
    bad=$((bad + 1))
done
echo "xmllint: $(ls "$items" | wc -l) hand-over items have the shape, $bad spoilt ones have not"
