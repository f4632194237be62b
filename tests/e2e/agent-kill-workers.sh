#!/bin/bash
# SPDX-License-Identifier: MIT
#
# kill -9 of the fetch and keyring workers at many moments: the agent lives on,
# gets what is missing by a new one, or says in words what to do; and what the
# memory keystore's meaning is when the agent itself is killed.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=lib-moments.sh
. "$(dirname "$0")/lib-moments.sh"

# The worker of a session's first credentials dies; the next one brings them.
fetch_dies() {
	local id
	id=$(as ann jitctl request orders-support tenant=acme --reason work)
	# The agent starts anew behind the approval: one fetch, and that is to die.
	stop ann-agent KILL
	kill_next jit-agent-fetch "$1" "$2"
	as bob jitctl approve "$id" >/dev/null
	run_again ann
	poll 20 is_served "$id"
	moment_came jit-agent-fetch || fail "no fetch worker was started"
	as ann jitctl end "$id" >/dev/null
	poll 20 is_state ann "$id" ended
	nothing_torn ann
}

# A person waits for a call whose worker dies: words, and the next try works.
call_dies() {
	kill_next jit-agent-fetch "$1" "$2"
	expect_status 9 as ann jitctl profiles
	contains "$err" 'the worker ended without an answer'
	expect_status 0 as ann jitctl profiles
}

# The worker that opens the keyring dies: locked, in words, until unlocked.
keyring_dies() {
	stop ann-agent KILL
	kill_next jit-agent-keyring "$1" "$2"
	run_again ann
	moment_came jit-agent-keyring || fail "no keyring worker was started"
	expect_status 5 as ann jit-credentials --session "$lasting"
	contains "$err" 'jitctl unlock'
	contains "$(cat "$tree/ann-agent.log")" 'the keyring could not be asked'
	kill_next jit-agent-keyring "$1" "$2"
	expect_status 9 as ann jitctl unlock
	expect_status 0 as ann jitctl unlock
	poll 20 is_served "$lasting"
}

# A passphrase that is about to be stored: the former enrolment stays whole.
enrolling_dies() {
	kill_next jit-agent-keyring "$1" "$2"
	status=0
	as ann jitctl enroll --broker "$BROKER_URL" --code "$(invite ann)" --keystore passphrase \
		<<<'correct horse battery staple' >"$tree/enroll.log" 2>&1 || status=$?
	equals $status 9
	stop ann-agent KILL
	run_again ann
	poll 20 is_served "$lasting"
	nothing_torn ann
}

mortal_scene

# Before its job is read, while it is, on the way to the broker and to STS, and
# with the answer in its hands.
for moment in mmap:20 prctl:1 prctl:3 socketpair:1 connect:1 sendto:1 recvfrom:1 sendto:2; do
	call_dies "${moment%:*}" "${moment#*:}"
done
for moment in sendto:1 recvfrom:1 connect:2 sendto:2 recvfrom:2 sendto:3; do
	fetch_dies "${moment%:*}" "${moment#*:}"
done
for moment in mmap:20 prctl:1 openat:12 sendto:1; do
	keyring_dies "${moment%:*}" "${moment#*:}"
done
for moment in mmap:20 fsync:1 rename:1 fsync:2 sendto:1; do
	enrolling_dies "${moment%:*}" "${moment#*:}"
done

# With the memory keystore nothing survives: the message says to enroll again,
# and what the broker still has is then fetched again.
stop ann-agent KILL
run_again ann
enroll ann memory
poll 20 is_served "$lasting"
stop ann-agent KILL
[ -e "$tree/ann/run/jit-agent/$lasting.session" ] || fail "killed before it was sealed"
run_again ann
expect_status 4 as ann jit-credentials --session "$lasting"
contains "$err" 'enroll again'
contains "$err" 'jitctl enroll'
[ ! -e "$tree/ann/run/jit-agent/$lasting.session" ] || fail "what nobody can open is still there"
enroll ann memory
poll 20 is_served "$lasting"
