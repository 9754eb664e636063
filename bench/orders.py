"""Measures `waarborg order check` as people run it: a process of its own, its wall time and its peak memory as the kernel counted them.

    bench/orders.sh [--quick] [--json FILE]                     builds in release, then
    python3 bench/orders.py WAARBORG [--quick] [--json FILE]

1. A signed order of 100 kB: an EPOC with hundreds of identifiers, signed by xmlsec1, its certificate pinned in the registry.
2. Hostile documents: each has to be refused, or to fail the gate of its form or of its signature, with a code, within the bars,
   leaving no file behind. `limit-…` are as long as the reader goes; their figures are always shown.

Needs xmlsec1 and openssl. Exit status 1: a document is not refused, or a bar is missed by the median. Beside the wall's time stands the
processor's, which says what a machine shared with others would have needed alone.
"""

import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SAMPLES, CASES = ROOT / "docs/samples", ROOT / "testdata/signatures/cases"
ORDER_MS, HOSTILE_MS, HOSTILE_MIB = 50, 100, 64
LIMIT = 16 << 20  # of one document, in `order check`
READ = 5 << 20  # of XML and JSON (STD-01, SIG-01)
C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
SIGNATURE = f"""<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{C14N}"/>
<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/><ds:Reference URI=""><ds:Transforms>
<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="{C14N}"/></ds:Transforms>
<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>
<ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>"""


def run(program, folder, args):
    """(exit status, output, milliseconds, MiB, milliseconds of processor) of one process that starts in an empty folder."""
    with tempfile.TemporaryFile() as out:
        began = time.perf_counter()
        child = subprocess.Popen([program, *map(str, args)], cwd=folder, stdout=out, stderr=out, stdin=subprocess.DEVNULL, env={"HOME": folder})
        _, status, usage = os.wait4(child.pid, 0)
        ms = (time.perf_counter() - began) * 1_000
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        cpu = (usage.ru_utime + usage.ru_stime) * 1_000
        return child.returncode, out.read(1 << 20).decode("utf-8", "replace"), ms, usage.ru_maxrss / 1024, cpu


def signed_order(folder, size):
    """An EPOC of about `size` octets, its registry, and what xmlsec1 says of it."""
    one = """<Evidence><Identifier><Id>{0}</Id><Type>PHONE_NUMBER</Type><Value>+31612{0:06}</Value></Identifier><DateTimeRange>
<Start>2026-11-01T08:00:00Z</Start><End>2026-11-01T12:30:00Z</End></DateTimeRange></Evidence>
"""
    form = (SAMPLES / "epoc.xml").read_text()
    head, rest = form.split("<Evidence>")
    tail = rest.split("</Evidence>")[1]
    count = (size - len(head) - len(tail) - 2_600) // len(one.format(1))
    unsigned, signed, key, pem = (folder / name for name in ("unsigned.xml", "order.xml", "court.key", "court.pem"))
    body = "".join(one.format(at + 1) for at in range(count))
    unsigned.write_text((head + body + tail).replace("</Form1>", SIGNATURE + "\n</Form1>"))
    subject = ["-subj", "/O=Parket Voorbeeld/C=NL", "-addext", "basicConstraints=critical,CA:FALSE"]
    usage = ["-addext", "keyUsage=critical,digitalSignature,nonRepudiation", "-addext", "extendedKeyUsage=emailProtection"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650"]
    subprocess.run(["openssl", "req", "-x509", *curve, "-keyout", key, "-out", pem, *subject, *usage], check=True, capture_output=True)
    subprocess.run(["xmlsec1", "--sign", "--privkey-pem", f"{key},{pem}", "--output", signed, unsigned], check=True, capture_output=True)
    der = subprocess.run(["openssl", "x509", "-in", pem, "-outform", "DER"], check=True, capture_output=True).stdout
    pinned = __import__("hashlib").sha256(der).hexdigest()
    registry = folder / "registry.toml"
    text = (SAMPLES / "registry.toml").read_text()
    registry.write_text(text.replace('call_back = ["+31205550101"]', f'call_back = ["+31205550101"]\nkeys = ["{pinned}"]'))
    return signed, ["--provider", SAMPLES / "provider.toml", "--registry", f"{registry}@2026-08-18T00:00:00Z"]


def sparse(path, begin, size):
    """`begin`, then zeros up to `size`, which take no room on the disk."""
    with open(path, "wb") as file:
        file.write(begin)
        file.truncate(size)


def hostile(folder, signed):
    """Documents whose reading could cost more than their refusal, by what they try."""
    form = (SAMPLES / "epoc.xml").read_text()
    body = form.split("?>", 1)[1]
    xml = lambda kind, text: (folder / f"{kind}.xml").write_text(text)
    xml("xxe-file", f'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>{body.replace("2026-0042", "&x;")}')
    xml("xxe-address", f'<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:9/">]>{body.replace("2026-0042", "&x;")}')
    xml("xxe-parameter", f'<!DOCTYPE a [<!ENTITY % x SYSTEM "file:///dev/zero"> %x;]>{body}')
    xml("doctype-outside", f'<!DOCTYPE Form1 SYSTEM "file:///dev/random">{body}')
    levels = "".join(f'<!ENTITY e{at + 1} "{"&e%d;" % at * 10}">' for at in range(12))
    xml("entity-bomb", f'<!DOCTYPE a [<!ENTITY e0 "lol">{levels}]>{body.replace("2026-0042", "&e12;")}')
    xml("entity-square", f'<!DOCTYPE a [<!ENTITY e "{"a" * 100_000}">]>{body.replace("2026-0042", "&e;" * 100_000)}')
    xml("nesting", "<a>" * 5_000_000)
    xml("nesting-closed", "<a>" * 2_000_000 + "</a>" * 2_000_000)
    xml("elements", "<a>" + "<b/>" * 4_000_000 + "</a>")
    xml("attributes", "<a " + " ".join(f'a{at}="1"' for at in range(1_000_000)) + "/>")
    xml("attribute", f'<a b="{"x" * (15 << 20)}"/>')
    xml("namespaces", "<a " + " ".join(f'xmlns:n{at}="urn:n{at}"' for at in range(300_000)) + "/>")
    xml("namespaces-in-depth", "".join(f'<a xmlns:n{at}="urn:{at}">' for at in range(400_000)))
    xml("comments", "<a>" + "<!---->" * 2_000_000 + "</a>")
    xml("sections", "<a>" + "<![CDATA[x]]>" * 1_000_000 + "</a>")
    xml("references", "<a>" + "&#65;" * 3_000_000 + "</a>")
    xml("text", "<a>" + "x" * (15 << 20) + "</a>")
    xml("form-of-megabytes", form.replace("2026-0042", "x" * (15 << 20)))
    one = "<Evidence>" + form.split("<Evidence>")[1].split("</Evidence>")[0] + "</Evidence>"
    xml("form-of-identifiers", form.replace(one, one * 30_000))
    xml("instructions", "<a>" + "<?a?>" * 3_000_000 + "</a>")
    xml("name", "<" + "a" * (15 << 20) + "/>")
    (folder / "nesting.json").write_text("[" * 15_000_000)
    (folder / "nesting-objects.json").write_text('{"a":' * 3_000_000)
    (folder / "list.json").write_text('{"a":[' + "0," * 7_000_000 + "0]}")
    (folder / "names.json").write_text("{" + ",".join(f'"{at}":0' for at in range(1_200_000)) + "}")
    (folder / "number.json").write_text('{"a":' + "9" * (15 << 20) + "}")
    (folder / "escapes.json").write_text('{"a":"' + "\\u0041" * 2_500_000 + '"}')
    # As long as the reader goes and signatures are looked for (STD-01, SIG-01): what lies above is refused by its length, and costs less.
    xml("limit-text", "<a>" + "x" * (READ - 7) + "</a>")
    xml("limit-form", form.replace("2026-0042", "x" * (READ - len(form.encode()) + 9)))
    xml("limit-references", "<a>" + "&amp;" * 20_000 + "x" * (READ - 100_007) + "</a>")
    one = "<b>&amp;" + "x" * 100_000 + "</b>"
    xml("limit-referenced", "<a>" + one * 10 + "x" * (READ - 1_100_000) + "</a>")
    xml("limit-referenced-twice", "<a>" + one * 50 + "</a>")
    xml("limit-lines", "<a>" + "\n" * 100_000 + "x" * (READ - 100_007) + "</a>")
    xml("limit-returns", "<a>" + "\r" * 99_000 + "x\r\n" * 1_000 + "x" * (READ - 102_007) + "</a>")
    xml("limit-elements", "<a>" + ("<b>" + "x" * 250 + "</b>") * 19_998 + "</a>")
    xml("limit-attribute", '<a b="' + "\t&amp;" * 20_000 + '"/>')
    xml("limit-signed", "<a>" + "x" * (READ - 1_600) + SIGNATURE + "</a>")
    xml("limit-signed-returns", "<a>" + "x" * 1_000_000 + "\r\n" * 99_000 + "x" * (READ - 1_210_000) + SIGNATURE + "</a>")
    (folder / "limit-escapes.json").write_text('{"a":"' + "\\u0041" * ((READ - 8) // 6) + '"}')
    (folder / "limit-backslashes.json").write_text('{"a":"' + "\\u0041" * 500_000 + "x" * (READ - 3_000_010) + '"}')
    (folder / "limit-text.json").write_text('{"a":"' + "x" * (READ - 8) + '"}')
    (folder / "limit-payload.jws").write_text("eyJhbGciOiJFUzI1NiJ9." + "A" * (READ - 26) + ".AAAA")
    (folder / "dots.jws").write_text("ey" + "." * (15 << 20))
    (folder / "payload.jws").write_text("eyJhbGciOiJFUzI1NiJ9." + "A" * (15 << 20) + ".AAAA")
    (folder / "nesting.toml").write_text("a = " + "[" * 15_000_000)
    (folder / "keys.toml").write_text("a" + ".a" * 500_000 + " = 1")
    (folder / "tables.toml").write_text("[[identifiers]]\n" * 60_000)
    (folder / "letter.toml").write_text("x" * (15 << 20))
    (folder / "nesting.p7m").write_bytes(b"\x30\x84\x00\xff\xff\xf0" + b"\x30\x80" * 7_000_000)
    (folder / "pieces.p7m").write_bytes(b"\x30\x80" + b"\x24\x80" + b"\x04\x01a" * 4_000_000)
    (folder / "length.p7m").write_bytes(b"\x30\x84\xff\xff\xff\xff" + b"\0" * 100)
    (folder / "ranges.pdf").write_bytes(b"%PDF-1.7\n" + b"/ByteRange [0 1 2 3] " * 500_000)
    (folder / "streams.pdf").write_bytes(b"%PDF-1.7\n1 0 obj<</A 1>>stream\n" * 400_000)
    (folder / "names.pdf").write_bytes(b"%PDF-1.7\n" + b"/" * (15 << 20))
    for number, code in enumerate(("utf-16", "utf-16-le", "utf-32", "utf-7", "latin-1")):
        (folder / f"encoding-{code}.xml").write_bytes(form.replace("UTF-8", code).replace("Voorbeeld", "Vo\u00e9rbeeld").encode(code))
    (folder / "encoding-declared.xml").write_text(form.replace("UTF-8", "UTF-16"))
    (folder / "encoding-broken.xml").write_bytes(form.encode().replace(b"Voorbeeld", b"Vo\xc3\x28rbeeld"))
    (folder / "encoding-overlong.xml").write_bytes(form.encode().replace(b"2026-0042", b"\xc0\xbc2026"))
    (folder / "encoding-zero.xml").write_bytes(form.encode().replace(b"2026-0042", b"2026\x00"))
    (folder / "version.xml").write_text(form.replace('version="1.0"', 'version="1.1"').replace("2026-0042", "&#1;"))
    for kind, begin in (("xml", b"<a>"), ("json", b'{"a":"'), ("pdf", b"%PDF-1.7\n"), ("p7m", b"\x30\x84\x40\x00\x00\x00"), ("toml", b"form = 1")):
        sparse(folder / f"gigabyte.{kind}", begin, 1 << 30)
    sparse(folder / "zeros.xml", b"", LIMIT)
    for name in ("wrapped.xml", "wrapped-object.xml", "wrapped-twice.xml", "moved-out.xml", "part-only.xml", "two-references.xml", "comment-splits.xml"):
        (folder / f"signature-{name}").write_bytes((CASES / name).read_bytes())
    for name in ("bomb.pdf", "script-packed.pdf", "updated.pdf", "appended.pdf", "many-certificates.p7m", "five-signers.p7m", "name-twice.jws", "none.jws"):
        (folder / f"signature-{name}").write_bytes((CASES / name).read_bytes())
    text = signed.read_text()
    xml("signature-changed", text.replace("+31612000001", "+31612999999"))
    xml("signature-around", text.replace("<SectionA>", "<SectionA><!-- -->", 1))
    root = re.search("<Form1[^>]*>", text).group()
    xml("signature-wrapped", text.split("?>", 1)[1].join([root, "</Form1>"]))
    xml("signatures", text.replace("</Form1>", SIGNATURE * 20_000 + "</Form1>"))


def is_refused(status, said):
    """By a code: at the door (1), or by the gate of form or signature (3), never by a crash or a signal."""
    if status == 1:
        return re.search(r"^refused [A-Z]+-\d+", said, re.M)
    return status == 3 and re.search(r"GAT-0[12]\b", said)


def make(work):
    """Everything on disk, in a process of its own: what a child is seen to hold at most begins with what its parent holds."""
    made, corpus = (pathlib.Path(work, name) for name in ("made", "corpus"))
    made.mkdir()
    corpus.mkdir()
    order, context = signed_order(made, 100_000)
    hostile(corpus, order)
    (made / "context.json").write_text(json.dumps([str(order), *map(str, context)]))


def main():
    words = sys.argv[1:]
    if words[0] == "--make":
        return make(words[1])
    program, quick = os.path.abspath(words[0]), "--quick" in words
    tries = 3 if quick else 15
    rows, bad = [], 0
    with tempfile.TemporaryDirectory() as work:
        subprocess.run([sys.executable, __file__, "--make", work], check=True)
        made, corpus, empty = (pathlib.Path(work, name) for name in ("made", "corpus", "empty"))
        empty.mkdir()
        order, *context = json.loads((made / "context.json").read_text())
        order = pathlib.Path(order)
        answers = [run(program, empty, ["order", "check", order, *context]) for _ in range(tries)]
        assert "signature valid: yes; trusted at that time: yes" in answers[0][1], answers[0][1]
        ms, mib = statistics.median(a[2] for a in answers), max(a[3] for a in answers)
        worst = max(a[2] for a in answers)
        rows.append(("signed order", order.stat().st_size, answers[0][0], ms, worst, mib, statistics.median(a[4] for a in answers)))
        print(f"signed order of {order.stat().st_size:,} octets, {tries} runs: median {ms:.1f} ms, slowest {worst:.1f} ms, of the processor {statistics.median(a[4] for a in answers):.1f} ms, {mib:.1f} MiB (bar {ORDER_MS} ms)")
        bad += ms > ORDER_MS
        documents = sorted(corpus.iterdir())
        for document in documents:
            answers = [run(program, empty, ["order", "check", document, *context]) for _ in range(1 if quick else 3)]
            status, said = answers[0][:2]
            ms, worst, mib = statistics.median(a[2] for a in answers), max(a[2] for a in answers), max(a[3] for a in answers)
            cpu = min(a[4] for a in answers)
            rows.append((document.name, document.stat().st_size, status, ms, worst, mib, cpu))
            at_limit = document.name.startswith("limit-")
            why = [] if is_refused(status, said) else [f"NOT REFUSED: status {status}: {said[:300]!r}"]
            why += [f"{ms:.0f} ms ({cpu:.0f} of the processor)"] if ms > HOSTILE_MS or at_limit else []
            why += [f"{mib:.0f} MiB"] if mib > HOSTILE_MIB else []
            if why:
                bad += not at_limit or len(why) > 1 or ms > HOSTILE_MS
                print(f"  {document.name} ({document.stat().st_size:,} octets): {', '.join(why)}")
        left = list(empty.rglob("*"))
        bad += len(left)
        slow, big = max(rows[1:], key=lambda row: row[3]), max(rows[1:], key=lambda row: row[5])
        print(f"{len(documents)} hostile documents; slowest {slow[0]}: {slow[3]:.1f} ms; largest {big[0]}: {big[5]:.1f} MiB (bars {HOSTILE_MS} ms, {HOSTILE_MIB} MiB)")
        print(f"files left behind: {len(left)}")
    if "--json" in words:
        names = ("document", "octets", "status", "median_ms", "slowest_ms", "peak_mib", "processor_ms")
        pathlib.Path(words[words.index("--json") + 1]).write_text(json.dumps([dict(zip(names, row)) for row in rows], indent=1) + "\n")
    print("bars: " + ("reached" if bad == 0 else f"{bad} missed"))
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
