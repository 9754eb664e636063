"""Checks a package's CAdES-B signature on PyPI `cryptography` primitives with a DER reader of its own; shares no code with
Waarborg, and none with openssl's CMS.

    python3 interop/py/cades_check.py PACKAGE.asice [CERT.pem]    prints who signed; exit status 1 with a line at a fault

CERT.pem is the certificate that the policy pins; without it the signer is unknown, which is said.
"""
import hashlib
import sys
import zipfile

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

DATA = "1.2.840.113549.1.7.1"
SIGNED_DATA = "1.2.840.113549.1.7.2"
CONTENT_TYPE = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
SIGNING_TIME = "1.2.840.113549.1.9.5"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
SHA256 = "2.16.840.1.101.3.4.2.1"
ECDSA_SHA256 = "1.2.840.10045.4.3.2"
RSA_SHA256 = "1.2.840.113549.1.1.11"
RSA = "1.2.840.113549.1.1.1"
RSA_PSS = "1.2.840.113549.1.1.10"


class Fault(Exception):
    pass


def elements(data):
    """(tag, content, whole) of each element of a constructed content."""
    out, at = [], 0
    while at < len(data):
        start, tag, length = at, data[at], data[at + 1]
        at += 2
        if length >= 0x80:
            count = length & 0x7F
            length = int.from_bytes(data[at:at + count], "big")
            at += count
        if at + length > len(data):
            raise Fault("cut off")
        out.append((tag, data[at:at + length], data[start:at + length]))
        at += length
    return out


def identifier(content):
    arcs, arc = [], 0
    for byte in content:
        arc = arc << 7 | byte & 0x7F
        if byte < 0x80:
            arcs.append(arc)
            arc = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, [first, arcs[0] - 40 * first] + arcs[1:]))


def only(items, what):
    if len(items) != 1:
        raise Fault(f"{len(items)} of {what}")
    return items[0]


def check(manifest, signature, pinned):
    info = elements(only(elements(signature), "ContentInfo")[1])
    if identifier(info[0][1]) != SIGNED_DATA:
        raise Fault("not SignedData")
    data = elements(only(elements(info[1][1]), "SignedData")[1])
    encapsulated = elements(data[2][1])
    if identifier(encapsulated[0][1]) != DATA or len(encapsulated) != 1:
        raise Fault("not a detached signature over data")
    certificates = [x509.load_der_x509_certificate(whole) for _, _, whole in elements(data[3][1])]
    signer = elements(only(elements(data[-1][1]), "SignerInfo")[1])
    serial = int.from_bytes(elements(signer[1][1])[1][1], "big")
    issuer = elements(signer[1][1])[0][2]
    certificate = only([c for c in certificates if c.serial_number == serial and c.issuer.public_bytes() == issuer], "the signer's certificate")
    der = certificate.public_bytes(serialization.Encoding.DER)
    if identifier(elements(signer[2][1])[0][1]) != SHA256:
        raise Fault("another digest algorithm")
    attributes = {}
    for _, content, _ in elements(signer[3][1]):
        kind, values = elements(content)
        attributes[identifier(kind[1])] = only(elements(values[1]), "attribute values")
    if set(attributes) != {CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME, SIGNING_CERTIFICATE_V2}:
        raise Fault(f"signed attributes {sorted(attributes)}")
    if attributes[MESSAGE_DIGEST][1] != hashlib.sha256(manifest).digest():
        raise Fault("another message digest")
    named = elements(elements(elements(attributes[SIGNING_CERTIFICATE_V2][1])[0][1])[0][1])
    if named[0][1] != hashlib.sha256(der).digest():
        raise Fault("another certificate is named")
    message, value = b"\x31" + signer[3][2][1:], signer[5][1]
    verify(certificate.public_key(), identifier(elements(signer[4][1])[0][1]), message, value)
    if pinned is not None and pinned.public_bytes(serialization.Encoding.DER) != der:
        raise Fault("not the pinned certificate")
    return certificate.subject.rfc4514_string() + ("" if pinned else " (signer unknown: no certificate given)")


def verify(key, algorithm, message, value):
    try:
        if algorithm == ECDSA_SHA256 and isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(value, message, ec.ECDSA(hashes.SHA256()))
        elif algorithm in (RSA, RSA_SHA256) and isinstance(key, rsa.RSAPublicKey):
            key.verify(value, message, padding.PKCS1v15(), hashes.SHA256())
        elif algorithm == RSA_PSS and isinstance(key, rsa.RSAPublicKey):
            key.verify(value, message, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
        else:
            raise Fault(f"algorithm {algorithm}")
    except InvalidSignature:
        raise Fault("the signature does not verify") from None


def main():
    pinned = None
    if len(sys.argv) > 2:
        with open(sys.argv[2], "rb") as file:
            pinned = x509.load_pem_x509_certificate(file.read())
    try:
        with zipfile.ZipFile(sys.argv[1]) as package:
            print("ok", check(package.read("META-INF/ASiCManifest.xml"), package.read("META-INF/signature.p7s"), pinned))
    except Exception as fault:  # a judge that crashes on bad input has judged it bad
        print(f"{type(fault).__name__}: {fault}")
        sys.exit(1)


if __name__ == "__main__":
    main()
