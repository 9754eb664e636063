"""Checks an ASiC-E package's manifests: every digest, and that no file is unlisted. Shares no code with Waarborg.

Reads XML with a real parser and ZIP with Python's own module; says nothing about the signature, which openssl checks.

    python3 interop/py/asic_check.py PACKAGE.asice      prints "ok N files", or one line a fault and exit status 1
"""
import base64
import hashlib
import sys
import xml.etree.ElementTree as ElementTree
import zipfile

ASIC = "{http://uri.etsi.org/02918/v1.2.1#}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
MANIFEST = "META-INF/ASiCManifest.xml"
SIGNATURE = "META-INF/signature.p7s"
STAMP_MANIFEST = "META-INF/ASiCManifest-timestamp.xml"
STAMP = "META-INF/timestamp.tst"
# What the signed manifest cannot or need not list.
UNLISTED = {"mimetype", MANIFEST, SIGNATURE, STAMP_MANIFEST, STAMP}


def listed(package, name, signed_by, faults):
    """URI -> digest of a manifest."""
    root = ElementTree.fromstring(package.read(name))
    if root.tag != ASIC + "ASiCManifest":
        faults.append(f"{name}: root element {root.tag}")
    references = [element.get("URI") for element in root.findall(ASIC + "SigReference")]
    if references != [signed_by]:
        faults.append(f"{name}: signed by {references}, not by {signed_by}")
    digests = {}
    for element in root.findall(ASIC + "DataObjectReference"):
        uri = element.get("URI")
        if uri in digests:
            faults.append(f"{name}: {uri} twice")
        if element.find(DS + "DigestMethod").get("Algorithm") != SHA256:
            faults.append(f"{name}: {uri}: another digest algorithm")
        digests[uri] = base64.b64decode(element.find(DS + "DigestValue").text, validate=True)
    return digests


def compare(package, name, digests, faults):
    for uri, digest in digests.items():
        try:
            found = hashlib.sha256(package.read(uri)).digest()
        except KeyError:
            faults.append(f"{name}: {uri} is not there")
            continue
        if found != digest:
            faults.append(f"{name}: {uri} has another digest")


def bag(package, faults):
    """The bag's manifests again, both algorithms, without the bagit program."""
    names = package.namelist()
    payload = {name for name in names if name.startswith("data/")}
    tags = {name for name in names if "/" not in name and not name.startswith("tagmanifest-")}
    for algorithm in ("sha256", "sha512"):
        for name, expected in ((f"manifest-{algorithm}.txt", payload), (f"tagmanifest-{algorithm}.txt", tags)):
            entries = {}
            for line in package.read(name).decode().splitlines():
                digest, path = line.split("  ", 1)
                entries[path] = digest
            if set(entries) != expected:
                faults.append(f"{name}: lists other files: {sorted(set(entries) ^ expected)}")
            for path in set(entries) & expected:
                if hashlib.new(algorithm, package.read(path)).hexdigest() != entries[path]:
                    faults.append(f"{name}: {path} has another digest")
    info = dict(line.split(": ", 1) for line in package.read("bag-info.txt").decode().splitlines())
    octets = sum(package.getinfo(name).file_size for name in payload)
    if info.get("Payload-Oxum") != f"{octets}.{len(payload)}":
        faults.append("bag-info.txt: Payload-Oxum does not fit")


def check(path):
    faults = []
    with zipfile.ZipFile(path) as package:
        names = package.namelist()
        first = package.infolist()[0]
        if first.filename != "mimetype" or first.compress_type != zipfile.ZIP_STORED or first.extra:
            faults.append("mimetype is not first, stored and without extra field")
        if package.read("mimetype") != b"application/vnd.etsi.asic-e+zip":
            faults.append("another media type")
        if len(set(names)) != len(names):
            faults.append("two entries of one name")
        digests = listed(package, MANIFEST, SIGNATURE, faults)
        compare(package, MANIFEST, digests, faults)
        for name in names:
            if name not in UNLISTED and name not in digests:
                faults.append(f"{name} is not listed")
        if STAMP in names or STAMP_MANIFEST in names:
            stamped = listed(package, STAMP_MANIFEST, STAMP, faults)
            if set(stamped) != {MANIFEST, SIGNATURE}:
                faults.append(f"{STAMP_MANIFEST} lists {sorted(stamped)}")
            compare(package, STAMP_MANIFEST, stamped, faults)
        bag(package, faults)
    return faults, len(names)


def main():
    try:
        faults, count = check(sys.argv[1])
    except Exception as fault:  # a judge that crashes on bad input has judged it bad
        faults, count = [f"{type(fault).__name__}: {fault}"], 0
    for fault in faults:
        print(fault)
    if faults:
        sys.exit(1)
    print(f"ok {count} files")


if __name__ == "__main__":
    main()
