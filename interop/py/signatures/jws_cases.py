"""JWS, signed by jwcrypto."""

import base64
import json

from jwcrypto import jwk, jws

ORDER = {"Header": {"Version": "V1.23.1"}, "Payload": {"Reference": "W000001", "é": [1, True, None, "\u20ac\n"]}}


def b64(octets):
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def canonical(value):
    """RFC 8785 for texts and whole numbers, names in the basic plane."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def key_of(party):
    return jwk.JWK.from_pem(party.key_path.read_bytes())


def header_of(party, alg, **more):
    chain = [base64.b64encode(der).decode() for der in [party.der]]
    from cryptography.hazmat.primitives import serialization

    chain += [base64.b64encode(c.public_bytes(serialization.Encoding.DER)).decode() for c in party.chain]
    return {"alg": alg, "x5c": chain, **more}


def sign(payload, key, header, compact=True, unprotected=None):
    made = jws.JWS(payload)
    made.allowed_algs = [header["alg"]]
    made.add_signature(key, alg=header["alg"], protected=json.dumps(header), header=json.dumps(unprotected) if unprotected else None)
    return made.serialize(compact=compact)


def embedded(key, header, order=ORDER):
    protected = b64(json.dumps(header).encode())
    made = json.loads(sign(canonical(order), key, header, compact=False))
    assert made["protected"] == protected or made["protected"]
    return {**order, "Signature": {"protected": made["protected"], "signature": made["signature"]}}


def cases(world, parties):
    import hashlib

    judge, p256, ed = parties["judge"], parties["p256"], parties["ed25519"]
    payload = json.dumps(ORDER).encode()
    rs256 = header_of(judge, "RS256", typ="JOSE")
    good = sign(payload, key_of(judge), rs256)
    row = lambda name, text, valid, trust, foreign, why: (f"{name}.jws", text.encode(), valid, trust, foreign, why)
    message = embedded(key_of(judge), rs256)
    changed = {**message, "Payload": {**ORDER["Payload"], "Reference": "W000002"}}
    known = {"alg": "ES256", "x5t#S256": b64(hashlib.sha256(p256.der).digest())}
    unknown = {"alg": "RS256", "x5t#S256": b64(hashlib.sha256(judge.der).digest())}
    none = b64(b'{"alg":"none"}') + "." + b64(payload) + "."
    own = {"alg": "RS256", "jwk": json.loads(key_of(judge).export_public())}
    secret = jwk.JWK(kty="oct", k=b64(b"secret of thirty-two octets long"))
    flattened = sign(payload, key_of(judge), rs256, compact=False)
    several = jws.JWS(payload)
    several.add_signature(key_of(judge), protected=json.dumps(rs256))
    several.add_signature(key_of(p256), protected=json.dumps(header_of(p256, "ES256")))
    head, body, value = good.split(".")
    return [
        row("rs256", good, "valid", "trusted", "yes", "RSA"),
        row("ps256", sign(payload, key_of(judge), header_of(judge, "PS256")), "valid", "trusted", "yes", "RSA-PSS"),
        row("es256", sign(payload, key_of(p256), header_of(p256, "ES256")), "valid", "trusted", "yes", "elliptic curve"),
        row("es384", sign(payload, key_of(parties["p384"]), header_of(parties["p384"], "ES384")), "valid", "trusted", "yes", "elliptic curve"),
        row("eddsa", sign(payload, key_of(ed), header_of(ed, "EdDSA")), "valid", "trusted", "yes", "Ed25519"),
        row("flattened", flattened, "valid", "trusted", "yes", "JSON with its payload"),
        row("two-signers", several.serialize(), "valid valid", "trusted", "-", "two signers"),
        row("message", json.dumps(message, indent=2), "valid", "trusted", "-", "inside a TS 103 120 message, which is the payload"),
        row("known", sign(payload, key_of(p256), known), "valid", "trusted", "-", "names a certificate that the registry has"),
        row("not-known", sign(payload, key_of(judge), unknown), "SIG-06", "-", "-", "names a certificate that the registry does not have"),
        row("revoked", sign(payload, key_of(parties["revoked"]), header_of(parties["revoked"], "RS256")), "valid", "SIG-52", "-", "revoked"),
        row("signed-later", sign(payload, key_of(judge), {**rs256, "iat": 2064268800}), "valid", "SIG-55", "-", "claimed time"),
        row("hs256", sign(payload, secret, {"alg": "HS256"}), "SIG-05", "-", "-", "secret key: who checks could have signed"),
        row("none", none, "SIG-05", "-", "no", "no signature at all"),
        row("own-key", sign(payload, key_of(judge), own), "SIG-40", "-", "-", "brings a key of its own"),
        row("own-address", sign(payload, key_of(judge), {**rs256, "jku": "https://example.org"}), "SIG-40", "-", "-", "names an address to fetch a key from"),
        row("unprotected", sign(payload, key_of(judge), rs256, compact=False, unprotected={"kid": "x"}), "SIG-40", "-", "-", "a header that is not signed"),
        row("tampered-message", json.dumps(changed), "SIG-07", "-", "-", "one digit of the order"),
        row("tampered-payload", ".".join([head, b64(payload.replace(b"W000001", b"W000002")), value]), "SIG-07", "-", "no", "one digit of the order"),
        row("tampered-value", ".".join([head, body, ("B" if value[0] != "B" else "C") + value[1:]]), "SIG-07", "-", "no", "the signature value"),
        row("wrong-key-kind", sign(payload, key_of(p256), {**header_of(judge, "ES256")}), "SIG-05", "-", "-", "an algorithm that does not fit the certificate"),
        row("name-twice", json.dumps(message)[:-1] + ', "Payload": {}}', "SIG-41", "-", "-", "a name that stands twice"),
        row("unsigned", json.dumps(ORDER), "SIG-04", "-", "-", "no signature"),
    ]
