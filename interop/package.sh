#!/usr/bin/env bash
# Judges a production package with programs that we did not write. Each accepts it, and refuses it with one octet changed.
#
#   interop/package.sh PACKAGE.asice… [--signer CERT.pem] [--tsa ROOTS.pem]
#                      [--envelope FILE.p7m --recipient CERT.pem --key KEY.pem] [--case]
#
# --signer     the certificate that the policy pins; without it the one inside the package is used, and that is said
# --tsa        roots of the time-stamp authority; needed if the package has a time stamp
# --envelope   the delivery of the same package, decrypted by openssl and compared
# --case       also case_validate (PyPI case-utils; about half a minute)
# Needs openssl, unzip, python3 with venv; bagit and cryptography (PyPI) go into a virtual environment below target/.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
usage() { sed -n '2,11p' "$0"; exit 2; }
packages=()
while [ $# -gt 0 ] && [[ $1 != --* ]]; do
    packages+=("$(realpath -e "$1")") || exit 2
    shift
done
[ ${#packages[@]} -gt 0 ] || usage
if [ ${#packages[@]} -gt 1 ]; then
    sum=0 bad=0
    for package in "${packages[@]}"; do
        echo "== $(basename "$package")"
        counts=$("$0" "$package" "$@" | tee /dev/stderr | tail -1)
        read -r p _ f _ <<<"$counts"
        sum=$((sum + p)) bad=$((bad + f))
    done 2>&1
    echo "$sum passed, $bad failed"
    [ "$bad" = 0 ]
    exit
fi
package=${packages[0]}
signer="" tsa="" envelope="" recipient="" key="" case=""
while [ $# -gt 0 ]; do
    case $1 in
    --case) case=yes; shift; continue ;;
    --signer | --tsa | --envelope | --recipient | --key) [ $# -ge 2 ] || usage ;;
    *) usage ;;
    esac
    path=$(realpath -e "$2") || exit 2
    printf -v "${1#--}" '%s' "$path"
    shift 2
done

work=$(mktemp -d "${TMPDIR:-/tmp}/package-judges.XXXXXX")
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
note() { # note RESULT NAME
    if [ "$1" = ok ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
    printf '%-7s %s\n' "$1" "$2"
}
accepts() { # accepts NAME COMMAND…
    local name=$1
    shift
    if "$@" >"$work/out" 2>&1; then note ok "$name"; else note FAILED "$name"; sed 's/^/        /' "$work/out" | tail -5; fi
}
refuses() { # refuses NAME COMMAND…
    local name=$1
    shift
    if "$@" >"$work/out" 2>&1; then note FAILED "$name: accepted"; else note ok "$name: refused"; fi
}
flip() { python3 "$here/py/flip.py" "$@"; }
# A bad copy of one file of the unzipped package: folder_with NAME
folder_with() {
    rm -rf "$work/bad"
    cp -R "$work/P" "$work/bad"
    chmod -R u+w "$work/bad"
    flip "$work/P/$1" "$work/bad/$1" last
}

venv=$root/target/venv-package
if ! "$venv/bin/python3" -c 'import bagit, cryptography' 2>/dev/null; then
    python3 -m venv "$venv" && "$venv/bin/python" -m pip install --quiet --disable-pip-version-check bagit==1.9.0 cryptography==48.0.0 ||
        { echo "no bagit or cryptography from PyPI"; exit 1; }
fi

# ZIP
zip_is_sound() { python3 -m zipfile -t "$1" 2>&1 | tee "$work/zip" && ! grep -q corrupted "$work/zip"; }
first_is_mimetype() { [ "$(unzip -Z1 "$1" | head -1)" = mimetype ]; }
flip "$package" "$work/crc.asice" entry data/statement.json
accepts "unzip -t" unzip -tqq "$package"
refuses "unzip -t, octet of data/statement.json changed" unzip -tqq "$work/crc.asice"
accepts "python zipfile -t" zip_is_sound "$package"
refuses "python zipfile -t, octet of data/statement.json changed" zip_is_sound "$work/crc.asice"
accepts "unzip -Z1: mimetype first" first_is_mimetype "$package"
unzip -qq "$package" -d "$work/P" || { note FAILED "unzip"; exit 1; }

# BagIt
validate() { "$venv/bin/python3" "$venv/bin/bagit.py" --validate --quiet "$1"; }
accepts "bagit.py --validate" validate "$work/P"
for file in data/statement.json bag-info.txt manifest-sha512.txt mimetype; do
    folder_with "$file"
    refuses "bagit.py --validate, octet of $file changed" validate "$work/bad"
done
rm "$work/bad/data/statement.json"
refuses "bagit.py --validate, data/statement.json missing" validate "$work/bad"

# CAdES
if [ -z "$signer" ]; then
    echo "note: no --signer; the certificate inside the package stands in for the pinned one"
    signer=$work/signer.pem
    openssl pkcs7 -inform DER -in "$work/P/META-INF/signature.p7s" -print_certs -out "$signer" 2>/dev/null
fi
signed() { # signed SIGNATURE CONTENT ROOTS
    openssl cms -verify -cades -binary -inform DER -in "$1" -content "$2" -CAfile "$3" -purpose any -no_check_time -out /dev/null
}
signature=$work/P/META-INF/signature.p7s
manifest=$work/P/META-INF/ASiCManifest.xml
flip "$manifest" "$work/manifest" last
flip "$signature" "$work/signature" last
python3 - "$signature" "$manifest" "$work/attribute" <<'PY'
import hashlib, sys
content = bytearray(open(sys.argv[1], "rb").read())
content[content.index(hashlib.sha256(open(sys.argv[2], "rb").read()).digest())] ^= 1
open(sys.argv[3], "wb").write(content)
PY
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null -out "$work/other.pem" -subj /O=Other -days 2 2>/dev/null
accepts "openssl cms -verify -cades" signed "$signature" "$manifest" "$signer"
refuses "openssl cms -verify -cades, octet of ASiCManifest.xml changed" signed "$signature" "$work/manifest" "$signer"
refuses "openssl cms -verify -cades, octet of the signature value changed" signed "$work/signature" "$manifest" "$signer"
refuses "openssl cms -verify -cades, octet of the signed digest changed" signed "$work/attribute" "$manifest" "$signer"
refuses "openssl cms -verify -cades, another root" signed "$signature" "$manifest" "$work/other.pem"

# A second reader of the signature, in another language
cades() { "$venv/bin/python3" "$here/py/cades_check.py" "$1" "$2"; }
for file in META-INF/ASiCManifest.xml META-INF/signature.p7s; do
    flip "$package" "$work/forged.asice" forge "$file"
    refuses "cades_check.py, octet of $file changed" cades "$work/forged.asice" "$signer"
done
accepts "cades_check.py" cades "$package" "$signer"
refuses "cades_check.py, another certificate" cades "$package" "$work/other.pem"

# Manifest digests and rows, in another language
accepts "asic_check.py" python3 "$here/py/asic_check.py" "$package"
accepts "rows_check.py" python3 "$here/py/rows_check.py" "$package"
first_rows=$(unzip -Z1 "$package" | grep '^data/records/.*csv$' | head -1)
flip "$package" "$work/dropped.asice" drop "$first_rows"
refuses "rows_check.py, last line of $first_rows taken away" python3 "$here/py/rows_check.py" "$work/dropped.asice"
for file in data/statement.json META-INF/waarborg-log.json "$first_rows" bag-info.txt; do
    flip "$package" "$work/forged.asice" forge "$file"
    refuses "asic_check.py, octet of $file changed" python3 "$here/py/asic_check.py" "$work/forged.asice"
done
flip "$package" "$work/added.asice" add data/order/added.txt
refuses "asic_check.py, a file added" python3 "$here/py/asic_check.py" "$work/added.asice"

# Time stamp
token=$work/P/META-INF/timestamp.tst
if [ -f "$token" ]; then
    stamped() { openssl ts -verify -data "$2" -in "$1" -token_in -CAfile "$tsa" -no_check_time; }
    stamp_manifest=$work/P/META-INF/ASiCManifest-timestamp.xml
    flip "$stamp_manifest" "$work/stamp-manifest" last
    flip "$token" "$work/token" last
    if [ -z "$tsa" ]; then
        note FAILED "the package has a time stamp and no --tsa is given"
    else
        accepts "openssl ts -verify" stamped "$token" "$stamp_manifest"
        refuses "openssl ts -verify, octet of the stamped manifest changed" stamped "$token" "$work/stamp-manifest"
        refuses "openssl ts -verify, octet of the token changed" stamped "$work/token" "$stamp_manifest"
    fi
fi

# Delivery
if [ -n "$envelope" ]; then
    opened() { openssl cms -decrypt -inform DER -in "$1" -recip "$recipient" -inkey "$2" -out "$work/opened" && cmp "$work/opened" "$package"; }
    flip "$envelope" "$work/envelope" last
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out "$work/other.key" 2>/dev/null
    is_authenticated() { openssl cms -cmsout -print -noout -inform DER -in "$envelope" | grep 'id-smime-ct-authEnvelopedData' >/dev/null; }
    accepts "openssl cms: AuthEnvelopedData" is_authenticated
    accepts "openssl cms -decrypt" opened "$envelope" "$key"
    refuses "openssl cms -decrypt, octet of the tag changed" opened "$work/envelope" "$key"
    refuses "openssl cms -decrypt, another key" opened "$envelope" "$work/other.key"
fi

# CASE
if [ -n "$case" ]; then
    "$venv/bin/python3" -c 'import case_utils' 2>/dev/null || "$venv/bin/python" -m pip install --quiet case-utils==0.18.0
    # A misspelt concept only warns, with exit status 0: any warning is a failure.
    conforms() { "$venv/bin/case_validate" "$1" >"$work/case" 2>&1 && ! grep -qi warning "$work/case"; }
    sed 's/InvestigativeAction/InvestigativeActoin/' "$work/P/data/case.jsonld" >"$work/bad.jsonld"
    accepts "case_validate" conforms "$work/P/data/case.jsonld"
    refuses "case_validate, a concept misspelt" conforms "$work/bad.jsonld"
fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
