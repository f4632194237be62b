#!/bin/bash
# SPDX-License-Identifier: MIT
#
# kill -9 of the agent at many moments: after a restart what is live lives, what
# was ended stays ended, what is missing is fetched again, and nothing is torn.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=lib-moments.sh
. "$(dirname "$0")/lib-moments.sh"

served_or_gone() {
	is_served "$asked" || ! is_running ann-agent
}

# work: a request, its approval, its use, its end; any of it may fail.  Sets
# asked, and ended where that was answered.
work() {
	asked=$(as ann jitctl request orders-support tenant=acme --reason work 2>/dev/null) || true
	ended=
	[ -n "$asked" ] || return 0
	as bob jitctl approve "$asked" >/dev/null
	poll 20 served_or_gone
	! as ann jitctl end "$asked" >/dev/null 2>&1 || ended=yes
}

has_told_its_ends() {
	[ ! -e "$tree/ann/state/jit-agent/ended" ]
}

# recovers: everything that must hold after any kill.
recovers() {
	poll 20 is_served "$lasting"
	if [ -n "$ended" ]; then
		expect_status 6 as ann jit-credentials --session "$asked"
		poll 20 is_state ann "$asked" ended
	elif [ -n "$asked" ] && ! is_state ann "$asked" ended; then
		poll 20 is_served "$asked"
		as ann jitctl end "$asked" >/dev/null
	fi
	poll 20 has_told_its_ends
	nothing_torn ann
}

mortal_scene

# What the core does on the way: files are written, synced, renamed, wiped and
# removed; workers are ordered and answered; peers are accepted and answered.
came=0
for call in fsync rename pwrite64 unlink sendmsg socketpair recvfrom sendto accept4 write; do
	for count in 1 2 3 4 5 6; do
		stop ann-agent KILL
		# Nobody answers on what is there of the socket.
		expect_status 3 as ann jitctl status
		run_doomed ann $call $count
		work
		stop ann-agent KILL
		run_again ann
		recovers
		# It did all of its work before that moment.
		[ -z "$ended" ] || break
		came=$((came + 1))
	done
done
[ $came -ge 30 ] || fail "only $came of the moments came"

# The launcher: its end is the agent's, which is then started again.
launcher=$(pgrep -P "${pid_of[ann-agent]}")
kill -KILL "$launcher"
! finished ann-agent || fail "the agent goes on without its launcher"
contains "$(cat "$tree/ann-agent.log")" 'started again'
run_again ann
asked='' ended='' recovers
