"""CMS and CAdES, signed by openssl."""

import subprocess

LETTER = "Vordering ex artikel 126n Sv, kenmerk W000001, rekening é\r\n".encode() * 3


def cases(world, parties, work):
    letter = work / "letter"
    letter.write_bytes(LETTER)

    def sign(party, *options, out="DER"):
        party = parties[party]
        chain = ("-certfile", party.chain_path) if party.chain else ()
        words = ["openssl", "cms", "-sign", "-binary", "-outform", out, "-in", letter, "-signer", party.pem_path, "-inkey", party.key_path]
        done = subprocess.run([*map(str, [*words, *chain, *options])], capture_output=True)
        assert done.returncode == 0, done.stderr[-800:]
        return done.stdout

    inside = ("-nodetach",)
    cades = (*inside, "-cades")
    two = sign("judge", *cades, "-signer", parties["p256"].pem_path, "-inkey", parties["p256"].key_path)
    good = sign("judge", *cades)
    ber = sign("judge", *cades, "-stream", "-indef")
    assert ber[1] == 0x80
    many = work / "many.pem"
    others = [p for name, p in parties.items() if name not in ("judge", "plain", "issuing")][:9]
    many.write_bytes(b"".join(p.pem_path.read_bytes() for p in others))
    four = [parties[name] for name in ("p256", "p384", "plain", "server")]
    five = [word for party in four for word in ("-signer", party.pem_path, "-inkey", party.key_path)]
    rows = [
        ("many-certificates.p7m", sign("plain", *inside, "-certfile", many), "SIG-01", "-", "-", "ten certificates"),
        ("five-signers.p7m", sign("judge", *inside, *five), "SIG-01", "-", "-", "five signers"),
        ("other-content-type.p7m", sign("judge", *inside, "-econtent_type", "1.2.3.4"), "SIG-20", "-", "yes", "content of another type"),
        ("pss-salt.p7m", sign("judge", *inside, "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:40"), "SIG-05", "-", "yes", "RSA-PSS with another salt than of the hash's length"),
        ("cades.p7m", good, "valid", "trusted", "yes", "content inside"),
        ("cades.p7s", sign("judge", "-cades"), "valid", "trusted", "yes", "content beside, in letter.txt"),
        ("cms.p7m", sign("judge", *inside), "valid", "trusted", "yes", "without a signed certificate name"),
        ("key-identifier.p7m", sign("judge", *cades, "-keyid"), "valid", "trusted", "yes", "signer named by key"),
        ("ber.p7m", ber, "valid", "trusted", "yes", "indefinite lengths"),
        ("two-signers.p7m", two, "valid valid", "trusted", "yes", "two signers"),
        ("ecdsa.p7m", sign("p256", *cades), "valid", "trusted", "yes", "elliptic curve"),
        ("sha512.p7m", sign("judge", *cades, "-md", "sha512"), "valid", "trusted", "yes", "longer digest"),
        ("pss.p7m", sign("judge", *cades, "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest"), "valid", "trusted", "yes", "RSA-PSS"),
        ("revoked.p7m", sign("revoked", *cades), "valid", "SIG-52", "-", "revoked"),
        ("sha1.p7m", sign("judge", *inside, "-md", "sha1"), "SIG-05", "-", "yes", "SHA-1"),
        ("weak-key.p7m", sign("weak", *inside), "SIG-05", "-", "-", "RSA of 1024 bits"),
        ("no-attributes.p7m", sign("judge", *inside, "-noattr"), "SIG-20", "-", "yes", "without signed attributes"),
        ("no-certificate.p7m", sign("judge", *inside, "-nocerts"), "SIG-06", "-", "-", "no certificate beside it"),
        ("tampered-content.p7m", good.replace(b"W000001", b"W000002", 1), "SIG-08", "-", "no", "one digit of the order"),
        ("tampered-certificate.p7m", good.replace(b"Rechtbank judge", b"Rechtbank Judge"), "SIG-09", "-", "no", "another certificate on the same key"),
        ("tampered-value.p7m", good[:-1] + bytes([good[-1] ^ 1]), "SIG-07", "-", "no", "the signature value"),
        ("inside-and-beside.p7s", good, "SIG-21", "-", "-", "content twice: inside, and in letter.txt"),
        ("nothing-beside.p7m", sign("judge", "-cades"), "SIG-21", "-", "-", "a detached signature without its content"),
        ("letter.txt", LETTER, "-", "-", "-", "the content of the detached signatures"),
    ]
    return rows
