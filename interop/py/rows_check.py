"""Counts a package's rows with readers that Waarborg did not write and compares them with statement.json.

Python's json and csv modules read each file by itself; they must agree with each other, with the queries, and with the
count, first and last of every ordered item.

    python3 interop/py/rows_check.py PACKAGE.asice      prints "ok N rows", or one line a fault and exit status 1
"""
import csv
import datetime
import hashlib
import io
import json
import sys
import zipfile


def text_of(value):
    """A JSON value as the CSV shows it, neutralising apart."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def category_rows(package, category, faults):
    raw = package.read(f"data/records/{category}.jsonl")
    lines = raw.split(b"\n")
    if lines.pop() != b"":
        faults.append(f"{category}: the last line has no line feed")
    rows = [json.loads(line) for line in lines]
    table = list(csv.DictReader(io.StringIO(package.read(f"data/records/{category}.csv").decode(), newline="")))
    if len(table) != len(rows):
        faults.append(f"{category}: {len(rows)} rows in JSONL, {len(table)} in CSV")
    for number, (row, cells) in enumerate(zip(rows, table), 1):
        if row["row_id"] != number or cells["row_id"] != str(number):
            faults.append(f"{category}: row {number} has another row_id")
        if not set(row) <= set(cells):
            faults.append(f"{category}: row {number} has keys without a column")
        for key in ("item", "datetime", "source_row"):
            if text_of(row.get(key)) != cells[key]:
                faults.append(f"{category}: row {number}: {key} differs")
        for key, cell in cells.items():
            if (key in row) != (cell != ""):
                faults.append(f"{category}: row {number}: {key} is there in one file only")
            if cell[:1] in "=+-@\t\r" and cell and not isinstance(row[key], int):
                faults.append(f"{category}: row {number}: {key} would be a formula")
    return rows, lines


def check(path):
    faults, total = [], 0
    with zipfile.ZipFile(path) as package:
        statement = json.loads(package.read("data/statement.json"))
        queries = json.loads(package.read("data/queries.json"))["queries"]
        categories = [entry["category"] for entry in statement["categories"]]
        rows = {}
        for category in categories:
            rows[category], lines = category_rows(package, category, faults)
            total += len(rows[category])
            counted = 0
            for query in (query for query in queries if query["category"] == category):
                run = lines[counted:counted + query["rows"]]
                counted += query["rows"]
                if hashlib.sha256(b"".join(line + b"\n" for line in run)).hexdigest() != query["rows_sha256"]:
                    faults.append(f"{category}: a query's digest does not fit its rows")
            if counted != len(rows[category]):
                faults.append(f"{category}: the queries gave {counted} rows")
        for number, item in enumerate(statement["items"], 1):
            times = sorted(row["datetime"] for row in rows[item["category"]] if row["item"] == number)
            for time in times:
                if datetime.datetime.fromisoformat(time).utcoffset() != datetime.timedelta(0):
                    faults.append(f"item {number}: {time} is not UTC")
            found = (len(times), times[0] if times else None, times[-1] if times else None)
            if found != (item["rows"], item.get("first"), item.get("last")):
                faults.append(f"item {number}: statement {item['rows']} rows, files {found}")
    return faults, total


def main():
    try:
        faults, total = check(sys.argv[1])
    except Exception as fault:  # a judge that crashes on bad input has judged it bad
        faults, total = [f"{type(fault).__name__}: {fault}"], 0
    for fault in faults:
        print(fault)
    if faults:
        sys.exit(1)
    print(f"ok {total} rows")


if __name__ == "__main__":
    main()
