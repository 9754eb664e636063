"""Adds to a laboratory Synapse what a connector must get right, and asks its admin API what is there.

    python traffic.py --server http://127.0.0.1:18008 --admin-password PW --out DIR [--domain waarborg.test]

Only the standard library. Users alice and bob exist (synapse_up.sh), admin is an administrator. Sends, with markers:
  - TRAP-5-PLAINTEXT: a plaintext message in an encrypted room, and one as the type of an event (trap 5)
  - a message after bob left (he must get no copy) and one after he came back
  - messages of the past through the application service, one of them with an impossible time
  - hostile display names, an e-mail address and a telephone number
Writes DIR/expected.json (what was sent) and DIR/admin.json (what the admin API answers: users, devices, whois).
"""

import argparse
import json
import os
import secrets
import urllib.parse
import urllib.request

HISTORY_MS = 1_700_000_000_000
HOSTILE_NAME = "=HYPERLINK(\"http://x\")\u202egpj.\u009b31m"


class Server:
    def __init__(self, base):
        self.base = base

    def call(self, method, path, body=None, token=None):
        request = urllib.request.Request(self.base + path, method=method)
        if token:
            request.add_header("Authorization", "Bearer " + token)
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, data, timeout=30) as answer:
            return json.load(answer)

    def login(self, user, password):
        body = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": user}, "password": password}
        return self.call("POST", "/_matrix/client/v3/login", body)["access_token"]

    def send(self, room, kind, content, token, query=""):
        path = f"/_matrix/client/v3/rooms/{quote(room)}/send/{quote(kind)}/{secrets.token_hex(8)}{query}"
        return self.call("PUT", path, content, token)["event_id"]


def quote(text):
    return urllib.parse.quote(text, safe="")


def text(body):
    return {"msgtype": "m.text", "body": body}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", required=True)
    parser.add_argument("--admin-password", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--domain", default="waarborg.test")
    args = parser.parse_args()
    server, domain = Server(args.server), args.domain
    alice, bob, admin = server.login("alice", "pw-alice"), server.login("bob", "pw-bob"), server.login("admin", args.admin_password)
    alice_id, bob_id = f"@alice:{domain}", f"@bob:{domain}"

    room = server.call("POST", "/_matrix/client/v3/createRoom", {"invite": [bob_id], "name": "TRAP-5-PLAINTEXT room name"}, alice)["room_id"]
    join = f"/_matrix/client/v3/rooms/{quote(room)}"
    server.call("POST", join + "/join", {}, bob)
    plain = server.send(room, "m.room.message", text("TRAP-5-PLAINTEXT in an encrypted room"), alice)
    typed = server.send(room, "TRAP-5-PLAINTEXT-type", {"a": "TRAP-5-PLAINTEXT"}, alice)
    server.call("POST", join + "/leave", {}, bob)
    alone = server.send(room, "m.room.encrypted", {"ciphertext": "x"}, alice)
    server.call("POST", join + "/invite", {"user_id": bob_id}, alice)
    server.call("POST", join + "/join", {}, bob)
    again = server.send(room, "m.room.encrypted", {"ciphertext": "x"}, alice)
    as_alice = f"?user_id={quote(alice_id)}&ts="
    token = "ASTOKEN_loadgen_test"
    history = server.send(room, "m.room.encrypted", {"ciphertext": "x"}, token, as_alice + str(HISTORY_MS))
    forged = server.send(room, "m.room.encrypted", {"ciphertext": "x"}, token, as_alice + "1")

    contacts = [{"medium": "email", "address": "alice@example.org"}, {"medium": "msisdn", "address": "31612345678"}]
    server.call("PUT", f"/_synapse/admin/v2/users/{quote(alice_id)}", {"threepids": contacts, "displayname": HOSTILE_NAME}, admin)

    os.makedirs(args.out, exist_ok=True)
    sent = {"room": room, "plain": plain, "typed": typed, "alone": alone, "again": again, "history": history, "forged": forged,
            "history_ms": HISTORY_MS, "name": HOSTILE_NAME}
    answers = {}
    for user in (alice_id, bob_id, f"@admin:{domain}"):
        answers[user] = {
            "user": server.call("GET", f"/_synapse/admin/v2/users/{quote(user)}", token=admin),
            "devices": server.call("GET", f"/_synapse/admin/v2/users/{quote(user)}/devices", token=admin),
            "whois": server.call("GET", f"/_synapse/admin/v1/whois/{quote(user)}", token=admin),
        }
    for name, value in (("expected.json", sent), ("admin.json", answers)):
        with open(os.path.join(args.out, name), "w", encoding="utf-8") as file:
            json.dump(value, file, indent=1)


if __name__ == "__main__":
    main()
