"""Checks the log fixture with programs that we did not write.

    verify.py DIR          accept (exit 0) or refuse (exit 1) a fixture directory

sigstore 4.5.1   inclusion (its Rekor code) and signed notes; internal names, hence the exact pin
pymerkle 7.0.0   whole roots, recomputed from the entries of our bundles
cryptography     Ed25519 of the 0x04 cosignature
Ours is only glue: file names, lines, and the comparison of tiles with hashes of the entries.
"""

import base64
import binascii
import hashlib
import struct
import sys
from pathlib import Path
from types import SimpleNamespace

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pymerkle import InmemoryTree
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import SignedCheckpoint
from sigstore.errors import VerificationError

SIZES = [1, 5, 256, 300, 1_000, 70_000]


class Refused(Exception):
    pass


def check(condition, what):
    if not condition:
        raise Refused(what)


def vkey(path):
    name, key_id, material = path.read_text().strip().split("+", 2)
    material = base64.b64decode(material, validate=True)
    digest = hashlib.sha256(name.encode() + b"\n" + material).digest()
    check(digest[:4].hex() == key_id, "key id")
    return name, material[0], digest[:4], Ed25519PublicKey.from_public_bytes(material[1:])


class Keyring:
    """What sigstore's note verification asks for; its key ids have 32 bytes, ours 4 and zeros."""

    def __init__(self, key_id, key):
        self.key_id, self.key = key_id, key

    def verify(self, *, key_id, signature, data):
        check(key_id[:4] == self.key_id, "foreign key id")
        try:
            self.key.verify(signature, data)
        except InvalidSignature as error:
            raise VerificationError("signature") from error


def split(note):
    text, _, lines = note.rpartition("\n\n")
    return text + "\n", lines.splitlines()


def open_note(note, log):
    """Signature of the log by sigstore; origin, size and root by three lines."""
    name, _, key_id, key = log
    text, lines = split(note)
    own = [line for line in lines if line.startswith(f"\u2014 {name} ")]
    check(len(own) == 1, "one log line")
    signed = SignedCheckpoint.from_text(text + "\n" + own[0] + "\n")
    signed.signed_note.verify(Keyring(key_id, key), key_id + bytes(28))
    origin, size, root = text.split("\n")[:3]
    check(text == f"{origin}\n{size}\n{root}\n" and origin == name, "three lines of this origin")
    return int(size), base64.b64decode(root, validate=True), text


def cosignature(note, text, witness):
    name, kind, key_id, key = witness
    check(kind == 4, "a witness key is of type 0x04")
    lines = [line.split(" ")[2] for line in split(note)[1] if line.startswith(f"\u2014 {name} ")]
    check(len(lines) == 1, "one witness line")
    payload = base64.b64decode(lines[0], validate=True)
    check(len(payload) == 76 and payload[:4] == key_id, "witness key id")
    (time,) = struct.unpack(">Q", payload[4:12])
    key.verify(payload[12:], f"cosignature/v1\ntime {time}\n{text}".encode())


def path_of(number):
    groups = [f"{number % 1000:03}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03}")
    return "/".join(groups)


def entries(directory, size):
    for number in range((size + 255) // 256):
        width = min(256, size - 256 * number)
        name = path_of(number) + ("" if width == 256 else f".p/{width}")
        data = (directory / "tile" / "entries" / name).read_bytes()
        at, count = 0, 0
        while at < len(data):
            check(at + 2 <= len(data), f"bundle {name} is cut off")
            end = at + 2 + int.from_bytes(data[at : at + 2], "big")
            check(end <= len(data), f"bundle {name} is cut off")
            yield data[at + 2 : end]
            at, count = end, count + 1
        check(count == width, f"bundle {name} has {count} entries")


def tiles(directory, row):
    """Each level's tiles against the hashes of the level below."""
    level = 0
    while row:
        for number in range((len(row) + 255) // 256):
            hashes = row[256 * number : 256 * number + 256]
            name = path_of(number) + ("" if len(hashes) == 256 else f".p/{len(hashes)}")
            stored = (directory / "tile" / str(level) / name).read_bytes()
            check(stored == b"".join(hashes), f"tile {level}/{name}")
        above = []
        for number in range(len(row) // 256):
            part = row[256 * number : 256 * number + 256]
            while len(part) > 1:
                part = [hashlib.sha256(b"\1" + part[i] + part[i + 1]).digest() for i in range(0, len(part), 2)]
            above.append(part[0])
        row, level = above, level + 1


def inclusion(directory, log, witness):
    text = (directory / "entry.tlog-proof").read_text()
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    check(lines[0] == "c2sp.org/tlog-proof@v1" and lines[1].startswith("index "), "tlog-proof")
    size, root, checkpoint = open_note(note, log)
    cosignature(note, checkpoint, witness)
    hashes = [base64.b64decode(line, validate=True) for line in lines[2:]]
    body = bytes.fromhex((directory / "entry.hex").read_text().strip())
    index = int(lines[1][6:])
    proof = SimpleNamespace(log_index=index, tree_size=size, hashes=hashes, root_hash=root)
    verify_merkle_inclusion(SimpleNamespace(_inner=SimpleNamespace(inclusion_proof=proof, canonicalized_body=body)))


def consistency(directory, old, new):
    """RFC 9162 section 2.1.4.2, written from the text: pymerkle has roots, sigstore has inclusion, neither has this."""
    (first, first_root), (second, second_root) = old, new
    path = [base64.b64decode(line, validate=True) for line in (directory / "consistency-1000-70000").read_text().split()]
    fn, sn = first - 1, second - 1
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for hash_ in path[1:]:
        check(sn != 0, "consistency proof too long")
        if fn & 1 or fn == sn:
            fr = hashlib.sha256(b"\1" + hash_ + fr).digest()
            sr = hashlib.sha256(b"\1" + hash_ + sr).digest()
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = hashlib.sha256(b"\1" + sr + hash_).digest()
        fn, sn = fn >> 1, sn >> 1
    check(sn == 0 and fr == first_root and sr == second_root, "consistency proof")


def verify(directory):
    log, witness = vkey(directory / "log.vkey"), vkey(directory / "witness.vkey")
    heads = {}
    for size in SIZES:
        note = (directory / "checkpoints" / str(size)).read_text()
        stated, root, _ = open_note(note, log)
        check(stated == size, "size of a checkpoint")
        heads[size] = root
    note = (directory / "checkpoint").read_text()
    size, root, text = open_note(note, log)
    check(heads[70_000] == root and size == 70_000, "the published checkpoint")
    cosignature(note, text, witness)
    inclusion(directory, log, witness)
    consistency(directory, (1_000, heads[1_000]), (70_000, heads[70_000]))
    tree, leaves = InmemoryTree(algorithm="sha256"), []
    for entry in entries(directory, 70_000):
        leaves.append(hashlib.sha256(b"\0" + entry).digest())
        tree.append_entry(entry)
    for size in SIZES:
        check(tree.get_root(size) == heads[size], f"pymerkle root at {size}")
    tiles(directory, leaves)


def main():
    try:
        verify(Path(sys.argv[1]))
    except (Refused, VerificationError, InvalidSignature, ValueError, binascii.Error, OSError) as error:
        print(f"refused: {type(error).__name__} {error}"[:120])
        sys.exit(1)
    print("accepted: sigstore, pymerkle, cryptography")


if __name__ == "__main__":
    main()
