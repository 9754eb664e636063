#!/bin/bash
# Runs the Synapse connector against two real servers with real end-to-end encrypted clients: one Synapse on
# PostgreSQL, one on SQLite. Ends by itself, stops what it started, removes what it made. Must run as root.
#
#   lab/synapse_test.sh [DIR]     DIR: where the servers live; a temporary directory by default, removed at the end
#
# Needs python3 with venv, the Debian package postgresql (fetched with apt-get if absent) and PyPI for the first run;
# the venv stays in target/lab/venv. Takes about two minutes after that.
set -euo pipefail

[ "$(id -u)" = 0 ] || { echo "synapse_test.sh: run as root (PostgreSQL needs a user of its own)" >&2; exit 2; }
ROOT=$(cd "$(dirname "$0")/.." && pwd)
DIR=${1:-$(mktemp -d)}
mkdir -p "$DIR"
DIR=$(cd "$DIR" && pwd)
chmod 755 "$DIR"
export VENV=$ROOT/target/lab/venv SERVER_NAME=waarborg.test
PASSWORD=pw-admin

if ! ls -d /usr/lib/postgresql/*/bin >/dev/null 2>&1; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql >/dev/null
fi
PGBIN=${PGBIN:-$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)}
if [ ! -x "$VENV/bin/register_new_matrix_user" ]; then
  mkdir -p "$(dirname "$VENV")"
  python3 -m venv "$VENV"
  "$VENV/bin/python" -m pip -q install 'matrix-synapse[postgres]==1.163.2' 'matrix-nio[e2e]==0.26.0'
fi

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
PG_PORT=$(free_port) HS_PG=$(free_port) HS_SQLITE=$(free_port)
export PG_PORT

stop() {
  for server in postgres sqlite; do
    [ -f "$DIR/$server/syn/pid" ] || continue
    pid=$(cat "$DIR/$server/syn/pid")
    kill "$pid" 2>/dev/null
    # It writes its log until it is gone, also into a directory that is being removed.
    for _ in $(seq 1 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
  done
  [ -d "$DIR/postgres/pg/data" ] && su postgres -c "'$PGBIN/pg_ctl' -D '$DIR/postgres/pg/data' -m fast stop" >/dev/null 2>&1
  # A directory that the caller named is the caller's.
  [ -n "${1:-}" ] || rm -rf "$DIR"
}
trap 'stop "${1:-}"' EXIT

up() { # database, port
  echo "== Synapse on $1"
  DB=$1 HS_PORT=$2 "$ROOT/lab/synapse_up.sh" "$DIR/$1" | tail -4
  "$VENV/bin/register_new_matrix_user" -c "$DIR/$1/syn/homeserver.yaml" -u admin -p "$PASSWORD" --admin "http://127.0.0.1:$2" >/dev/null
  "$VENV/bin/python" "$ROOT/lab/e2ee.py" --server "http://127.0.0.1:$2" 2>/dev/null
  "$VENV/bin/python" "$ROOT/lab/traffic.py" --server "http://127.0.0.1:$2" --admin-password "$PASSWORD" --out "$DIR/$1/said"
}
up postgres "$HS_PG"
up sqlite "$HS_SQLITE"

echo "== The server holds ciphertext only, except for trap 5"
SUPER=(-h 127.0.0.1 -p "$PG_PORT" -U postgres)
"$PGBIN/pg_dump" "${SUPER[@]}" synapse >"$DIR/dump.sql"
cat "$DIR"/sqlite/syn/homeserver.db* >"$DIR/dump.sqlite"
for dump in sql sqlite; do
  secret=$(grep -ac SECRET-PLAINTEXT "$DIR/dump.$dump" || true)
  trap5=$(grep -ac TRAP-5-PLAINTEXT "$DIR/dump.$dump" || true)
  echo "$dump: lines with the encrypted text $secret, with the trap's text $trap5"
  # Two commands: `set -e` does not see the first half of an `&&`.
  [ "$secret" = 0 ]
  [ "$trap5" -gt 0 ]
done

psql "${SUPER[@]}" -X -q -v ON_ERROR_STOP=1 -d synapse -f "$ROOT/crates/sources/sql/synapse-grants.sql"

echo "== The connector"
export WAARBORG_LAB_READER="host=127.0.0.1 port=$PG_PORT dbname=synapse user=waarborg_reader"
export WAARBORG_LAB_SUPERUSER="host=127.0.0.1 port=$PG_PORT dbname=synapse user=postgres"
export WAARBORG_LAB_SQLITE="$DIR/sqlite/syn/homeserver.db"
export WAARBORG_LAB_SAID_POSTGRES="$DIR/postgres/said" WAARBORG_LAB_SAID_SQLITE="$DIR/sqlite/said"
cd "$ROOT"
cargo test --workspace --locked --features sources/lab --test synapse --no-fail-fast
