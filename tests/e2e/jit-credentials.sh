#!/bin/bash
# SPDX-License-Identifier: MIT
#
# jit-credentials against an agent that may answer anything: one whole document
# in one write, or one line on standard error and nothing on standard output.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
starts_agent=jit-agent
[ ! -e /run/systemd/system ] || starts_agent='systemctl --user start jit-agent.socket'

socket=$tree/agent.sock
programs=("$JIT_BUILD/bin/jit-credentials")
[ ! -x "$JIT_BUILD/bin/jit-credentials-static" ] || programs+=("$JIT_BUILD/bin/jit-credentials-static")

# ask STATUS ANSWER ARGUMENT...: with nothing in the environment but the socket,
# in a directory that is not there, and with standard input closed.
ask() {
	local expected=$1 answer=$2
	shift 2
	: >"$tree/fake.log"
	rm -f "$socket"
	start fake /usr/bin/python3 "$root/tests/faults/fake_agent.py" "$socket" "$answer"
	wait_for_line "$tree/fake.log" '^ready' >/dev/null
	expect_status "$expected" env -i ASAN_OPTIONS="$ASAN_OPTIONS" JIT_AGENT_SOCKET="$socket" \
		"$program" "$@" 0<&-
	stop fake
}

# refused STATUS ANSWER LINE
refused() {
	ask "$1" "$2" orders-support
	equals "$out" ""
	equals "$err" "$3"
	equals "$(wc -l <"$tree/.err")" 1
	[ "$(wc -c <"$tree/.err")" -lt 200 ] || fail "$2: the line is too long"
}

for program in "${programs[@]}"; do
	ask 0 good orders-support
	contains "$out" '"SecretAccessKey":"wJalrXUt"'
	equals "$(wc -l <"$tree/.out")" 1
	equals "$err" ""
	equals "$(sed -n 2p "$tree/fake.log")" \
		'{"method": "io.jitctl.Agent.GetCredentials", "parameters": {"profile": "orders-support"}, "upgrade": true}'

	ask 0 good --session r-0123456789
	equals "$(sed -n 2p "$tree/fake.log")" \
		'{"method": "io.jitctl.Agent.GetCredentials", "parameters": {"session": "r-0123456789"}, "upgrade": true}'

	refused 6 ended 'orders-support: ended 3 s ago; ask again with: jitctl request orders-support tenant=acme'
	refused 7 pending 'orders-support waits for two of support; run: jitctl status'
	refused 8 terminal 'no?[2J??Error: all is well'
	refused 1 unknown 'the agent gave no reason'
	ask 8 wordy orders-support
	case $err in 'no no '*'...; run: jitctl status') ;; *) fail "wordy: $err" ;; esac
	[ "$(wc -c <"$tree/.err")" -lt 200 ] || fail "wordy: the line is too long"

	for answer in 'half a document' 'no newline' 'two documents' 'no document'; do
		refused 1 "$answer" 'jit-agent sent credentials that are cut short'
	done
	refused 1 'half a reply' "jit-agent's answer is malformed"
	refused 1 garbage "jit-agent's answer is malformed"
	refused 1 'huge document' "jit-agent's answer is too long"
	refused 1 'huge reply' "jit-agent's answer is too long"
	refused 3 nothing 'jit-agent closed the connection'

	for answer in silence 'silence after the reply' trickle; do
		began=${EPOCHREALTIME/./}
		refused 3 "$answer" 'jit-agent did not answer within 3 s; run: jitctl status'
		took=$(((${EPOCHREALTIME/./} - began) / 1000))
		[ $took -ge 3000 ] && [ $took -lt "$(seconds 5)000" ] || fail "$answer: over after $took ms"
	done

	# No agent: never was one, or its socket was left behind.
	expect_status 3 env -i JIT_AGENT_SOCKET="$socket" "$program" orders-support
	equals "$err" "no jit-agent is running: No such file or directory; run: $starts_agent"
	expect_status 3 env -i "$program" orders-support
	contains "$err" 'XDG_RUNTIME_DIR is not set'
	equals "$out" ""

	# A full standard output is a failure, not half a document.
	: >"$tree/fake.log"
	start fake /usr/bin/python3 "$root/tests/faults/fake_agent.py" "$socket" good
	wait_for_line "$tree/fake.log" '^ready' >/dev/null
	expect_status 1 bash -c 'JIT_AGENT_SOCKET=$1 "$2" orders-support >/dev/full' - "$socket" "$program"
	equals "$err" 'cannot write the credentials to standard output'
	stop fake

	# So is a closed one; of a caller that closed its standard error it is no business.
	for closed in '1 >&-' '0 2>&-'; do
		: >"$tree/fake.log"
		start fake /usr/bin/python3 "$root/tests/faults/fake_agent.py" "$socket" good
		wait_for_line "$tree/fake.log" '^ready' >/dev/null
		expect_status "${closed% *}" bash -c 'JIT_AGENT_SOCKET=$1 "$2" orders-support '"${closed#* }" \
			- "$socket" "$program"
		stop fake
		case $closed in
		1*) equals "$err" 'cannot write the credentials to standard output' ;;
		0*) contains "$out" '"SecretAccessKey":"wJalrXUt"' ;;
		esac
	done

	for arguments in '' 'a b' '--nonsense' '--session' 'a"b' "$(printf 'x%.0s' {1..65})"; do
		# shellcheck disable=SC2086
		expect_status 2 "$program" $arguments
		equals "$out" ""
	done
	expect_status 0 "$program" --help
	contains "$out" 'usage: jit-credentials PROFILE'
	expect_status 0 "$program" --version
	contains "$out" 'jit-credentials '
done
