#!/usr/bin/env bash
# A witness by another hand cosigns our log (docs/spec/log-interop.md section 5): `aics-witness` from PyPI, another author, another language,
# sharing no code with us. It cosigns tick by tick beside a witness of ours, both are wanted by the policy, and both are killed and come back.
# Then the log lies: the same keys sign another history of the same size. It must not be cosigned,
# and what the witness keeps must show it.
#
# Needs: cargo, python3 with venv. The package asks for Python 3.12; 3.11 (Debian 12) runs it too, which is why pip is told not to look.
# Everything lies below target/, listens on loopback, and ends with the script.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$PWD/${CARGO_TARGET_DIR:-target}/interop/witness
venv=$PWD/${CARGO_TARGET_DIR:-target}/interop/witness-venv
cargo test --workspace --locked --quiet --no-run
waarborg=$PWD/${CARGO_TARGET_DIR:-target}/debug/waarborg
[ -x "$venv/bin/aics-witness" ] || {
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install -q --disable-pip-version-check --ignore-requires-python aics-witness==0.1.0 aics-tlog==0.2.1
}
rm -rf "$out"
mkdir -p "$out/theirs"
origin=waarborg.example/orders/2026

passed=0
failed=0
check() { # what, wanted exit status, command...
    local what=$1 wanted=$2 status=0
    shift 2
    "$@" >>"$out/checks.log" 2>&1 || status=$?
    if [ "$status" = "$wanted" ]; then
        passed=$((passed + 1))
        echo "ok $what"
    else
        failed=$((failed + 1))
        echo "FAILED $what: exit $status, wanted $wanted"
    fi
}

declare -A running=()
finish() {
    local name
    for name in "${!running[@]}"; do kill -9 "${running[$name]}" 2>/dev/null || true; done
}
trap finish EXIT
run() { # name, command...
    local name=$1
    shift
    "$@" >>"$out/$name.log" 2>&1 &
    running[$name]=$!
}
# No message of the shell about it: the end is what we want.
end() { # name
    kill -9 "${running[$1]}"
    wait "${running[$1]}" 2>/dev/null || true
    unset "running[$1]"
}
ports() { python3 -c 'import socket
s = [socket.socket() for _ in range(7)]
[x.bind(("127.0.0.1", 0)) for x in s]
print(*[x.getsockname()[1] for x in s])'; }
read -r theirs_port ours_port third_port log_port twin_port log_submit_port twin_submit_port < <(ports)

size() { curl -s "http://127.0.0.1:$1/checkpoint" | sed -n 2p; }
# Until the log on this port has published at least this size; two minutes if nothing else is said.
grows() { # port, size, tries of a fifth of a second
    local _
    for _ in $(seq "${3:-600}"); do
        [ "$(size "$1")" -ge "$2" ] 2>/dev/null && return 0
        sleep 0.2
    done
    return 1
}
key() { # name of the file, name of the signer, options
    "$waarborg" keys new --name "$2" --out "$out/$1.key" --json "${@:3}" | python3 -c 'import json, sys; print(json.load(sys.stdin)["vkey"])'
}
log_vkey=$(key log "$origin")
ours_vkey=$(key ours ours.example/w1 --witness)
third_vkey=$(key third third.example/w1 --witness)
theirs_vkey=$("$venv/bin/aics-witness" init --config "$out/theirs/witness.json" --name aics.example/w1 --listen "127.0.0.1:$theirs_port" 2>/dev/null | head -1)
"$venv/bin/aics-witness" add-log --config "$out/theirs/witness.json" --origin "$origin" --vkey "$log_vkey" >/dev/null 2>&1

witness_config() { # name, port
    printf 'name = "%s.example/w1"\nlisten = "127.0.0.1:%s"\nstate_dir = "%s"\nsigning_key_file = "%s.key"\n[[logs]]\norigin = "%s"\nvkeys = ["%s"]\n' \
        "$1" "$2" "$1" "$1" "$origin" "$log_vkey" >"$out/$1.toml"
}
log_config() { # name, port, port for submitters, names and ports of its witnesses
    local name=$1 port=$2 submit_port=$3
    shift 3
    {
        printf 'kind = "orders"\norigin = "%s"\ninception_unix_s = %s\nstate_dir = "%s"\nsigning_key_file = "log.key"\n' "$origin" "$began" "$name"
        printf 'tlog_policy_file = "%s.policy"\ntick_interval_s = 1\nbatch_entries = 16\nwitness_timeout_ms = 2000\n' "$name"
        printf 'listen = "127.0.0.1:%s"\ndummy_keys_dir = "%s-dummies"\n' "$port" "$name"
        # Nobody hands anything in here: every leaf is a dummy.
        printf '[submit]\nlisten = "127.0.0.1:%s"\ncertificate_file = "tls.crt"\nprivate_key_file = "tls.pem"\nclient_certificates_sha256 = []\nleaves_per_tick_max = 1\n' "$submit_port"
        while [ $# != 0 ]; do
            printf '[[witnesses]]\nname = "%s"\nurl = "http://127.0.0.1:%s"\n' "$1" "$2"
            shift 2
        done
    } >"$out/$name.toml"
}
"$waarborg" keys certificate --purpose tls --organisation Example --out "$out/tls" >/dev/null
began=$(date +%s)
witness_config ours "$ours_port"
witness_config third "$third_port"
log_config log "$log_port" "$log_submit_port" ours "$ours_port" theirs "$theirs_port"
log_config twin "$twin_port" "$twin_submit_port" third "$third_port"
printf 'log %s\nwitness ours %s\nwitness theirs %s\ngroup W 2 ours theirs\nquorum W\n' "$log_vkey" "$ours_vkey" "$theirs_vkey" >"$out/log.policy"
printf 'log %s\nwitness third %s\ngroup W 1 third\nquorum W\n' "$log_vkey" "$third_vkey" >"$out/twin.policy"

echo "== both cosign, tick by tick"
"$waarborg" witness init "$out/ours.toml" >/dev/null
run ours "$waarborg" witness run "$out/ours.toml"
run theirs "$venv/bin/aics-witness" serve --config "$out/theirs/witness.json"
"$waarborg" log init "$out/log.toml" >/dev/null
run log "$waarborg" log run "$out/log.toml"
check "four ticks cosigned by both" 0 grows "$log_port" 64

echo "== killed, and back"
end theirs
before=$(size "$log_port")
sleep 3
check "nothing is published without its cosignature" 1 grows "$log_port" $((before + 32)) 10
run theirs "$venv/bin/aics-witness" serve --config "$out/theirs/witness.json"
check "it goes on when the witness is back" 0 grows "$log_port" $((before + 32))
end log
run log "$waarborg" log run "$out/log.toml"
check "it goes on when the log is back" 0 grows "$log_port" $((before + 96))
audit() { "$waarborg" log audit "http://127.0.0.1:$log_port" --kind orders --policy "$1" --tick-interval-s 1; }
sed "s|^witness theirs .*|witness theirs $third_vkey|" "$out/log.policy" >"$out/wrong.policy"
check "an audit finds both cosignatures" 0 audit "$out/log.policy"
check "an audit that asks for another key finds the quorum short" 11 audit "$out/wrong.policy"

echo "== the log lies"
honest=$(size "$log_port")
end log
"$waarborg" witness init "$out/third.toml" >/dev/null
run third "$waarborg" witness run "$out/third.toml"
"$waarborg" log init "$out/twin.toml" >/dev/null
run twin "$waarborg" log run "$out/twin.toml"
check "another history under the same key grows longer" 0 grows "$twin_port" $((honest + 64)) 1500
for name in theirs:$theirs_port ours:$ours_port; do
    check "${name%:*}: does not cosign it" 3 python3 interop/py/split_view.py "http://127.0.0.1:$twin_port" "http://127.0.0.1:${name#*:}"
done
# Not `grep -q`, which ends at its first find: the program before it would then fail to write the rest.
kept() { "$venv/bin/aics-witness" evidence --config "$out/theirs/witness.json" | grep "$origin" >/dev/null; }
check "theirs: keeps what it was shown" 0 kept
run log "$waarborg" log run "$out/log.toml"
check "the log goes on in the history that was cosigned" 0 grows "$log_port" $((honest + 16))
printf 'log %s\nwitness ours %s\nwitness third %s\ngroup W 1 ours third\nquorum W\n' "$log_vkey" "$ours_vkey" "$third_vkey" >"$out/either.policy"
check "whoever compares the two has evidence" 14 "$waarborg" log compare "http://127.0.0.1:$log_port" "http://127.0.0.1:$twin_port" --policy "$out/either.policy" --evidence "$out/evidence"
convicted() { "$waarborg" log evidence "$out"/evidence/* --key "$log_vkey" --key "$ours_vkey" --key "$third_vkey"; }
check "the log's own key convicts it" 0 convicted

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
