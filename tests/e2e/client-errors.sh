#!/bin/bash
# SPDX-License-Identifier: MIT
# Every kind of error from the agent has its exit status, one line on stderr
# with the next command, or one JSON object, and nothing on stdout.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/client.sh"

# one_line: $err is one line and $out nothing.
one_line() {
	equals "$out" ""
	equals "$(wc -l <"$tree/.err")" 1
}

while read -r name kind status; do
	fake '{"Status":[{"error":"io.jitctl.Agent.'"$name"'","parameters":{"text":"it is so","next":"do this"}}]}'
	expect_status "$status" jitctl status
	one_line
	equals "$err" "jitctl: it is so; run: do this"
	expect_status "$status" jitctl status --json
	one_line
	equals "$err" '{"error":{"kind":"'"$kind"'","message":"it is so","next":"do this"}}'
done <<'END'
Internal internal 1
Usage usage 2
NotEnrolled not-enrolled 4
Locked locked 5
NoSession no-session 6
Pending pending 7
Denied denied 8
Unreachable unreachable 9
RefusedByAws refused-by-aws 10
Forbidden forbidden 11
Limit limit 12
NotFound not-found 13
Unauthenticated unauthenticated 11
SomethingNew internal 1
END

# What a stranger wrote moves no cursor.
fake '{"Status":[{"error":"io.jitctl.Agent.Denied","parameters":{"text":"a\u001b[2J","next":"b\u202e"}}]}'
expect_status 8 jitctl status
equals "$err" 'jitctl: a\u{1b}[2J; run: b\u{202e}'

# Agents that are not well.
for steps in '["close"]' '[{"bytes":"{}\u0000"},"close"]' '[{"bytes":"{\"par"},"close"]' \
	'[{"bytes":"nonsense\u0000"}]' '[{"parameters":[]}]' '[{"parameters":{},"x":1}]'; do
	fake '{"Status":'"$steps"'}'
	status=0
	jitctl status >"$tree/.out" 2>"$tree/.err" || status=$?
	case $status:$steps in
	3:*close* | 1:*parameters* | 1:*nonsense* | 0:'[{"bytes":"{}'*) ;;
	*) fail "status $status for $steps" ;;
	esac
done
fake '{"Status":[{"bytes":"'"$(head -c 1100000 /dev/zero | tr '\0' x)"'"},"hang"]}'
expect_status 1 jitctl status
one_line

fake '{"Status":["hang"]}'
SECONDS=0
expect_status 3 jitctl status
one_line
contains "$err" "takes too long to answer"
[ $SECONDS -le 15 ] || fail "waited $SECONDS s for an agent that hangs"

stop fake
expect_status 3 jitctl status
one_line
contains "$err" "no jit-agent answers at $JIT_AGENT_SOCKET: Connection refused; run: "
rm "$JIT_AGENT_SOCKET"
expect_status 3 jitctl request orders --reason x --json
equals "$(jq -r .error.kind <<<"$err")" no-agent
