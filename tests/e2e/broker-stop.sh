#!/bin/bash
# SPDX-License-Identifier: MIT
# SIGTERM ends the broker within two seconds, whatever it waits for: its own AWS keys at a
# start or later, IAM, or an STS that does not answer a probe; and nothing is left of it.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-provision.sh"
need cc gcc
init_provisioning

# A credential_process that gives keys which are over soon as often as $tree/works has
# lines, and hangs then.
cat >"$tree/keys" <<-END
	#!/bin/sh
	echo \$\$ >>"$tree/runs"
	if [ "\$(wc -l <"$tree/runs")" -le "\$(wc -l <"$tree/works")" ]; then
		printf '{"Version":1,"AccessKeyId":"broker","SecretAccessKey":"broker","Expiration":"%s"}\n' \
			"\$(date -u -d '+2 minutes' +%Y-%m-%dT%H:%M:%SZ)"
		exit
	fi
	echo \$\$ >>"$tree/hangs"
	sleep 600
END
chmod 700 "$tree/keys"

# keys_for COUNT: that many runs of it work.
keys_for() {
	seq "$1" >"$tree/works"
	: >"$tree/runs"
	: >"$tree/hangs"
}

is_gone() {
	! kill -0 "$1" 2>/dev/null
}

# stops_soon [PID]: and by itself; so does that process of its own.
stops_soon() {
	local begun=${EPOCHREALTIME/./} took
	kill -TERM "${pid_of[broker]}"
	finished broker || fail "status $?"
	took=$(((${EPOCHREALTIME/./} - begun) / 1000))
	# A second is libcurl's; a busy machine has its own, and 5 would be a probe's deadline.
	[ $took -le $(($(seconds 4) * 1000)) ] || fail "it took $took ms"
	[ -z "${1:-}" ] || poll 5 is_gone "$1"
}

# At a start, before it listens to anybody.
set_line "$BROKER_DIR/broker.conf" aws_credentials_process "$tree/keys"
keys_for 0
start broker "$JIT_BUILD/bin/jit-broker" serve "$BROKER_DIR"
hung=$(wait_for_line "$tree/hangs" .)
stops_soon "$hung"
lacks "$(cat "$tree/broker.log")" listening

# A worker's: it looks for roles of the broker's own at each start.
keys_for 2
serve_provisioning
hung=$(wait_for_line "$tree/hangs" .)
stops_soon "$hung"
sed -i '/aws_credentials_process/d' "$BROKER_DIR/broker.conf"

# IAM, and then STS's answer to the probe of a new role.
for action in ListRoles AssumeRoleWithWebIdentity; do
	: >"$weather/calls"
	plan "{\"action\": \"$action\", \"how\": \"hang\", \"times\": 9}"
	serve_provisioning
	if [ $action != ListRoles ]; then
		enroll_lives
		lives begin
	fi
	wait_for_line "$weather/calls" " $action .* hang" >/dev/null
	stops_soon
done

# A call of which only half has come has five seconds, and no step of the wall clock
# makes them more: here it is set back by an hour while the stop waits.
cc -D_GNU_SOURCE -O1 -shared -fPIC -o "$tree/shifted.so" "$root/tests/faults/shifted_clock.c"
python -c 'import struct, sys
open(sys.argv[1], "wb").write(struct.pack("qq", 3600, 0))' "$tree/shift"
set_line "$BROKER_DIR/broker.conf" iam off
: >"$tree/broker.log"
start broker env LD_PRELOAD="$tree/shifted.so" CLOCK_SHIFT="$tree/shift" \
	"$JIT_BUILD/bin/jit-broker" serve "$BROKER_DIR"
address=$(wait_for_line "$tree/broker.log" '^listening on ')
address=${address#listening on http://}
exec {half}<>"/dev/tcp/${address%:*}/${address#*:}"
printf 'POST /v1/requests HTTP/1.1\r\nHost: broker\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n' >&"$half"
read -r -t "$(seconds 20)" continue <&"$half"
contains "$continue" '100 Continue'
printf half >&"$half"
kill -TERM "${pid_of[broker]}"
finished broker 15 || fail "status $?"
exec {half}>&-
