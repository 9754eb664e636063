"""Makes damaged copies of HI-1 messages: one change each, so that two validators can be compared.

    etsi_damage.py FOLDER FILE...
"""

import pathlib
import re
import sys

folder = pathlib.Path(sys.argv[1])
number = 0


def put(text):
    global number
    (folder / f"{number:04}.xml").write_text(text, encoding="utf-8")
    number += 1


for name in sys.argv[2:]:
    text = pathlib.Path(name).read_text(encoding="utf-8")
    # What stands in the stubs' wildcards nobody's schema judges, and interception is not modelled by us.
    if "LITaskObject" in text or "GETCSPCONFIGResponse" in text:
        continue
    put(text)
    leaves = list(re.finditer(r"<([A-Za-z:0-9]+)>([^<>]+)</\1>", text))
    for leaf in leaves:
        if leaf.group(1).startswith("item"):
            continue
        value = leaf.group(2)
        start, end = leaf.span(2)
        for other in (value.upper(), value.lower(), value + "x", value[:-1], "", "+" + value, value.replace("Z", "+02:00"), value.replace("Z", "")):
            if other != value:
                put(text[:start] + other + text[end:])
        put(text[: leaf.start()] + text[leaf.end() :])  # without the element
        put(text[: leaf.end()] + leaf.group(0) + text[leaf.end() :])  # twice
        put(text[: leaf.start()] + f"<{leaf.group(1)} a='b'>{value}</{leaf.group(1)}>" + text[leaf.end() :])
