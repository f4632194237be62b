# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Sourced behind lib.sh: kill -9 at a chosen moment, which is the Nth time that a
# program makes a system call.  The workers are started through a wrapper that
# looks whether the next one of its kind has such a moment.

need strace strace

programs=$tree/programs

# use_wrapped_workers: from a tree of its own, since the agent finds them beside it.
use_wrapped_workers() {
	local name
	mkdir -p "$programs"/{bin,libexec}
	cp "$JIT_BUILD/bin/jit-agent" "$programs/bin/"
	for name in jit-agent-fetch jit-agent-keyring; do
		# Once: the file is gone before the worker runs.  No leak check under strace.
		cat >"$programs/libexec/$name" <<-END
			#!/bin/bash
			if /usr/bin/mv "$programs/$name.moment" "$programs/$name.killed" 2>/dev/null; then
				[ -z "\$ASAN_OPTIONS" ] || export ASAN_OPTIONS=\$ASAN_OPTIONS:detect_leaks=0
				exec /usr/bin/strace -D -f -qq -o /dev/null \
					-e inject="\$(<"$programs/$name.killed")" "$JIT_BUILD/libexec/$name"
			fi
			exec "$JIT_BUILD/libexec/$name"
		END
		chmod 755 "$programs/libexec/$name"
	done
}

# kill_next NAME CALL N: the next worker of that name dies at its Nth CALL.
kill_next() {
	rm -f "$programs/$1.killed"
	echo "$2:signal=KILL:when=$3" >"$programs/$1.moment"
}

# moment_came NAME: a worker took the moment.
moment_came() {
	[ -e "$programs/$1.killed" ]
}

# run_doomed NAME CALL N: that person's agent, which dies at its core's Nth CALL
# once it is ready, or even before.
run_doomed() {
	: >"$tree/$1-agent.log"
	start_as "$1" "$1-agent" env ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" "${keyring_variables[@]}" \
		strace -D -qq -o /dev/null -e inject="$2:signal=KILL:when=$3" "$programs/bin/jit-agent"
	poll 20 ready_or_gone "$1"
}

ready_or_gone() {
	grep -q '^ready' "$tree/$1-agent.log" || ! is_running "$1-agent"
}

# run_again NAME: the same agent without a moment, after stop or death.
run_again() {
	: >"$tree/$1-agent.log"
	start_as "$1" "$1-agent" env "${keyring_variables[@]}" "$programs/bin/jit-agent"
	wait_for_line "$tree/$1-agent.log" '^ready' >/dev/null
}

# A keyring that is a file, so that the agent opens it by itself at each start.
keyring_variables=(SECRET_BACKEND=file SECRET_FILE_TEST_PASSWORD=test
	SECRET_FILE_TEST_PATH="$tree/keyring")

# nothing_torn NAME: no unfinished file, and no file that is not one of ours.
nothing_torn() {
	local file
	while read -r file; do
		case ${file##*/} in
		r-??????????.session | agent.sock | agent.lock | device.sealed | master.key | ended | agent.conf) ;;
		*) fail "left behind: $file" ;;
		esac
	done < <(find "$tree/$1"/{run,state,config}/jit-agent -type f -o -type s)
}

# is_served ID: ann gets a whole document of that session.
is_served() {
	as ann jit-credentials --session "$1" 2>/dev/null </dev/null | jq -e .SecretAccessKey
}

# mortal_scene: moto with the table, the broker, bob, and ann, of whose agent each process
# can be killed; her session $lasting is served.
mortal_scene() {
	start_moto
	make_orders
	start_broker
	use_wrapped_workers
	start_agent bob
	enroll bob
	environment_of ann
	agent_set ann sts_url "$MOTO_URL"
	run_again ann
	enroll ann secret-service
	lasting=$(session_for ann bob orders-support tenant=acme --for 1h)
	poll 20 is_served "$lasting"
}
