#!/usr/bin/env bash
# An order that came from outside, from its signature to the package, with nothing but commands, in the house of `waarborg demo`:
# a foreign program signs an EPOC; it is checked, imported, attested by two, signed, sent, logged, approved, judged by eight trustees,
# produced; a stranger sees by whom it was attested and finds the original in the package. And what must not go through does not.
# Needs xmlsec1, openssl, curl, unzip, python3 with venv; Python packages go below target/.
#   interop/received_order.sh            builds, runs the demo and this at its end
#   interop/received_order.sh prepare    what has to be fetched from outside, for a run without a network
#   interop/received_order.sh inside     in the demo's folder, with every role running: waarborg demo --then "… inside"
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
venv="$root/target/signature-judges"
prepare() {
    "$venv/bin/python" -c 'import cryptography' 2>/dev/null && return 0
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check cryptography
}
case ${1:-} in
prepare) prepare && exit 0 ;;
inside) ;;
'')
    prepare
    cd "$root"
    cargo test --workspace --locked --quiet --no-run
    said=$(mktemp)
    trap 'rm -f "$said"' EXIT
    # The story itself is judged elsewhere; of it only a failure is shown.
    if target/debug/waarborg demo --dir target/demo-received --fresh --then "$here/received_order.sh inside" </dev/null >"$said" 2>&1; then
        grep -E '^(ok  |[0-9]+ passed)' "$said"
    else
        tail -40 "$said"
        exit 1
    fi
    exit 0
    ;;
*) sed -n '5,9p' "$0" && exit 2 ;;
esac

# Inside: the demo's folder, with every role running.
passed=0
ok() { passed=$((passed + 1)) && echo "ok  $1"; }
refused() { # refused CODE COMMAND…: it must end with this code, and not with success
    local code=$1 said
    shift
    if said=$("$@" 2>&1); then echo "NOT REFUSED ($code): $*" && exit 1; fi
    case $said in *"$code"*) ok "refused $code: $(grep -m1 "$code" <<<"$said" | cut -c1-110)" ;; *) echo "refused otherwise than $code: $said" && exit 1 ;; esac
}
mkdir received
desk=(--gateway "$WAARBORG_GATEWAY" --token provider/desk/desk.token)
letter() { # a court's EPOC for these data
    cat <<END
form = "EPOC"
deadlines = ["AS_SOON_AS_POSSIBLE"]
from = "$WAARBORG_FROM"
until = "$WAARBORG_UNTIL"
[issuing]
state = "NL"
kind = "JUDGE_COURT_OR_INVESTIGATING_JUDGE"
name = "Rechtbank Voorbeeld"
file_number = "2026-0042"
signed_on = "$(date -u +%F)"
[addressee]
name = "Demo Messenger"
[[identifiers]]
id = "1"
kind = "USER_ID"
value = "$WAARBORG_PERSON"
[[requested]]
class = "$1"
options = ["$2"]
[conditions]
offence = "fraud"
provision = "326 Sr"
thresholds = ["MAXIMUM_CUSTODIAL_THREE_YEARS"]
END
}
letter TRAFFIC TRAFFIC_OTHER >received/letter.toml
waarborg order translate received/letter.toml --out received/form.xml
# The same, with the enforcing authority notified: on hold for ten days.
{ letter TRAFFIC TRAFFIC_OTHER | sed 's/AS_SOON_AS_POSSIBLE/AT_THE_END_OF_TEN_DAYS/; s/2026-0042/2026-0044/' && printf '[enforcing]\nname = "Staatsanwaltschaft Beispiel"\n'; } >received/notified.toml
waarborg order translate received/notified.toml --out received/notified.xml
pins=$("$venv/bin/python" "$here/py/received_order.py" received received/form.xml received/notified.xml)
read -r operator court <<<"$pins"
ok "signed by xmlsec1: $(stat -c %s received/order.xml) octets"
cat >received/provider.toml <<END
names = ["Demo Messenger"]
identifiers = ["DE-DEMO"]
state = "DE"
services = []
answers = ["TRAFFIC_OTHER", "USER_INFORMATION"]
identifier_kinds = ["USER_ID"]
role = "CONTROLLER"
flagged = []
END
cat >received/registry.toml <<END
name = "registry of Demo Messenger"
wait_hours = 72
[[authorities]]
id = "nl.rechtbank-demo"
state = "NL"
name = "Rechtbank Voorbeeld"
kind = "JUDGE_COURT_OR_INVESTIGATING_JUDGE"
signs = ["SUBSCRIBER", "TRAFFIC"]
call_back = ["+31205550100"]
keys = ["$court"]
from = "2026-01-01"
until = "2036-01-01"
END
trust=(--provider received/provider.toml --trusted-list "received/list.tsl@$operator" --revocation-list received/root.crl --revocation-list received/issuing.crl)

# RGY-04, RGY-06: an edition is announced by the policy keys, stands in PUBLIC, and counts 72 hours later.
refused "" waarborg registry announce received/registry.toml --policy policy --key court/policy.key --out received/registry.statement
waarborg registry announce received/registry.toml --policy policy --key court/policy.key --key auditor/policy.key --out received/registry.statement
leaf=$(waarborg log publish received/registry.statement --log "$WAARBORG_PUBLIC")
curl --silent --fail --output received/registry.proof "$WAARBORG_PUBLIC/receipt/$leaf"
edition=received/registry.toml@received/registry
waiting=$(waarborg registry show "$edition" --policy policy)
case $waiting in *"waits until"*) ok "the registry stands in PUBLIC: $(head -1 <<<"$waiting")" ;; *) echo "$waiting" && exit 1 ;; esac
later=$(waarborg registry show "$edition" --policy policy --at "$(date -u -d '+73 hours' +%FT%TZ)")
case $later in *"in force"*) ok "73 hours from now: $(head -1 <<<"$later")" ;; *) echo "$later" && exit 1 ;; esac
held=$(waarborg order check received/order.xml "${trust[@]}" --policy policy --registry "$edition" --json)
case $held in *'"gate":4'*'"verdict":"hold"'*) ok "until then the order waits at gate 4" ;; *) echo "$held" && exit 1 ;; esac
importing=(--policy policy --authority nl.politie-demo --court nl.rechtbank-demo --attester attester-1 --attester attester-2)
refused "GAT-19" waarborg order import received/order.xml "${trust[@]}" --registry "$edition" "${importing[@]}" --out received/early.order

# 72 hours later, on somebody's word: this house lives for a minute only.
trust+=(--registry received/registry.toml@2026-10-01T00:00:00Z)
waarborg order check received/order.xml "${trust[@]}" >received/check.txt
grep -q "signature valid: yes; trusted at that time: yes; competent for this: yes" received/check.txt
ok "order check: every gate passes, $(grep -c ' pass ' received/check.txt) of them"
sed 's/2026-0042/2026-0043/' received/order.xml >received/changed.xml
refused "SIG-08" waarborg order check received/changed.xml "${trust[@]}"

waarborg order import received/order.xml "${trust[@]}" "${importing[@]}" --out received/x.order
digest=$(sha256sum received/order.xml | cut -c1-16)
for number in 1 2; do
    attest=(waarborg order attest received/x.order --key "provider/desk/attester-$number.key" --out "received/$number.attestation")
    refused "LOG-101" "${attest[@]}" --yes 00000000
    "${attest[@]}" --yes "$digest" >"received/attest-$number.txt"
    grep -q "$WAARBORG_PERSON" "received/attest-$number.txt"
done
ok "two compare original and what was understood, and sign"
refused "LOG-101" waarborg order attest received/x.order --key provider/desk/officer-1.key --yes "$digest" --out received/3.attestation
refused "LOG-101" waarborg order sign received/x.order --attestation received/1.attestation --out received/one.order
waarborg order import received/order.xml "${trust[@]}" "${importing[@]}" --out received/other.draft
refused "LOG-101" waarborg order sign received/other.draft --attestation received/1.attestation --attestation received/2.attestation --out received/other.order
waarborg order sign received/x.order --attestation received/1.attestation --attestation received/2.attestation --out received/signed.order >/dev/null
ok "order sign joins both attestations"

# What suffices is the policy's: subscriber data ask for a court's own key.
letter SUBSCRIBER USER_INFORMATION >received/subscriber.toml
call=(--called-back nl.rechtbank-demo,+31205550100,An,Bo)
waarborg order import received/subscriber.toml "${trust[@]}" "${call[@]}" "${importing[@]}" --out received/subscriber.order
keys=(--key provider/desk/attester-1.key --key provider/desk/attester-2.key)
waarborg order sign received/subscriber.order "${keys[@]}" --out received/subscriber.signed >/dev/null
refused "REL-11" waarborg order send received/subscriber.signed --gateway "$WAARBORG_GATEWAY"

before=$(ls provider/outbox)
receipt=$(waarborg order send received/signed.order --gateway "$WAARBORG_GATEWAY" --json)
case_id=$(sed -n 's/.*"case":"\([0-9a-f]*\)".*/\1/p' <<<"$receipt" | cut -c1-12)
for state in awaiting-approval awaiting-release; do
    waarborg case watch "$case_id" --until "$state" --limit-s 300 "${desk[@]}" >/dev/null
    for officer in 1 2; do
        waarborg case approve "$case_id" --key "provider/desk/officer-$officer.key" --yes "$case_id" "${desk[@]}" >/dev/null
    done
    ok "the gateway took it up to $state; two officers approve"
done
for _ in $(seq 1 1500); do
    new=$(comm -13 <(sort <<<"$before") <(ls provider/outbox | sort) | grep '\.p7m$' || true)
    [ -z "$new" ] || break
    sleep 0.2
done
[ -n "$new" ] || { echo "FAILED  no production lies in the outbox after five minutes"; exit 1; }
package=received/${new%.p7m}
waarborg package open "provider/outbox/$new" --certificate authority/delivery.crt --key authority/delivery.pem --out "$package" >/dev/null
waarborg-verify "$package" --policy policy >received/verdict.txt
grep -q "attested by .*attester-1" received/verdict.txt
ok "a stranger: $(grep -m1 -o 'attested by .*attester-1[^;.]*' received/verdict.txt | cut -c1-90)"
hash=$(sha256sum received/order.xml | cut -d' ' -f1)
unzip -p "$package" data/statement.json | grep "\"original\": *\"$hash\"\|\"original\":\"$hash\"" >/dev/null
unzip -p "$package" data/order/original.bin | cmp - received/order.xml
grep -q "^$hash  data/order/original.bin" <(unzip -p "$package" manifest-sha256.txt)
ok "the package holds the signed original, and its statement and manifest its SHA-256"
rows=$(unzip -p "$package" data/records/traffic.jsonl | wc -l)
[ "$rows" -gt 0 ]
ok "$rows rows of $WAARBORG_PERSON"

# The rows as hand-over items, for a system that reads TS 103 707.
waarborg package translate "$package" --as ts103707 --out received/items >/dev/null
[ "$(ls received/items | wc -l)" = "$rows" ]
if command -v xmllint >/dev/null; then
    xmllint --nonet --noout --schema "$root/testdata/handover/ours-ts103707.xsd" received/items/*.xml 2>/dev/null
    ok "$rows hand-over items of the shape"
fi

# On hold nothing is produced; what may reach its retention meanwhile is attested to preserve.
refused "GAT-19" waarborg order import received/notified.signed.xml "${trust[@]}" "${importing[@]}" --out received/notified.order
waarborg order import received/notified.signed.xml "${trust[@]}" "${importing[@]}" --preserve --out received/hold.draft
waarborg order sign received/hold.draft "${keys[@]}" --out received/hold.order >/dev/null
receipt=$(waarborg order send received/hold.order --gateway "$WAARBORG_GATEWAY" --json)
hold_id=$(sed -n 's/.*"case":"\([0-9a-f]*\)".*/\1/p' <<<"$receipt" | cut -c1-12)
waarborg case watch "$hold_id" --until awaiting-approval --limit-s 300 "${desk[@]}" >/dev/null
for officer in 1 2; do
    waarborg case approve "$hold_id" --key "provider/desk/officer-$officer.key" --yes "$hold_id" "${desk[@]}" >/dev/null
done
waarborg case watch "$hold_id" --until preserved --limit-s 300 "${desk[@]}" >received/hold.txt
ok "import --preserve: $(tail -1 received/hold.txt | cut -c1-100)"
[ "$(ls provider/outbox | wc -l)" = "$(($(wc -w <<<"$before") + 1))" ]
ok "and nothing of it lies in the outbox"
echo "$passed passed, 0 failed"
