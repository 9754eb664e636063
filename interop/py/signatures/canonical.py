"""Random XML documents, and whether lxml and xmllint bring them into the same canonical form as we do.

    canonical.py make FOLDER COUNT SEED
    canonical.py compare FOLDER
"""

import pathlib
import random
import re
import subprocess
import sys

from lxml import etree

PREFIXES = ["", "a", "b", "c", "long"]
# Without `&`: libxml2 writes it unescaped into namespace declarations, which is not XML any more.
SPACES = ["urn:x", "urn:y", "http://example.org/z?q=1"]
TEXTS = ["x", " \n\t", "é€😀", "&amp;", "&lt;", "&gt;", "&#13;", "&#x9;", "&#10;", "'", '&quot;', "]]&gt;", "<![CDATA[<&>]]>", "<!-- c -->", "\r\n", "&apos;"]
VALUES = ["v", "", " two  words ", "é", "&lt;", "&amp;", "&#9;", "&#10;", "&#13;", "line\nbreak", "tab\there", "&quot;", ">", "&apos;"]


def element(r, scope, depth):
    """(text, is anything left to write); scope: prefix -> namespace."""
    scope = dict(scope)
    declared = []
    for prefix in PREFIXES:
        if r.random() < 0.2:
            uri = r.choice(SPACES) if prefix else r.choice(SPACES + [""])
            scope[prefix] = uri
            declared.append(f'xmlns{":" if prefix else ""}{prefix}="{uri}"')
    usable = [p for p in scope if p]
    prefix = r.choice([""] + usable)
    name = (prefix + ":" if prefix else "") + r.choice(["e", "f", "Élan"])
    attributes, seen = [], set()
    for _ in range(r.randrange(4)):
        prefix, local = r.choice(["", "xml"] + usable), r.choice(["p", "q", "id2"])
        if prefix == "xml":
            local = r.choice(["lang", "space"])
        key = (scope.get(prefix) if prefix else None, local) if prefix != "xml" else ("xml", local)
        if key in seen:
            continue
        seen.add(key)
        value = r.choice(["preserve", "default"]) if local == "space" else r.choice(VALUES)
        attributes.append(f'{prefix + ":" if prefix else ""}{local}={r.choice([" ", ""])}"{value}"')
    parts = declared + attributes
    r.shuffle(parts)
    inside = ""
    for _ in range(r.randrange(4) if depth < 6 else 0):
        inside += r.choice(TEXTS) if r.random() < 0.5 else element(r, scope, depth + 1)
    head = "".join(r.choice([" ", "\n  ", "\t"]) + part for part in parts)
    if not inside and r.random() < 0.5:
        return f"<{name}{head}{r.choice(['', ' '])}/>"
    return f"<{name}{head}>{inside}</{name}{r.choice(['', ' '])}>"


def make(folder, count, seed):
    r = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        head = r.choice(["", '<?xml version="1.0" encoding="UTF-8"?>\n', "<!-- before -->"])
        text = head + element(r, {}, 0) + r.choice(["", "\n", "<!-- after -->"])
        (folder / f"{number}.xml").write_bytes(text.encode())


def compare(folder):
    compared = wrong = 0
    for path in sorted(folder.glob("*.xml")):
        exclusive = etree.tostring(etree.fromstring(path.read_bytes()), method="c14n", exclusive=True, with_comments=False)
        # xmllint keeps comments, so it gets the document without them. lxml's newer libxml2 writes a namespace again where the
        # same one stands further out already (Canonical XML 1.0, section 2.3 forbids it), so it judges the exclusive form only.
        plain = re.sub(rb"<!--.*?-->", b"", path.read_bytes())
        run = lambda option: subprocess.run(["xmllint", "--nonet", option, "-"], input=plain, capture_output=True, check=True).stdout
        foreign = {"exclusive": exclusive, "c14n10": run("--c14n"), "c14n11": run("--c14n11")}
        for ending, octets in foreign.items():
            compared += 1
            if path.with_suffix("." + ending).read_bytes() != octets:
                wrong += 1
                print(f"FAILED  {path} {ending}\n  ours:   {path.with_suffix('.' + ending).read_bytes()!r}\n  theirs: {octets!r}")
    print(f"canonical forms: {compared - wrong} passed, {wrong} failed")
    return wrong == 0 and compared > 0


folder = pathlib.Path(sys.argv[2])
if sys.argv[1] == "make":
    make(folder, int(sys.argv[3]), int(sys.argv[4]))
else:
    sys.exit(0 if compare(folder) else 1)
