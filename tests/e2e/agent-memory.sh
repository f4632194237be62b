#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The agent is small, and stays so however often it renews.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

is_sanitized && skip "the sanitizers' own memory is most of what there is"

# kilobytes FIELD: of the agent's memory.
kilobytes() {
	awk -v field="$1:" '$1 == field { print $2 }' "/proc/${pid_of[ann-agent]}/smaps_rollup"
}

# is_small: as the goals are, in KiB: 4 MB resident, 0.6 MB of its own.
is_small() {
	[ "$(kilobytes Rss)" -le 4096 ] || fail "$1: $(kilobytes Rss) KiB resident"
	[ "$(kilobytes Private_Dirty)" -le 614 ] || fail "$1: $(kilobytes Private_Dirty) KiB of its own"
}

renewed() {
	[ "$(grep -c ^sts-shortest "$tree/sts.log")" -gt "$1" ]
}

# Credentials that are to be renewed as soon as they are there.
echo sts-shortest >"$tree/behaviour"
start sts /usr/bin/python3 "$root/tests/faults/fickle_server.py" "$tree/behaviour"
MOTO_URL=$(wait_for_line "$tree/sts.log" '^http')sts
start_broker
start_agent ann
start_agent bob
is_small 'at rest'
enroll ann
enroll bob
id=$(as ann jitctl request orders-support tenant=acme --for 1h --reason "a test")
as bob jitctl approve "$id" >/dev/null
poll 60 renewed 30
before=$(kilobytes Private_Dirty) mappings=$(wc -l <"/proc/${pid_of[ann-agent]}/maps")
poll 120 renewed 150
is_small 'after 150 renewals'
[ "$(kilobytes Private_Dirty)" -le $((before + 32)) ] ||
	fail "grown from $before to $(kilobytes Private_Dirty) KiB"
[ "$(wc -l <"/proc/${pid_of[ann-agent]}/maps")" -le $((mappings + 4)) ] || fail "more mappings"
equals "$(find "/proc/${pid_of[ann-agent]}/fd" -type l | wc -l | awk '{ print ($1 < 20) }')" 1
as ann jitctl end "$id" >/dev/null
