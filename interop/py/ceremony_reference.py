"""The ceremony's numbers, recomputed with PyPI `py_ecc` from the dealt shares alone; shares no code with Waarborg (TSE-14).

    python3 interop/py/ceremony_reference.py testdata/vectors/ceremony/two-of-three-then-three-of-four.txt

Interpolates each dealer's polynomial from the shares it dealt, and from it makes everything else again: commitments, the
dealer's proof, the sum (weighted with Lagrange's coefficients in a reshare), shares, parts and the proof of possession.
Exit status 1 when one number differs.
"""
import hashlib
import sys

from py_ecc.bls.hash_to_curve import hash_to_G1
from py_ecc.bls.point_compression import compress_G1, compress_G2
from py_ecc.optimized_bls12_381 import G2, curve_order as q, multiply

DEALING_DST = b"WAARBORG-V1-DEAL_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_"
POP_DST = b"WAARBORG-V1-POP_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_"


def g1(point):
    return compress_G1(point).to_bytes(48, "big").hex()


def g2(scalar):
    high, low = compress_G2(multiply(G2, scalar))
    return (high.to_bytes(48, "big") + low.to_bytes(48, "big")).hex()


def lagrange_at_zero(i, indexes):
    weight = 1
    for j in indexes:
        if j != i:
            weight = weight * j * pow(j - i, -1, q) % q
    return weight


def coefficients(points):
    """The polynomial through the points, lowest power first."""
    result = [0] * len(points)
    for i, (x, y) in enumerate(points):
        basis, scale = [1], 1
        for j, (other, _) in enumerate(points):
            if j != i:
                shifted = [0] + basis
                basis = [(s - other * b) % q for s, b in zip(shifted, basis + [0])]
                scale = scale * (x - other) % q
        scale = y * pow(scale, -1, q) % q
        result = [(r + scale * b) % q for r, b in zip(result, basis)]
    return result


def at(polynomial, x):
    return sum(c * pow(x, k, q) for k, c in enumerate(polynomial)) % q


def check(known, name, weights_are_lagrange):
    """Recomputes one ceremony; gives the number of values compared and the secret."""
    get = lambda key: known[f"{name}_{key}"]
    count = 0

    def same(key, value):
        nonlocal count
        count += 1
        if get(key) != value:
            print(f"verification failed: {name}_{key} is {get(key)}, the reference gives {value}")
            sys.exit(1)

    need, of = int(get("need")), int(get("of"))
    dealers = [int(d) for d in get("dealers").split(",")]
    total = [0] * need
    for dealer in dealers:
        shares = [(i, int(get(f"dealer_{dealer}_share_{i}"), 16)) for i in range(1, of + 1)]
        polynomial = coefficients(shares[:need])
        for i, share in shares:
            assert at(polynomial, i) == share, "a share off the polynomial"
        for power, c in enumerate(polynomial):
            same(f"dealer_{dealer}_commitment_{power}", g2(c))
        message = bytes.fromhex(get("context")) + bytes([dealer]) + bytes.fromhex(g2(polynomial[0]))
        same(f"dealer_{dealer}_possession", g1(multiply(hash_to_G1(message, DEALING_DST, hashlib.sha256), polynomial[0])))
        weight = lagrange_at_zero(dealer, dealers) if weights_are_lagrange else 1
        total = [(t + weight * c) % q for t, c in zip(total, polynomial)]
    for power, c in enumerate(total):
        same(f"polynomial_{power}", g2(c))
    hashed = hash_to_G1(bytes.fromhex(g2(total[0])), POP_DST, hashlib.sha256)
    for i in range(1, of + 1):
        same(f"share_{i}", at(total, i).to_bytes(32, "big").hex())
        same(f"part_{i}", g1(multiply(hashed, at(total, i))))
    same("possession", g1(multiply(hashed, total[0])))
    return count, total[0]


def main(path):
    known = {}
    with open(path, encoding="ascii") as file:
        for line in file:
            if not line.startswith("#"):
                key, value = line.rstrip("\n").split("=")
                known[key] = value
    first, key = check(known, "new", False)
    second, kept = check(known, "again", True)
    if key != kept:
        print("verification failed: the reshare made another key")
        sys.exit(1)
    print(f"{first + second} values, all the same")


main(sys.argv[1])
