#!/usr/bin/env python3
"""T4: what lies on the disks of provider and members after a demo does not tell who was asked for.

usage: interop/at_rest.py DEMO-FOLDER TARGET OTHER

TARGET and OTHER both have accounts and records; only TARGET stands in orders. The provider's own message store, its feed and the names beside
the salts hold everybody. So every file of the house is searched for TARGET in eight spellings, and a file that holds it in one in which it does
not hold OTHER tells who is under order. Members may know nobody. What authorities, the court and the person keep is theirs.
Exit status: 0 nothing found, 1 found, 2 usage or a search that proves nothing.
"""

import base64
import pathlib
import sys

EVERYBODYS = ("messenger/", "records.jsonl")


def spellings(name):
    yield "plain", name
    yield "hex", name.hex().encode()
    yield "HEX", name.hex().upper().encode()
    yield "json", name.replace(b":", b"\\u003a").replace(b"@", b"\\u0040")
    yield "utf-16", name.decode().encode("utf-16-le")
    # In the middle of other octets Base64 has three forms; its ends depend on the neighbours.
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + name)
        yield f"base64+{shift}", whole[4 if shift else 0 : len(whole) // 4 * 4 - 4]


def found(folder, name):
    hits = set()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            octets = path.read_bytes()
            place = str(path.relative_to(folder))
            hits.update((place, how) for how, needle in spellings(name) if needle in octets)
    return hits


def main():
    if len(sys.argv) != 4:
        print(__doc__.split("\n\n")[1])
        return 2
    demo, target, other = pathlib.Path(sys.argv[1]), sys.argv[2].encode(), sys.argv[3].encode()
    provider = demo / "provider"
    if not any(how.startswith("base64") for _, how in found(demo / "court", target)):
        print("the court's own order does not name the target: this search would find nothing anywhere")
        return 2
    theirs, others = found(provider, target), found(provider, other)
    if not others:
        print("the other person has no records: nothing to compare with")
        return 2
    telling = {hit for hit in theirs - others if not hit[0].startswith(EVERYBODYS)}
    members = [path for path in sorted(demo.iterdir()) if path.name.startswith(("approver-", "guardian-")) and path.is_dir()]
    telling |= {(f"{member.name}/{place}", how) for member in members for place, how in found(member, target)}
    logs = [path for path in sorted(demo.iterdir()) if path.name.startswith(("log-", "witness-")) and path.is_dir()]
    telling |= {(f"{log.name}/{place}", how) for log in logs for place, how in found(log, target)}
    files = [path for path in sorted(demo.glob("*.log")) if path.is_file()]
    telling |= {(path.name, how) for path in files for how, needle in spellings(target) if needle in path.read_bytes()}
    for place, how in sorted(telling):
        print(f"T4: {place} names {target.decode()} ({how})")
    print(
        f"{len(telling)} places tell who was asked for; searched: provider, {len(members)} members, {len(logs)} logs and witnesses, "
        f"{len(files)} messages of programs"
    )
    return 1 if telling else 0


sys.exit(main())
