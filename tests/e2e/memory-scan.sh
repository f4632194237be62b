#!/bin/bash
# SPDX-License-Identifier: MIT
#
# After every kind of end, and also while a session lives, no byte of the secret
# access key or the session token is in the memory of the agent, its launcher
# and its workers, or in any file of its owner's.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip "only root may read another process's memory here"

scan=(/usr/bin/python3 "$root/tests/e2e/memory_scan.py")
needles=$tree/needles.json # not below ann's directories

# others_of NAME: all that the agent started, by their session, itself left out.
others_of() {
	pgrep -s "${pid_of[$1-agent]}" | grep -vx "${pid_of[$1-agent]}" || true
}

# finds_nothing WHEN: in ann's processes and files.
finds_nothing() {
	local processes=()
	if is_running ann-agent; then
		mapfile -t processes < <(others_of ann)
		processes+=(--alive "${pid_of[ann-agent]}")
	fi
	"${scan[@]}" "$needles" --file-tree "$tree/ann" "${processes[@]}" >"$tree/scan.log" 2>&1 ||
		fail "$1: $(head -n 20 "$tree/scan.log")"
	[ "$(grep -oE '[0-9]+' <<<"$(tail -n1 "$tree/scan.log")")" -gt 0 ] || fail "$1: nothing was scanned"
}

# live [OPTION...]: a session whose secrets are then the needles; sets id.
live() {
	id=$(session_for ann bob orders-support tenant=acme "$@")
	as ann jit-credentials --session "$id" >"$needles"
	[ "$(jq -r .SecretAccessKey "$needles" | wc -c)" -gt 30 ] || fail "no credentials"
}

ended() {
	poll 20 is_state ann "$id" ended
	finds_nothing "$1"
	expect_status 6 as ann jit-credentials --session "$id"
}

# The scan finds half a secret on a page that no one may touch, and in a file.
scan_works() {
	start plant /usr/bin/python3 "$root/tests/e2e/memory_plant.py" "$needles"
	wait_for_line "$tree/plant.log" '^planted' >/dev/null
	expect_status 1 "${scan[@]}" "$needles" "${pid_of[plant]}"
	contains "$out" 'SecretAccessKey[0:16]'
	local gone=${pid_of[plant]}
	stop plant
	expect_status 0 "${scan[@]}" "$needles" "$gone"
	equals "$out" 'scanned 0 bytes'
	expect_status 2 "${scan[@]}" "$needles" --alive "$gone"
	mkdir "$tree/planted"
	jq -r .SessionToken "$needles" | tail -c 60 >"$tree/planted/file"
	expect_status 1 "${scan[@]}" "$needles" --file-tree "$tree/planted"
	contains "$out" "$tree/planted/file: SessionToken"
	rm -r "$tree/planted"
}

start_moto
make_orders
start_broker
for name in ann bob dora; do start_agent $name; done
passphrase='correct horse battery staple'
enroll ann passphrase
enroll bob
enroll dora

live
scan_works
finds_nothing 'live, at rest'
for _ in $(seq 50); do as ann jit-credentials orders-support >/dev/null; done
finds_nothing 'live, after 50 uses'
users=()
for _ in $(seq 50); do
	as ann jit-credentials orders-support >/dev/null &
	users+=($!)
done
for user in "${users[@]}"; do wait "$user"; done
finds_nothing 'live, after 50 uses at once'
as ann jitctl end "$id" >/dev/null
ended 'jitctl end'

# Its credentials are served until 30 s before its end.
live --for 34s
poll 40 is_state ann "$id" ended
ended 'its time'

live
as dora jitctl end "$id" >/dev/null
ended 'revoked by the broker'

live
as ann jitctl lock >/dev/null
finds_nothing 'locked'
as ann jitctl unlock <<<"$passphrase" >/dev/null
finds_nothing 'unlocked again'

# Two at once: the end of one leaves the other, which is whole and still sealed.
first=$id
live
as ann jitctl end "$first" >/dev/null
finds_nothing 'another one ended'
as ann jit-credentials --session "$id" | cmp - "$needles"

stop ann-agent KILL
finds_nothing 'kill -9'
run_agent ann
finds_nothing 'after a restart, locked'
as ann jitctl unlock <<<"$passphrase" >/dev/null
poll 20 is_state ann "$id" ready
finds_nothing 'after a restart, unlocked'
stop ann-agent TERM
equals "$stop_status" 0
finds_nothing 'SIGTERM'
