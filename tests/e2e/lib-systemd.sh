# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Sourced after lib.sh: ann on a machine with systemd, seen from inside; what is
# installed there is what make install puts in place.  Bob, the broker and moto
# stay outside; loopback is the same.
#
#	as ann COMMAND...   in her login session there
#	in_machine COMMAND...   as root there
#	$uid $runtime       hers; $runtime is /run/user/$uid
#	$inside/PATH        a file of that machine, seen from here

[ "$(id -u)" = 0 ] || skip "only root can make a machine of its own for systemd"
[ -x /lib/systemd/systemd ] || skip "there is no systemd (Debian: systemd)"
need nsenter util-linux
need findmnt util-linux
control_groups=$(findmnt -t cgroup2 -n -o TARGET | head -n1)
[ -w "$control_groups" ] || skip "there are no control groups (v2) that may be written to"
unshare --mount --pid --cgroup --fork true 2>/dev/null || skip "namespaces can't be made here"

uid=65511 runtime=/run/user/65511 inside= session=()

# install_programs: make install, into $tree/stage.
install_programs() {
	make -s -C "$root" install DESTDIR="$tree/stage" PREFIX=/usr/local >"$tree/install.log" 2>&1
	chmod -R go+rX "$tree/stage"
}

# write_accounts: the system's own, and ann.
write_accounts() {
	{ cat /etc/passwd; echo "ann:x:$uid:$uid::/home/ann:/bin/bash"; } >"$tree/passwd"
	{ cat /etc/group; echo "ann:x:$uid:"; } >"$tree/group"
	printf '[Journal]\n%s=%s\n' Storage volatile ReadKMsg no Audit no \
		ForwardToSyslog no ForwardToWall no >"$tree/journald.conf"
	chmod 644 "$tree/passwd" "$tree/group" "$tree/journald.conf"
	chmod 711 "$tree"
}

is_up() {
	[[ $(as ann systemctl --user is-system-running) =~ ^(running|degraded)$ ]]
}

start_machine() {
	install_programs
	write_accounts
	start machine bash "$root/tests/e2e/systemd/namespace" "$control_groups" "$tree" "$uid"
	machine=$(wait_for_line "$tree/machine.log" '^init [0-9]+')
	machine=${machine#init }
	inside=/proc/$machine/root
	session=(nsenter -t "$machine" --mount --pid --cgroup
		setpriv --reuid "$uid" --regid "$uid" --clear-groups
		env -i HOME=/home/ann USER=ann LOGNAME=ann PATH=/usr/local/bin:/usr/bin:/bin
		LC_ALL=C.UTF-8 TZ=UTC XDG_RUNTIME_DIR="$runtime")
	poll 30 is_up
}

in_machine() {
	nsenter -t "$machine" --mount --pid --cgroup "$@"
}

# as NAME COMMAND...: ann's are on her machine.
as() {
	local name=$1 environment
	shift
	if [ "$name" = ann ]; then
		"${session[@]}" "$@"
	else
		environment_of "$name"
		env -i "${environment[@]}" "$@"
	fi
}

# start_keyring: gnome-keyring on her session bus, unlocked.
start_keyring() {
	need gnome-keyring-daemon gnome-keyring
	need dbus-daemon dbus-daemon
	# Where there is a unit for the bus, systemd listens already.
	if ! as ann test -S "$runtime/bus"; then
		start bus "${session[@]}" dbus-daemon --session --nofork --nopidfile --address="unix:path=$runtime/bus"
		poll 10 as ann test -S "$runtime/bus"
	fi
	start keyring "${session[@]}" bash -c \
		'exec gnome-keyring-daemon --unlock --foreground --components=secrets < <(printf login)'
	poll 20 bus_has_keyring
}

bus_has_keyring() {
	[[ $(as ann dbus-send --bus="unix:path=$runtime/bus" --dest=org.freedesktop.DBus --print-reply=literal / \
		org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets) == *true* ]]
}

# unit_says UNIT PROPERTY [VALUE]: prints it, or whether it has that value.
unit_says() {
	local value
	value=$(as ann systemctl --user show -P "$2" "$1")
	if [ $# = 3 ]; then [ "$value" = "$3" ]; else echo "$value"; fi
}
