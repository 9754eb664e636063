"""Foreign verdicts on the cases of a folder, compared with the fourth column of `cases.txt`.

    judge.py FOLDER

xmlsec1 judges XML, openssl CMS, pyHanko PDF, jwcrypto JWS: each only whether the signature verifies, no trust.
"""

import asyncio
import base64
import json
import logging
import pathlib
import subprocess
import sys

from cryptography import x509
from jwcrypto import jwk, jws
from lxml import etree

IDS = ["urn:example:order:Order", "urn:example:default:Part", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"]


def run(*words):
    return subprocess.run(list(map(str, words)), capture_output=True, timeout=60).returncode == 0


def xml(path, folder):
    tree = etree.parse(str(path))
    found = tree.xpath("//*[local-name()='Signature' and not(ancestor::*[local-name()='Signature'])]")
    ids = [word for i in IDS for word in ("--id-attr:Id", i)]
    each = [f"(//*[local-name()='Signature' and not(ancestor::*[local-name()='Signature'])])[{n + 1}]" for n in range(len(found))]
    # The certificate's own trust is not the question here.
    return bool(found) and all(run("xmlsec1", "--verify", "--insecure", *ids, "--node-xpath", node, path) for node in each)


def cms(path, folder):
    beside = ["-content", folder / "letter.txt"] if path.suffix == ".p7s" else []
    # Only when asked does openssl compare the certificate with the one that CAdES names.
    root = ["-cades", "-CAfile", folder / "root.pem", "-purpose", "any"]
    trust = root if path.stem in ("cades", "tampered-certificate") else ["-noverify"]
    return run("openssl", "cms", "-verify", "-binary", "-inform", "DER", *trust, "-in", path, *beside, "-out", "/dev/null")


def jws_(path, folder):
    try:
        token = jws.JWS()
        token.deserialize(path.read_text())
        header = token.jose_header
        certificate = x509.load_der_x509_certificate(base64.b64decode(header["x5c"][0]))
        token.verify(jwk.JWK.from_pyca(certificate.public_key()))
        return True
    except Exception:
        return False


def pdf(path, folder):
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import async_validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    logging.disable(logging.CRITICAL)
    try:
        with path.open("rb") as file:
            signatures = PdfFileReader(file).embedded_regular_signatures
            if not signatures:
                return False
            outermost = asyncio.run(async_validate_pdf_signature(signatures[-1]))
            # A change that pyHanko's own difference analysis lets pass would count as "yes".
            is_whole = outermost.coverage == SignatureCoverageLevel.ENTIRE_FILE or outermost.modification_level in (
                ModificationLevel.NONE,
                ModificationLevel.LTA_UPDATES,
            )
            return outermost.intact and outermost.valid and is_whole
    except Exception:
        return False


JUDGES = {".xml": xml, ".p7m": cms, ".p7s": cms, ".jws": jws_, ".pdf": pdf}


def main():
    folder = pathlib.Path(sys.argv[1])
    passed = failed = 0
    for line in (folder / "cases.txt").read_text().splitlines():
        name, valid, _, expected, why = line.split(" | ")
        path = folder / name
        if expected == "-" or path.suffix not in JUDGES:
            continue
        said = "yes" if JUDGES[path.suffix](path, folder) else "no"
        if said == expected:
            passed += 1
        else:
            failed += 1
            print(f"FAILED  {name} ({why}): the foreign judge says {said}, expected {expected}; we say {valid}")
    print(f"foreign judges: {passed} passed, {failed} failed")
    return failed == 0


sys.exit(0 if main() else 1)
