"""Compares a package's traffic rows with Synapse's own admin API and its database, by code that shares nothing with ours.

    python compare.py --rows traffic.jsonl --server URL --database "host=… dbname=…" --user @alice:waarborg.test \
        --admin-password PASSWORD --from UNIX --until UNIX

Expected are all message events, by anybody, in rooms that the user had joined when they were received, with received_ts in
[from, until). Exit code 0 only if sets and counts are equal.
"""

import argparse
import json
import subprocess
import sys
import urllib.parse
import urllib.request


def call(server, path, token=None, body=None):
    request = urllib.request.Request(server + path, data=None if body is None else json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", "Bearer " + token)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def query(database, sql):
    out = subprocess.run(["psql", database, "-X", "-qAt", "-F", "\t", "-c", sql], check=True, capture_output=True, text=True).stdout
    return [line.split("\t") for line in out.splitlines() if line]


def by_admin_api(args, token):
    """Event ids of messages in the user's rooms, from the admin API; times are the sender's there, so the database filters."""
    user = urllib.parse.quote(args.user)
    rooms = call(args.server, f"/_synapse/admin/v1/users/{user}/joined_rooms", token)["joined_rooms"]
    found = {}
    for room in rooms:
        start = ""
        while True:
            path = f"/_synapse/admin/v1/rooms/{urllib.parse.quote(room)}/messages?dir=b&limit=100" + (f"&from={start}" if start else "")
            page = call(args.server, path, token)
            for event in page["chunk"]:
                if event["type"] in ("m.room.encrypted", "m.room.message"):
                    found[event["event_id"]] = event["sender"]
            start = page.get("end")
            if not start or not page["chunk"]:
                break
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("rows", "server", "database", "user", "admin-password"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--from", dest="begin", type=int, required=True)
    parser.add_argument("--until", type=int, required=True)
    args = parser.parse_args()

    login = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": "admin"}, "password": args.admin_password}
    token = call(args.server, "/_matrix/client/v3/login", body=login)["access_token"]
    in_period = {
        row[0]
        for row in query(
            args.database,
            "select event_id from events where type in ('m.room.encrypted', 'm.room.message') "
            f"and received_ts >= {args.begin * 1000} and received_ts < {args.until * 1000}",
        )
    }
    expected = {event: sender for event, sender in by_admin_api(args, token).items() if event in in_period}

    rows = [json.loads(line) for line in open(args.rows, encoding="utf-8")]
    messages = [row for row in rows if row["interaction"] == "message"]
    got = {row["message_id"]: row for row in messages}
    problems = []
    if len(got) != len(messages):
        problems.append("a message stands twice")
    if set(got) != set(expected):
        problems.append(f"missing {sorted(set(expected) - set(got))}, too many {sorted(set(got) - set(expected))}")
    for event, row in got.items():
        sender = expected.get(event)
        if sender and (row["sender"] != "account:" + sender or (row["direction"] == "sent") != (sender == args.user)):
            problems.append(f"{event}: sender or direction differs")
    for row in rows:
        if args.user not in json.dumps(row):
            problems.append("a row is not about the person ordered")
    for problem in problems:
        print(problem)
    print(f"admin API and database: {len(expected)} messages; package: {len(messages)} messages in {len(rows)} rows")
    return not problems


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
