#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The broker's unit on a machine that boots with it: its user and its directory are
# there, it serves from within its sandbox, comes back after kill -9, keeps the old
# profiles at a reload with a mistake, and leaves when it is told to.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=lib-systemd.sh
. "$root/tests/e2e/lib-systemd.sh"

home=/var/lib/jit-broker
start_moto
make_orders
start_system_machine
equals "$(in_machine stat -c '%a %U %G' $home)" "700 jit-broker jit-broker"

as_broker() {
	in_machine runuser -u jit-broker -- env PATH=/usr/local/bin:/usr/bin:/bin LC_ALL=C.UTF-8 "$@"
}
jit-broker() { as_broker jit-broker "$@"; } # for enroll

expect_status 0 as_broker jit-broker init $home
in_machine tee $home/profiles.yaml <"$root/tests/e2e/profiles.yaml" >/dev/null
set_line "$inside$home/broker.conf" sts_url "$MOTO_URL"
set_line "$inside$home/broker.conf" iam_url "$MOTO_URL"
in_machine chown -R jit-broker: $home

unit_is() {
	[ "$(in_machine systemctl show -P "$1" jit-broker.service)" = "$2" ]
}
in_machine systemctl --quiet enable --now jit-broker.service
BROKER_URL=$(wait_for_line "$tree/journal.log" 'listening on http' | sed 's/.*listening on //')
BROKER_DIR=$home
for name in ann bob; do
	start_agent $name
	enroll $name
done
id=$(session_for ann bob orders-support tenant=acme)

# Seen from inside the process.
main() { in_machine systemctl show -P MainPID jit-broker.service; }
for line in NoNewPrivs:1 Seccomp:2 CapEff:0000000000000000 CapBnd:0000000000000000; do
	equals "$(in_machine awk -v name="${line%:*}:" '$1 == name { print $2 }' "/proc/$(main)/status")" "${line#*:}"
done
number=$(in_machine id -u jit-broker)
from_inside() {
	in_machine nsenter -t "$(main)" --user --mount --setuid "$number" --setgid "$(in_machine id -g jit-broker)" "$@"
}
for place in / /etc /usr/local /var /var/lib; do
	expect_status 1 from_inside touch $place/planted
	contains "$err" "Read-only file system"
done
expect_status 0 from_inside touch $home/planted
expect_status 2 from_inside ls /home /root
contains "$err" "Permission denied"
expect_status 1 from_inside test -d /proc/1
expect_status 1 from_inside test -e /dev/kmsg

# Killed: again there, with the session, at the same address.
before=$(main)
is_back() { [ "$(main)" != 0 ] && [ "$(main)" != "$before" ]; }
in_machine systemctl kill --signal KILL jit-broker.service
poll 20 is_back
poll 20 as bob jitctl profiles
expect_status 0 as ann jitctl end "$id"

# A mistake at a reload is said with its line; the old profiles stay in force.
in_machine bash -c "echo '  colour: red' >>$home/profiles.yaml"
in_machine systemctl reload jit-broker.service
wait_for_line "$tree/journal.log" 'the profiles in force stay: .*profiles.yaml:[0-9]+: ' >/dev/null
unit_is ActiveState active || fail "a reload ended the broker"
expect_status 0 as ann jitctl profiles
contains "$out" orders-support

in_machine systemctl stop jit-broker.service
unit_is Result success || fail "it did not leave in peace"
in_machine pgrep -u jit-broker && fail "something still runs"
secrets=$(in_machine find $home -perm /077 -type f)
equals "$secrets" ""
