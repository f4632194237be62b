#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The broker is gone, or takes calls and never answers: what is live is served,
# a person is told within seconds, an end holds at once and is told later, and the
# long poll comes back by itself.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

still_serves() {
	as ann jit-credentials --session "$live" | cmp - "$tree/document"
	as ann jit-credentials orders-support >/dev/null
}

is_reachable() {
	[ "$(as ann jitctl status --json | jq .broker.reachable)" = "$1" ]
}

# says_unreachable COMMAND...: within 5 s, and what the machine's load adds.
says_unreachable() {
	expect_status 9 timeout "$(seconds 15)" env -i "${environment[@]}" "$@"
	equals "$out" ""
	contains "$err" "$1"
}

everything_says_unreachable() {
	environment_of ann
	says_unreachable jitctl request orders-support tenant=acme --reason "a test"
	says_unreachable jitctl profiles
	says_unreachable jitctl pending
	poll 20 is_reachable false
	still_serves
}

has_told_its_ends() {
	[ ! -e "$tree/ann/state/jit-agent/ended" ]
}

# ended_at_broker ID: by the trail.
ended_at_broker() {
	jit-broker audit "$BROKER_DIR" --json | grep "$1" | grep -i 'end'
}

scene ann bob
live=$(session_for ann bob orders-support tenant=acme)
as ann jit-credentials --session "$live" >"$tree/document"
ending=$(session_for ann bob orders-support tenant=acme --for 10m)
pending=$(as ann jitctl request orders-support tenant=acme --reason "while it is away")

# It takes calls and never answers.
kill -STOP "${pid_of[broker]}"
everything_says_unreachable
kill -CONT "${pid_of[broker]}"
poll 20 as ann jitctl profiles
poll 20 is_reachable true

# It is gone.
stop broker KILL
everything_says_unreachable
as ann jitctl end "$ending" >/dev/null
expect_status 6 as ann jit-credentials --session "$ending"
grep -q "$ending" "$tree/ann/state/jit-agent/ended"
still_serves

# And back at the same port: nobody does anything at ann's agent, which hears of
# the approval and tells of the end.
serve_broker
poll 90 as bob jitctl approve "$pending"
poll 90 is_state ann "$pending" ready
poll 90 has_told_its_ends
poll 20 ended_at_broker "$ending"
contains "$(cat "$tree/ann-agent.log")" 'no news from the broker'
contains "$(cat "$tree/ann-agent.log")" 'the broker can be reached again'
is_reachable true
is_state ann "$ending" ended
still_serves
