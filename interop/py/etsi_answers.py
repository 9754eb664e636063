"""Reads with Python's own libraries what `standards::answer` wrote: manifest, hand-over item, a row for Timesketch.

    etsi_answers.py FOLDER
"""

import datetime
import hashlib
import json
import pathlib
import sys
import xml.etree.ElementTree as ET

folder = pathlib.Path(sys.argv[1])

manifest = json.loads((folder / "manifest.json").read_bytes())
for file in manifest["files"]:
    octets = file["name"].encode()  # the test's files contain their own names
    assert file["size"] == len(octets)
    for digest in file["digests"]:
        algorithm = {"SHA-256": "sha256", "SHA-512": "sha512"}[digest["algorithm"]]
        assert digest["value"] == hashlib.new(algorithm, octets).hexdigest()
until = datetime.date.fromisoformat(manifest["means"]["until"])
assert manifest["sender"] and manifest["recipient"] and manifest["order"]["reference"]
assert datetime.datetime.fromisoformat(manifest["at"]).utcoffset() == datetime.timedelta(0)
print(f"python: manifest of {len(manifest['files'])} files, digests recomputed, until {until}")

item = ET.parse(folder / "handover-item.xml.txt").getroot()
space = "{http://uri.etsi.org/03707/2020/02}"
assert item.tag == space + "handoverItem"
assert item.find(f"{space}payload/{space}coreParameters/{space}messageSender/{space}isTargetedParty").text == "true"
assert not [element for element in item.iter() if element.tag.endswith("}url")]
print("python: hand-over item, no address of content")

# https://timesketch.org/guides/user/import-from-json-csv/: three required fields, one time stamp in ISO 8601.
rows = [json.loads(line) for line in (folder / "record.jsonl").read_text().splitlines()]
for row in rows:
    assert isinstance(row["message"], str) and row["message"]
    assert isinstance(row["timestamp_desc"], str) and row["timestamp_desc"]
    datetime.datetime.fromisoformat(row["datetime"])
print(f"python: {len(rows)} row with message, datetime and timestamp_desc")
