#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Whatever STS does, the person reads AWS's own words, an SDK gets a whole document
# or none, what may pass is tried again, and what is live stays served.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

sts() {
	echo "$1" >"$tree/behaviour.new"
	mv "$tree/behaviour.new" "$tree/behaviour"
}

# tries ID: how often STS was asked for that session.
tries() {
	grep -c " $1\$" "$tree/sts.log" || true
}

# ask_for BEHAVIOUR: a new session while STS does that; sets id.
ask_for() {
	sts "$1"
	id=$(as ann jitctl request orders-support tenant=acme --reason "a test" </dev/null)
	as bob jitctl approve "$id" >/dev/null
}

# failed_with WORDS: what is said of the session.
failed_with() {
	is_state ann "$id" failing && as ann jitctl status | grep -A3 "$id" | grep -F -- "$1"
}

# refuses STATUS WORDS: to an SDK and to a person.
refuses() {
	poll 30 failed_with "$2"
	status=0
	as ann jit-credentials --session "$id" >"$tree/.out" 2>"$tree/.err" || status=$?
	equals "$(cat "$tree/.out")" ""
	equals "$(wc -l <"$tree/.err")" 1
	[ "$(wc -c <"$tree/.err")" -le 200 ] || fail "too long: $(cat "$tree/.err")"
	equals $status "$1"
	contains "$(as ann jitctl status)" "$2"
	as ann jit-credentials --session "$good" | cmp - "$tree/document"
	lacks "$(cat "$tree/.err" "$tree/ann-agent.log")" MARKER
}

is_ready() {
	is_state ann "$id" ready
}

tried_again() {
	[ "$(tries "$id")" -gt "$1" ]
}

sts sts
start sts /usr/bin/python3 "$root/tests/faults/fickle_server.py" "$tree/behaviour"
MOTO_URL=$(wait_for_line "$tree/sts.log" '^http')sts
start_broker
start_agent ann
start_agent bob
enroll ann
enroll bob
ask_for sts
poll 20 is_ready
good=$id
as ann jit-credentials --session "$good" >"$tree/document"

# Not to be tried again: one try, AWS's words.
finally=()
while read -r behaviour status words; do
	ask_for "$behaviour"
	refuses "$status" "$words"
	case $behaviour in sts-denied | sts-garbage) finally+=("$id") ;; esac
	equals "$(grep "^$behaviour $id\$" "$tree/sts.log" | wc -l)" "$(tries "$id")"
done <<'END'
sts-denied 10 STS refused: AccessDenied: Not authorized
sts-garbage 9 not well-formed XML
sts-half-xml 9 not well-formed XML
sts-empty 9 not well-formed XML
huge 9 more than is allowed
redirect 9 STS answered with status 302
garbage 9 not HTTP
END
tried=$(tries "${finally[0]}")

# To be tried again: by itself it is ready once STS is well.
for fault in 'sts-throttled Throttling' 'sts-idp IDPCommunicationError' 'sts-5xx status 500' \
	'sts-expired ExpiredTokenException' 'nothing without an answer' 'half-body only part'; do
	ask_for "${fault%% *}"
	poll 30 failed_with "${fault#* }"
	before=$(tries "$id")
	poll 30 tried_again "$before"
	sts sts
	poll 60 is_ready
	as ann jit-credentials --session "$id" | jq -e .SecretAccessKey >/dev/null
done
# All that while nobody asked anew for what was refused: only the caller had.
equals "$(tries "${finally[0]}")" "$tried"
# Somebody asks: it is tried, and works.
as ann jit-credentials --session "${finally[0]}" | jq -e .SecretAccessKey >/dev/null

# However many wait, there is one call, and all get its result.
ask_for wait
poll 20 is_state ann "$id" fetching
cat >"$tree/waiters.py" <<'END'
import json, socket, sys
path, session, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
call = {"method": "io.jitctl.Agent.GetCredentials", "parameters": {"session": session}, "upgrade": True}
peers = []
for _ in range(count):
    peer = socket.socket(socket.AF_UNIX)
    peer.settimeout(60)
    peer.connect(path)
    peer.sendall(json.dumps(call).encode() + b"\0")
    peers.append(peer)
with socket.socket(socket.AF_UNIX) as peer: # accepted behind all of them
    peer.connect(path)
    peer.sendall(b'{"method":"io.jitctl.Agent.Status"}\0')
    peer.recv(1)
print("waiting", flush=True)
answers = []
for peer in peers:
    answer = b""
    while chunk := peer.recv(65536):
        answer += chunk
        if b'"error"' in answer and answer.endswith(b"\0"):
            break
    answers.append(answer)
print(len(set(answers)), answers[0].decode().replace("\0", "\n"), flush=True)
END
start waiters /usr/bin/python3 "$tree/waiters.py" "$tree/ann/run/jit-agent/agent.sock" "$id" 200
wait_for_line "$tree/waiters.log" '^waiting' >/dev/null
sts sts
finished waiters 60
contains "$(cat "$tree/waiters.log")" "1 {\"parameters\":{\"id\":\"$id\"}}"
contains "$(cat "$tree/waiters.log")" SecretAccessKey
equals "$(tries "$id")" 1

# Credentials that end before their session are renewed in the background, in
# time, and served all the while.
ask_for sts-short
poll 20 is_ready
for count in 2 3; do
	poll 30 tried_again $((count - 1))
	as ann jit-credentials --session "$id" | jq -e '.Expiration | fromdate > now' >/dev/null
done
as ann jitctl end "$id" >/dev/null

# Nothing at all: who waits is told when the agent stops, and it stops at once.
ask_for wait
poll 20 is_state ann "$id" fetching
: >"$tree/waiters.log"
start waiters /usr/bin/python3 "$tree/waiters.py" "$tree/ann/run/jit-agent/agent.sock" "$id" 20
wait_for_line "$tree/waiters.log" "^waiting" >/dev/null
kill -STOP "${pid_of[broker]}"
: >"$tree/request.log"
start_as ann request jitctl request orders-support tenant=acme --reason "nobody hears it"
stop ann-agent TERM
equals "$stop_status" 0
finished waiters
contains "$(tail -n 2 "$tree/waiters.log")" 'the agent is stopping'
! finished request
kill -CONT "${pid_of[broker]}"
