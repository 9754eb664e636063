"""RFC 9180 base mode for one suite, written from the RFC on PyPI `cryptography` primitives; shares no code with Waarborg.

Anchors itself first: the published vector (DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, mode 0) gives enc for ikmE,
and the accumulated SHAKE128 digest over 1,000 sealed messages. Then prints single-shot answers for our vector file.

    python3 interop/py/hpke_reference.py            print the vector file
    python3 interop/py/hpke_reference.py FILE       exit 1 unless FILE is what would be printed
"""
import hashlib
import hmac
import sys

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEM = b"KEM" + (0x0020).to_bytes(2, "big")
SUITE = b"HPKE" + (0x0020).to_bytes(2, "big") + (0x0001).to_bytes(2, "big") + (0x0002).to_bytes(2, "big")


def extract(salt, ikm):
    return hmac.new(salt or bytes(32), ikm, hashlib.sha256).digest()


def expand(prk, info, length):
    out, block, n = b"", b"", 1
    while len(out) < length:
        block = hmac.new(prk, block + info + bytes([n]), hashlib.sha256).digest()
        out, n = out + block, n + 1
    return out[:length]


def labeled_extract(suite, salt, label, ikm):
    return extract(salt, b"HPKE-v1" + suite + label + ikm)


def labeled_expand(suite, prk, label, info, length):
    return expand(prk, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, length)


def derive_key(ikm):
    prk = labeled_extract(KEM, b"", b"dkp_prk", ikm)
    return labeled_expand(KEM, prk, b"sk", b"", 32)


def public(sk):
    return X25519PrivateKey.from_private_bytes(sk).public_key().public_bytes_raw()


def setup_sender(pk_r, info, sk_e):
    dh = X25519PrivateKey.from_private_bytes(sk_e).exchange(X25519PublicKey.from_public_bytes(pk_r))
    enc = public(sk_e)
    eae = labeled_extract(KEM, b"", b"eae_prk", dh)
    shared = labeled_expand(KEM, eae, b"shared_secret", enc + pk_r, 32)
    context = b"\0" + labeled_extract(SUITE, b"", b"psk_id_hash", b"") + labeled_extract(SUITE, b"", b"info_hash", info)
    secret = labeled_extract(SUITE, shared, b"secret", b"")
    return enc, labeled_expand(SUITE, secret, b"key", context, 32), labeled_expand(SUITE, secret, b"base_nonce", context, 12)


def seal(key, base, seq, aad, plaintext):
    nonce = (int.from_bytes(base, "big") ^ seq).to_bytes(12, "big")
    return AESGCM(key).encrypt(nonce, plaintext, aad)


PUBLISHED = {
    "info": "4f6465206f6e2061204772656369616e2055726e",
    "ikm_e": "2cd7c601cefb3d42a62b04b7a9041494c06c7843818e0ce28a8f704ae7ab20f9",
    "ikm_r": "dac33b0e9db1b59dbbea58d59a14e7b5896e9bdf98fad6891e99d1686492b9ee",
    "sk_r": "497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d",
    "pk_r": "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c",
    "enc": "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256",
    "encryptions_accumulated": "1702e73e1e71705faa8241022af1deea",
}


class Stream:
    """SHAKE128 of nothing, read as a stream."""

    def __init__(self):
        self.data, self.at = hashlib.shake_128(b"").digest(1 << 20), 0

    def read(self, n):
        self.at += n
        return self.data[self.at - n:self.at]


def anchor():
    p = {k: bytes.fromhex(v) for k, v in PUBLISHED.items()}
    assert derive_key(p["ikm_r"]) == p["sk_r"] and public(p["sk_r"]) == p["pk_r"]
    enc, key, base = setup_sender(p["pk_r"], p["info"], derive_key(p["ikm_e"]))
    assert enc == p["enc"]
    source, sealed = Stream(), b""
    for seq in range(1000):
        aad = source.read(source.read(1)[0])
        plaintext = source.read(source.read(1)[0])
        sealed += seal(key, base, seq, aad, plaintext)
    assert hashlib.shake_128(sealed).digest(16) == p["encryptions_accumulated"]


def cases():
    p = {k: bytes.fromhex(v) for k, v in PUBLISHED.items()}
    yield p["sk_r"], derive_key(p["ikm_e"]), p["info"], b"Count-0", b"Beauty is truth, truth beauty"
    for n, (info, aad, plaintext) in enumerate([(b"", b"", b""), (b"share", b"\x01\x02", bytes(range(32))), (bytes(163), b"", b"k" * 4096)]):
        yield derive_key(b"recipient %d" % n + bytes(32)), derive_key(b"sender %d" % n + bytes(32)), info, aad, plaintext


def text():
    lines = [
        "# HPKE (RFC 9180) base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM: one message per encapsulation.",
        "# Made by interop/py/hpke_reference.py, which first reproduces the published vector of this suite. Empty = zero octets.",
        "",
    ]
    for sk_r, sk_e, info, aad, plaintext in cases():
        enc, key, base = setup_sender(public(sk_r), info, sk_e)
        for name, value in [("sk_r", sk_r), ("pk_r", public(sk_r)), ("sk_e", sk_e), ("info", info), ("aad", aad),
                            ("plaintext", plaintext), ("sealed", enc + seal(key, base, 0, aad, plaintext))]:
            lines.append(f"{name}={value.hex()}")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    anchor()
    if len(sys.argv) == 2:
        with open(sys.argv[1], encoding="ascii") as file:
            if file.read() != text():
                print(f"verification failed: {sys.argv[1]} is not what the reference gives")
                sys.exit(1)
        print("same")
    else:
        sys.stdout.write(text())
