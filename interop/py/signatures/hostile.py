"""Documents that cost a careless reader its memory or its time.

    hostile.py FOLDER CASES
"""

import pathlib
import sys
import zlib

LIMIT = 25 << 20


def main():
    folder, cases = map(pathlib.Path, sys.argv[1:])
    folder.mkdir(parents=True)
    order = (cases / "exclusive.xml").read_text()
    head, rest = order.split("?>", 1)
    put = lambda name, octets: (folder / name).write_bytes(octets if isinstance(octets, bytes) else octets.encode())
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    put("bomb.xml", f'{head}?><!DOCTYPE o [<!ENTITY l0 "lol">{lol}]><o>&l9;</o>')
    put("xxe.xml", f'{head}?><!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/passwd">]><o>&x;</o>')
    put("deep.xml", "<a>" * (LIMIT // 3))
    put("wide.xml", "<r>" + "<a/>" * (LIMIT // 4 - 2) + "</r>")
    put("texts.xml", "<r>" + "<a/>x" * 99_000 + "</r>")
    put("attributes.xml", "<r " + "".join(f"a{n}='' " for n in range(LIMIT // 12)) + "/>")
    put("namespaces.xml", "<r>" + "<a xmlns:b='u'/>" * (LIMIT // 17) + "</r>")
    put("long-text.xml", "<r>" + "x" * (LIMIT - 7) + "</r>")
    put("long-attribute.xml", "<r a='" + "x" * (LIMIT - 11) + "'/>")
    put("references.xml", "<r>" + "&amp;" * ((LIMIT - 10) // 5) + "</r>")
    put("large.xml", "<r>" + "x" * LIMIT + "</r>")
    put("comments.xml", "<r>" + "<!---->" * (LIMIT // 7 - 2) + "</r>")
    # Signed, then blown up: the digest no longer fits, which is seen after the canonical form was made.
    put("blown-up.xml", order.replace("W000001", "x" * (20 << 20)))
    put("signatures.xml", "<r>" + "<ds:Signature xmlns:ds='http://www.w3.org/2000/09/xmldsig#'/>" * 4000 + "</r>")
    put("nested.p7m", b"\x30\x80" * (1 << 20))
    put("lengths.p7m", b"\x30\x84\xff\xff\xff\xff" * 1000)
    put("pieces.p7m", b"\x30\x80" + b"\x24\x80" * 20 + b"\x04\x00" * (10 << 20))
    put("deep.jws", '{"a":' + "[" * (LIMIT - 10))
    put("wide.jws", '{"a":[' + "0," * 9_000_000 + "0]}")
    put("long.jws", "a." + "A" * (LIMIT - 10) + ".a")
    packed = zlib.compress(b" " * (1 << 30), 9)
    stream = b"1 0 obj\n<</Type/ObjStm/Filter/FlateDecode>>\nstream\n" + packed + b"\nendstream\nendobj\n"
    numbers = b"%010d %010d %010d"
    signed = b"2 0 obj\n<</Contents <00>/SubFilter/ETSI.CAdES.detached/ByteRange [0 " + numbers % (0, 0, 0) + b"]>>\nendobj\n%%EOF"
    for name, body in (("bomb.pdf", stream), ("streams.pdf", b"<<>>\nstream\n" * (LIMIT // 13)), ("ranges.pdf", b"/ByteRange " * 1_000_000)):
        data = b"%PDF-1.7\n" + body + signed
        gap = data.index(b"<00>")
        put(name, data.replace(numbers % (0, 0, 0), numbers % (gap, gap + 4, len(data) - gap - 4)))


main()
