#!/bin/bash
# SPDX-License-Identifier: MIT
#
# What the agent's unit forbids is really forbidden, seen from inside the running
# agent; what it needs works all the same: the keyring, the broker and STS.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=lib-systemd.sh
. "$root/tests/e2e/lib-systemd.sh"

start_moto
make_orders
start_broker
start_agent bob
enroll bob
start_user_machine
start_keyring
as ann mkdir -m 700 /home/ann/.ssh /home/ann/.aws
as ann bash -c 'echo secret >/home/ann/.ssh/id_ed25519'
as ann systemctl --user start jit-agent.socket
expect_status 4 as ann jitctl profiles
as ann bash -c 'umask 077; printf "sts_url = %s\n" "$1" >~/.config/jit-agent/agent.conf' - "$MOTO_URL"
as ann systemctl --user restart jit-agent.service

# Both workers do their jobs under it.
enroll ann secret-service
session_for ann bob orders-support tenant=acme >/dev/null
expect_status 0 as ann jit-credentials orders-support

# The pids of both that live, in our own numbers.
core=$(pgrep -u $uid -x jit-agent)
launcher=$(pgrep -u $uid -x jit-launcher)
for pid in "$core" "$launcher"; do
	for line in NoNewPrivs:1 Seccomp:2 CapEff:0000000000000000 CapBnd:0000000000000000; do
		equals "$(awk -v name="${line%:*}:" '$1 == name { print $2 }' "/proc/$pid/status")" "${line#*:}"
	done
	equals "$(awk '/^Max core file size/ { print $5 $6 }' "/proc/$pid/limits")" 00
	equals "$(tr -s ' ' <"/proc/$pid/uid_map")" " $uid $uid 1"
done

# The core has given up more than its unit makes it: the network, which workers need.
filters() { awk '$1 == "Seccomp_filters:" { print $2 }' "/proc/$1/status"; }
[ "$(filters "$core")" -gt "$(filters "$launcher")" ] || fail "the core has no filter of its own"

# from_inside COMMAND...: as ann, in the agent's own mounts and user namespace.
from_inside() {
	nsenter -t "$core" --user --mount --setuid $uid --setgid $uid "$@"
}

for place in /home/ann /home/ann/.config /home/ann/.local/state "$runtime" /tmp /etc; do
	expect_status 1 from_inside touch "$place/planted"
	contains "$err" "Read-only file system"
done
for place in /home/ann/.config/jit-agent /home/ann/.local/state/jit-agent "$runtime/jit-agent"; do
	expect_status 0 from_inside touch "$place/planted"
	rm "$inside$place/planted"
done
# Where keys lie about it sees nothing, though ann herself does.
expect_status 1 from_inside cat /home/ann/.ssh/id_ed25519
contains "$err" "Permission denied"
expect_status 0 as ann cat /home/ann/.ssh/id_ed25519
expect_status 2 from_inside ls /home/ann/.aws
from_inside test -c /dev/null
expect_status 1 from_inside test -e /dev/vda -o -e /dev/sda -o -e /dev/kmsg -o -e /dev/mem
