#!/usr/bin/env bash
# Gives one target its first inputs: the payloads of the verdict vectors and, where `waarborg demo` has run, its files.
#   fuzz/seed.sh TARGET      writes fuzz/corpus/TARGET/seed-*
# What belongs to the tree must be there: a target that lost its vectors would begin from nothing, and nobody would see it.
set -euo pipefail
cd "$(dirname "$0")"
target=$1
demo=../target/demo
corpus=corpus/$target
mkdir -p "$corpus"

put() { # standard input as a seed, named by what it is so that no pipe needs a counter
    local new=$corpus/new
    cat >"$new"
    mv "$new" "$corpus/seed-$(cksum <"$new" | tr ' ' -)"
}
fail() {
    echo "fuzz/seed.sh: $1" >&2
    exit 1
}
vectors() { # what follows the first empty line of each vector of these formats
    local format file
    for format in "$@"; do
        for file in ../testdata/vectors/"$format"/*; do
            [ -f "$file" ] || fail "no vectors of $format"
            sed '1,/^$/d' "$file" | put
        done
    done
}
known() { # values of the known answers of sealing.md, as octets
    local key value
    for key in "$@"; do
        value=$(sed -n "s/^$key=//p" ../testdata/vectors/sealing/vectors-sealing.txt)
        [ -n "$value" ] || fail "no known answer $key"
        printf "$(sed 's/../\\x&/g' <<<"$value")" | put
    done
}
files() { # at most 40 files of the demo
    local file
    for file in $(ls -d "$@" 2>/dev/null | head -40); do [ ! -f "$file" ] || put <"$file"; done
}
given() { # files of the tree: each of these names or patterns has some
    local word
    for word in "$@"; do
        compgen -G "$word" >/dev/null || fail "nothing is called $word"
        files $word
    done
}
packed() { # files inside the demo's package
    local package name
    for package in "$demo"/authority/*.asice; do
        [ -f "$package" ] || continue
        { unzip -Z1 "$package" "$1" 2>/dev/null || true; } | while read -r name; do
            unzip -p "$package" "$name" | put
        done
    done
}
part() { # the part called $1 of these files
    local name=$1 file len
    shift
    for file in "$@"; do
        [ -f "$file" ] || continue
        len=$(grep -a -m1 "^part $name " "$file" | cut -d' ' -f3) || continue
        sed "1,/^part $name /d" "$file" | head -c "$len" | put
    done
}
column() { # base64 values of a key in these files, decoded
    local key=$1 value
    shift
    { cat -- "$@" 2>/dev/null || true; } | sed -n "s/^$key //p" | head -40 | while read -r value; do
        base64 -d <<<"$value" | put
    done
}

case $target in
approval | intent | policy | statement | tlog-policy | tlog-proof | witness-request) vectors "$target" ;;
note) vectors note cosigned-checkpoint ;;
checkpoint) vectors checkpoint cosigned-checkpoint vkey log-path ;;
bundle) vectors bundle ;;
receipt) vectors receipt ;;
order) vectors order; files "$demo"/court/* "$demo"/authority/*.order ;;
case-paper) vectors order; files "$demo"/wrong/*.order ;;
record)
    compgen -G '../testdata/vectors/order/*.txt' >/dev/null || fail "no vectors of order"
    part record ../testdata/vectors/order/*.txt ../testdata/vectors/intent/*.txt
    ;;
split) vectors split-view ;;
names) printf 'phone:+31612345678' | put; printf 'ip:[2001:db8::1]:443' | put; printf '2026-04-01' | put ;;
selector) printf '\002@a:b.example' | put; printf '\004a@b.example' | put; printf '\003%018d' 0 | put ;;
ceremony-file) files "$demo"/ceremony/* ;;
committee-record) files "$demo"/approver-1/committee-* "$demo"/guardian-1/committee-* ;;
kept) part kept "$demo"/approver-1/kept "$demo"/guardian-1/kept ;;
trustee-clock) files "$demo"/*/seen ;;
node-key-file) files "$demo"/witness-1/witness.key "$demo"/provider/gateway/gateway.key "$demo"/approver-1/receipt.key ;;
log-state) files "$demo"/log-orders/state/state/* ;;
entry-bundle) files "$demo"/log-public/state/tile/entries/000.p/* ;;
sealer-commit) files "$demo"/provider/segments/commits/* ;;
segment | segment-proof) files "$demo"/provider/segments/segments/* ;;
run-index) # index and segment behind two octets that choose
    for runs in "$demo"/provider/segments/runs/*; do
        [ ! -f "$runs" ] || { printf '\0\0'; head -c 296 "$runs"; cat "${runs/runs/segments}"; } | put
    done
    ;;
bucket-proof) files "$demo"/provider/segments/crowns/* ;;
identity) known id_0 id_1 ;;
segment-leaf) known segment_leaf ;;
points) known U P_1 d_0 ;;
salt-proof) { printf '\001\001'; head -c 73 /dev/zero; } | put ;;
epoch-header) known epoch_header; column header "$demo"/provider/segments/headers/* ;;
evidence) packed 'data/evidence/*' ;;
package-json) packed '*.json' ;;
package-signature) packed '*.p7s' ;;
package-stamp) packed 'META-INF/*'; packed 'data/*.json' ;;
package-zip) files "$demo"/authority/*.asice ;;
delivery-envelope) files "$demo"/provider/outbox/* ;;
json-line)
    line=$(sed -n 's/^const GOOD: &str = r#"\(.*\)"#;$/\1/p' ../crates/sources/tests/json_lines.rs)
    [ -n "$line" ] || fail "the good line of the sources' tests is gone"
    printf %s "$line" | put
    ;;
member-heads) given ../testdata/fuzz/member-heads ;;
hi1-message) given '../testdata/etsi/etsi-103120/examples/*/*'; files ../target/etsi-samples/form-*.xml ;;
outside-tree) given '../testdata/etsi/etsi-103120/examples/*/*' '../testdata/fuzz/outside-tree/*'; files ../target/etsi-samples/form-*.xml ;;
eu-form) # the forms inside the messages that interop/etsi.sh made
    { sed -n 's/.*<doc:Contents>\(.*\)<\/doc:Contents>.*/\1/p' ../target/etsi-samples/form-*.xml 2>/dev/null || true; } | while read -r form; do base64 -d <<<"$form" | put; done ;;
order-intake) given ../docs/samples/epoc.xml '../testdata/signatures/etsi/*' ../testdata/signatures/cases/\*.{xml,p7m,pdf,jws} ;;
notice-letter) given ../testdata/fuzz/notice-letter ;;
followed-log) given ../testdata/fuzz/followed-log ;;
transcription) given ../docs/samples/received.toml ;;
registry) given ../docs/samples/registry.toml ../docs/samples/provider.toml ;;
trusted-list) given '../testdata/signatures/cases/*.tsl' ;;
revocation-list) given '../testdata/signatures/cases/*.crl' ;;
signed-xml) given '../testdata/signatures/cases/*.xml' '../testdata/signatures/cases/*.tsl' '../testdata/signatures/etsi/*.xml' '../testdata/fuzz/signed-xml/*' ;;
signed-cms) given '../testdata/signatures/cases/*.p7[ms]' '../testdata/signatures/cases/*.cr[tl]' ;;
signed-pdf) given '../testdata/signatures/cases/*.pdf' ;;
signed-jws) given '../testdata/signatures/cases/*.jws' '../testdata/signatures/etsi/*.json' ;;
canary-list) given ../docs/samples/canaries.toml ;;
canary-notes) # behind the octet that chooses the category: traffic is one of six
    for category in 0 1 2 3 4 5; do { printf "\\x0$category"; cat ../docs/samples/canary-notes.jsonl; } | put; done
    ;;
sample-statement) given '../testdata/fuzz/sample-statement/*' ;;
national-profile) given '../testdata/fuzz/national-profile/*' ;;
rule-file) # behind the octet that chooses the file, by the alphabet
    number=0
    for file in ../crates/law/rules/*.toml; do
        { printf "\\x0$number"; cat "$file"; } | put
        number=$((number + 1))
    done
    ;;
*) ;; # found from nothing
esac
