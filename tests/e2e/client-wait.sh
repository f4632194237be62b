#!/bin/bash
# SPDX-License-Identifier: MIT
# jitctl request --wait: the id at once, then how it went as the exit status.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/client.sh"

asked='"Request":[{"parameters":{"request":'"$request"'}}]'
pending='{"parameters":{"request":'"$request"'},"continues":true}'
ready='{"parameters":{"session":'"$session"'},"continues":true}'
# with JQ-FILTER JSON-REPLY
with() {
	jq -c "$1" <<<"$2"
}

mkfifo "$tree/go" "$tree/heard"
# The id is there while it still waits; then the session is ready.
fake '{'"$asked"',"Watch":['"$pending"',{"wait":"'"$tree/go"'"},'"$ready"',"hang"]}'
start waiting jitctl request orders tenant=acme --reason x --wait
wait_for_line "$tree/waiting.log" '^r-0000000000$' >/dev/null
is_running waiting || fail "it did not wait"
let_go "$tree/go"
poll 10 eval '! is_running waiting'
status=0
wait "${pid_of[waiting]}" || status=$?
unset "pid_of[waiting]"
equals $status 0
equals "$(cat "$tree/waiting.log")" r-0000000000

# outcome STATUS TEXT REPLY...
outcome() {
	fake '{'"$asked"',"Watch":['"$pending"','"$3"',"hang"]}'
	expect_status "$1" jitctl request orders --reason x --wait
	equals "$out" r-0000000000
	contains "$err" "$2"
	expect_status "$1" jitctl request orders --reason x --wait --json
	equals "$(jq -r .id <<<"$out")" r-0000000000
	[ "$1" = 0 ] || equals "$(jq -r .error.next <<<"$err")" "jitctl status"
}
outcome 0 "" "$ready"
outcome 8 "denied by bob: not today" "$(with '.parameters.request += {state: "denied",
	decisions: [{user: "bob", verdict: "deny", at: "", reason: "not today"}]}' "$pending")"
outcome 6 "lapsed before" "$(with '.parameters.request.state = "expired"' "$pending")"
outcome 6 "withdrawn" "$(with '.parameters.request.state = "withdrawn"' "$pending")"
outcome 6 "ended by ann" "$(with '.parameters.session += {state: "ended", end_reason: "ended by ann"}' "$ready")"
outcome 9 "STS is away" "$(with '.parameters.session += {state: "failing", last_error: "STS is away",
	last_error_kind: "unreachable"}' "$ready")"
outcome 10 "AccessDenied" "$(with '.parameters.session += {state: "failing", last_error: "AccessDenied"}' "$ready")"
outcome 10 "LimitExceeded" "$(with '.parameters.session += {state: "failing", last_error_kind: "no-session",
	last_error: "r-0123456789 is ended: AWS refused to make the role: LimitExceeded"}' "$ready")"
# Somebody else's news is not ours.
outcome 0 "" "$(with '.parameters.request += {id: "r-1111111111", state: "denied"}' "$pending"),$ready"

# A time limit.
fake '{'"$asked"',"Watch":['"$pending"',"hang"]}'
expect_status 7 jitctl request orders --reason x --wait --timeout 1s
equals "$out" r-0000000000
contains "$err" "r-0000000000 is still pending, it needs 1 more peer of support"

# An agent that was restarted is asked again; one that only hangs up is not.
fake '{'"$asked"',"Watch":['"$pending"',{"wait":"'"$tree/heard"'"},{"wait":"'"$tree/go"'"},"close"]}'
start waiting jitctl request orders --reason x --wait
let_go "$tree/heard"
fake '{"Watch":['"$ready"',"hang"]}'
let_go "$tree/go"
poll 10 eval '! is_running waiting'
wait "${pid_of[waiting]}" || fail "the wait did not survive"
unset "pid_of[waiting]"
equals "$(grep -c Watch "$calls")" 1
fake '{'"$asked"',"Watch":["close"]}'
expect_status 3 jitctl request orders --reason x --wait
equals "$(grep -c Watch "$calls")" 1
