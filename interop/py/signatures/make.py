"""Makes signature cases with programs that we did not write: xmlsec1, openssl, pyHanko, jwcrypto.

    make.py FOLDER

FOLDER gets the cases, `cases.txt` (case | valid | trust | foreign judge | why), a trusted list, revocation lists and the
certificate of its operator. The keys stay in a temporary folder and are gone afterwards.
"""

import datetime as dt
import pathlib
import sys
import tempfile

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID

import pki
import xml_cases


def parties(world):
    p256 = lambda: ec.generate_private_key(ec.SECP256R1())
    made = {
        "judge": world.signer("judge", pki.rsa_key()),
        "p256": world.signer("p256", p256(), quality="1"),
        "p384": world.signer("p384", ec.generate_private_key(ec.SECP384R1())),
        "ed25519": world.signer("ed25519", ed25519.Ed25519PrivateKey.generate()),
        "plain": world.signer("plain", pki.rsa_key(), quality=None, extended=None),
        "device": world.signer("device", pki.rsa_key(), quality="1 device"),
        "expired": world.signer("expired", pki.rsa_key(), valid=(pki.FROM, dt.datetime(2026, 3, 1, tzinfo=pki.UTC))),
        "revoked": world.signer("revoked", pki.rsa_key()),
        "unlisted": world.signer("unlisted", pki.rsa_key(), world.silent),
        "stale-signer": world.signer("stale-signer", pki.rsa_key(), world.stale),
        "server": world.signer("server", pki.rsa_key(), extended=[ExtendedKeyUsageOID.SERVER_AUTH]),
        "encipher": world.signer("encipher", pki.rsa_key(), usage=dict(key_encipherment=True)),
        "stranger": world.signer("stranger", pki.rsa_key(), world.unknown),
        "withdrawn-signer": world.signer("withdrawn-signer", pki.rsa_key(), world.withdrawn),
        "weak": world.signer("weak", pki.rsa_key(1024)),
        "issuing": world.issuing,
        "both": world.signer("both", pki.rsa_key(), authority=True),
    }
    # SHA-1 in certificates is signed by no current library; openssl still does.
    made["sha1-issued"] = pki_sha1(world)
    self_signed = world._issue("self", "Rechtbank self", pki.rsa_key(), None, usage=dict(digital_signature=True))
    made["self"] = self_signed
    made["operator"] = world._issue("operator", "Example Supervisor", pki.rsa_key(), None, usage=dict(digital_signature=True))
    return made


def pki_sha1(world):
    import subprocess

    from cryptography import x509

    key = pki.rsa_key()
    party = world.signer("sha1-issued", key)
    request, out = world.folder / "sha1.csr", world.folder / "sha1.pem"
    run = lambda *words: subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
    run("req", "-new", "-key", party.key_path, "-subj", "/O=Rechtbank sha1", "-out", request)
    extensions = world.folder / "sha1.ext"
    extensions.write_text("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n")
    issuer = ("-CA", world.issuing.pem_path, "-CAkey", world.issuing.key_path, "-CAcreateserial")
    run("x509", "-req", "-in", request, *issuer, "-sha1", "-days", "3000", "-extfile", extensions, "-out", out)
    return pki.Party(world.folder, "sha1-issued", key, x509.load_pem_x509_certificate(out.read_bytes()), [world.issuing.certificate])


def lists(world, made, folder, signer):
    """The trusted list, its operator, the revocation lists."""
    services = (
        pki.service("Root for seals", world.root.der, "granted", "2026-01-01T00:00:00Z", pki.history("withdrawn", "2020-01-01T00:00:00Z"))
        + pki.service("Silent", world.silent.der, "granted", "2026-01-01T00:00:00Z")
        + pki.service("Stale", world.stale.der, "granted", "2026-01-01T00:00:00Z")
        + pki.service("Gone", world.withdrawn.der, "withdrawn", "2026-06-01T00:00:00Z", pki.history("granted", "2026-01-01T00:00:00Z"))
    )
    services += pki.service("Time stamps", world.unknown.der, "granted", "2026-01-01T00:00:00Z", kind="TSA/QTST")
    operator = made["operator"]
    text = pki.trusted_list(services, xml_cases.template())
    (folder / "list.tsl").write_bytes(signer.sign(text, operator, ids=()))
    (folder / "expired-operator.tsl").write_bytes(signer.sign(text, made["expired"], ids=()))
    text = pki.trusted_list(services, xml_cases.template(), version=4)
    (folder / "version-4.tsl").write_bytes(signer.sign(text, operator, ids=()))
    side_by_side = xml_cases.WITHOUT_SIGNATURES + xml_cases.transform(xml_cases.EXC)
    both = "".join(xml_cases.template(transforms=side_by_side, number=number) for number in (1, 2))
    both = signer.sign(pki.trusted_list(services, both), operator, ids=())
    (folder / "two-operators.tsl").write_bytes(signer.sign(both.decode(), operator, ids=(), number=2))
    (folder / "operator.crt").write_bytes(operator.der)
    (folder / "expired.crt").write_bytes(made["expired"].der)
    for issuer, revoked in ((world.root, []), (world.issuing, [made["revoked"]]), (world.withdrawn, []), (world.unknown, [])):
        (folder / f"{issuer.slug}.crl").write_bytes(world.revocation_list(issuer, revoked))
    old = dt.datetime(2026, 2, 1, tzinfo=pki.UTC)
    (folder / "stale.crl").write_bytes(world.revocation_list(world.stale, until=old))
    return folder


def main():
    import cms_cases
    import jws_cases
    import pdf_cases

    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        world = pki.World(work / "pki")
        made = parties(world)
        signer = xml_cases.Signer(work)
        lists(world, made, folder, signer)
        (folder / "root.pem").write_bytes(world.root.pem_path.read_bytes())
        (folder / "issuing.crt").write_bytes(world.issuing.der)
        (folder / "known.crt").write_bytes(made["p256"].der)
        cases = xml_cases.cases(world, made, signer)
        cases += cms_cases.cases(world, made, work)
        cases += jws_cases.cases(world, made)
        cases += pdf_cases.cases(world, made, work)
    rows = []
    for name, octets, valid, trust, foreign, why in cases:
        (folder / name).write_bytes(octets)
        rows.append(f"{name} | {valid} | {trust} | {foreign} | {why}\n")
    (folder / "cases.txt").write_text("".join(rows))
    print(len(rows), "cases")


main()
