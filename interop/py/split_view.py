"""Offers a witness the other history: the twin's head, with the twin's own proof of consistency from the size that the witness says it knows.

usage: split_view.py TWIN WITNESS     prefixes (http://...)
exit status: 0 it was cosigned, 3 it was refused, 1 anything else

Reads tiles (c2sp.org/tlog-tiles) and speaks add-checkpoint (c2sp.org/tlog-witness); shares no code with either side.
"""

import base64
import hashlib
import sys
import urllib.error
import urllib.request


def get(url):
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.read()


def tile_name(number):
    text = f"{number % 1000:03d}"
    while number >= 1000:
        number //= 1000
        text = f"x{number % 1000:03d}/{text}"
    return text


def leaves(log, size):
    hashes = []
    for number in range((size + 255) // 256):
        width = min(256, size - 256 * number)
        name = tile_name(number) + ("" if width == 256 else f".p/{width}")
        tile = get(f"{log}/tile/0/{name}")
        hashes += [tile[i : i + 32] for i in range(0, 32 * width, 32)]
    return hashes


def root(hashes):
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\x01" + root(hashes[:split]) + root(hashes[split:])).digest()


def consistency(old, hashes, is_whole=True):
    """RFC 6962 section 2.1.2, SUBPROOF."""
    if old == len(hashes):
        return [] if is_whole else [root(hashes)]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    if old <= split:
        return consistency(old, hashes[:split], is_whole) + [root(hashes[split:])]
    return consistency(old - split, hashes[split:], False) + [root(hashes[:split])]


def offer(witness, old, proof, body, log_line):
    """Status and text of the answer."""
    lines = b"".join(base64.b64encode(h) + b"\n" for h in proof)
    request = b"old %d\n" % old + lines + b"\n" + body + b"\n\n" + log_line + b"\n"
    try:
        answer = urllib.request.urlopen(urllib.request.Request(f"{witness}/add-checkpoint", data=request, method="POST"), timeout=10)
        return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read()


def main():
    twin, witness = sys.argv[1], sys.argv[2]
    body, lines = get(f"{twin}/checkpoint").split(b"\n\n", 1)
    size, stated = int(body.split(b"\n")[1]), base64.b64decode(body.split(b"\n")[2])
    hashes = leaves(twin, size)
    assert root(hashes) == stated, "the twin is a sound log of its own"
    log_line = lines.split(b"\n")[0]
    status, text = offer(witness, 0, [], body, log_line)
    assert status == 409, f"a witness that knows the log says which size it knows, not {status}"
    old = int(text)
    assert 0 < old < size, f"it knows {old}"
    status, text = offer(witness, old, consistency(old, hashes), body, log_line)
    print(f"{old} -> {size}: HTTP {status} {text[:80]!r}")
    return 0 if status == 200 else 3 if status in (409, 422) else 1


if __name__ == "__main__":
    sys.exit(main())
