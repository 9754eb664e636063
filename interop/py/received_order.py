"""A court abroad, made of programs that are not ours: a qualified certificate (cryptography), a trusted list and an order, signed by xmlsec1.

    python3 received_order.py FOLDER UNSIGNED_FORM [MORE]     writes order.xml, list.tsl, root.crl, issuing.crl, and MORE.signed.xml
                                                              beside each further form; prints two SHA-256: that of the list's
                                                              operator, and that of the court's certificate
"""

import hashlib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "signatures"))
import pki  # noqa: E402
import xml_cases  # noqa: E402


def main():
    folder, forms = pathlib.Path(sys.argv[1]), [pathlib.Path(name) for name in sys.argv[2:]]
    world = pki.World(folder)
    signer = xml_cases.Signer(folder)
    operator = world.signer("operator", pki.rsa_key(), world.unknown, quality=None)
    court = world.signer("court", pki.rsa_key())
    for name, issuer in (("root", world.root), ("issuing", world.issuing)):
        (folder / f"{name}.crl").write_bytes(world.revocation_list(issuer))
    services = pki.service("Example Issuing", world.issuing.der, "granted", "2026-01-01T00:00:00Z")
    services += pki.service("Example Root", world.root.der, "granted", "2026-01-01T00:00:00Z")
    (folder / "list.tsl").write_bytes(signer.sign(pki.trusted_list(services, xml_cases.template()), operator, ids=()))
    end = "</Form1>"
    reference, properties = xml_cases.properties(court.der)
    signature = xml_cases.template(extra=reference, objects=properties)
    for number, form in enumerate(forms):
        text = form.read_text().replace(end, signature + end)
        out = folder / "order.xml" if number == 0 else form.with_suffix(".signed.xml")
        out.write_bytes(signer.sign(text, court, ids=("SignedProperties",)))
    print(hashlib.sha256(operator.der).hexdigest(), hashlib.sha256(court.der).hexdigest())


if __name__ == "__main__":
    main()
