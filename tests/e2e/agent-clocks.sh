#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The clock is set by an hour, the machine sleeps over a session's end: nothing is
# served past its end by either clock, not even across a restart.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
need cc gcc

programs=$tree/programs
mkdir -p "$programs"/{bin,libexec}
cc -D_GNU_SOURCE -O1 -shared -fPIC -o "$tree/shifted.so" "$root/tests/faults/shifted_clock.c"
cp "$JIT_BUILD/bin/jit-agent" "$programs/bin/"
for name in jit-agent-fetch jit-agent-keyring; do
	cat >"$programs/libexec/$name" <<-END
		#!/bin/bash
		export LD_PRELOAD=$tree/shifted.so CLOCK_SHIFT=$tree/shift
		[ -z "\$ASAN_OPTIONS" ] || export ASAN_OPTIONS=\$ASAN_OPTIONS:verify_asan_link_order=0
		exec "$JIT_BUILD/libexec/$name"
	END
	chmod 755 "$programs/libexec/$name"
done

# clocks WALL BOOT: how many seconds each is off from now on.
clocks() {
	/usr/bin/python3 -c 'import struct, sys
with open(sys.argv[1], "r+b") as file:
    file.write(struct.pack("qq", int(sys.argv[2]), int(sys.argv[3])))' "$tree/shift" "$1" "$2"
}
head -c 16 /dev/zero >"$tree/shift"

run_shifted() {
	: >"$tree/ann-agent.log"
	start_as ann ann-agent env LD_PRELOAD="$tree/shifted.so" CLOCK_SHIFT="$tree/shift" \
		ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" SECRET_BACKEND=file \
		SECRET_FILE_TEST_PASSWORD=test SECRET_FILE_TEST_PATH="$tree/keyring" \
		"$programs/bin/jit-agent"
	wait_for_line "$tree/ann-agent.log" '^ready' >/dev/null
}

served() {
	expect_status 0 as ann jit-credentials --session "$id"
	expect_status 0 as ann jit-credentials orders-support
}

not_served() {
	expect_status 6 as ann jit-credentials --session "$id"
	expect_status 6 as ann jit-credentials orders-support
	lacks "$out" SecretAccessKey
	is_state ann "$id" ended
	[ ! -e "$tree/ann/run/jit-agent/$id.session" ] || fail "its file is still there"
}

# over: with clocks that are right, the broker too hears that the last one ended.
over() {
	clocks 0 0
	restart
	poll 20 is_known
	as ann jitctl end --all >/dev/null
	poll 20 is_state ann "$id" ended
}

is_known() {
	as ann jitctl status --json | grep "$id"
}

# live [DURATION]: a session by clocks that are right; 30 minutes.
live() {
	[ -z "$id" ] || over
	id=$(session_for ann bob orders-support tenant=acme --for "${1:-30m}")
	served
}

restart() {
	stop ann-agent KILL
	run_shifted
}

id=
start_moto
make_orders
start_broker
start_agent bob
enroll bob
environment_of ann
agent_set ann sts_url "$MOTO_URL"
run_shifted
enroll ann secret-service

hour=3600 almost=1700 over=1810

# While the agent runs, or while it is down: the same.
for between in true restart; do
	live
	clocks $hour 0 # set forward
	$between
	not_served
	clocks 0 0 # and back: what was ended stays ended
	not_served

	live
	clocks $((-hour)) 0 # set back: the boot clock knows
	$between
	[ $between = restart ] || served
	clocks $((-hour)) $over
	not_served

	live
	clocks $almost $almost # sleep, not long enough
	$between
	served
	clocks $over $over # long enough
	$between
	not_served

	live
	clocks 0 $over # slept over the end, then set back
	$between
	not_served

	live
	clocks $over 0 # the machine's boot clock tells nothing: the wall clock does
	$between
	not_served
done

# A clock that is wrong from the start, but not so wrong that the broker refuses:
# the end is the broker's, or earlier.
for wrong in -40 40; do
	over
	clocks $wrong 0
	id=$(session_for ann bob orders-support tenant=acme --for 5m)
	served
	clocks $wrong 220
	served
	clocks $wrong 305
	not_served
done

# So wrong that the broker refuses: it says so, and nothing that is live is lost.
live
clocks $((-hour)) 0
expect_status 11 as ann jitctl profiles
contains "$err" clock
served
