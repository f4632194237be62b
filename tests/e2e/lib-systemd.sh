# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Sourced after lib.sh: a machine with systemd, seen from inside; what is installed
# there is what make install puts in place.  The rest of the scene stays outside;
# loopback is the same.
#
#	in_machine COMMAND...   as root there
#	$inside/PATH            a file there, seen from here
#	$tree/journal.log       its journal
#
# With start_user_machine it is ann's:
#
#	as ann COMMAND...   in her login session there
#	$uid $runtime       hers; $runtime is /run/user/$uid

[ "$(id -u)" = 0 ] || skip "only root can make a machine of its own for systemd"
[ -x /lib/systemd/systemd ] || skip "there is no systemd (Debian: systemd)"
need nsenter util-linux
need findmnt util-linux
control_groups=$(findmnt -t cgroup2 -n -o TARGET | sed -n 1p)
[ -w "$control_groups" ] || skip "there are no control groups (v2) that may be written to"
unshare --mount --pid --cgroup --fork true 2>/dev/null || skip "namespaces can't be made here"

uid=65511 runtime=/run/user/65511 machine= inside= session=()
# What the units forbid a user's manager does by a namespace of the user's, and the kernel
# gives none to who lives in a chroot.
setpriv --reuid $uid --regid $uid --clear-groups unshare --user true 2>/dev/null ||
	skip "users can't make namespaces here: a chroot, or the kernel is told not to"

# install_programs: make install, into $tree/stage.
install_programs() {
	make -s -C "$root" install DESTDIR="$tree/stage" PREFIX=/usr/local >"$tree/install.log" 2>&1
	chmod -R go+rX "$tree/stage"
}

# start_machine PROGRAM ARGUMENT...: see systemd/machine.
start_machine() {
	install_programs
	printf '[Journal]\n%s=%s\n' Storage volatile ReadKMsg no Audit no \
		ForwardToSyslog no ForwardToWall no >"$tree/journald.conf"
	chmod 644 "$tree/journald.conf"
	chmod 711 "$tree"
	start machine bash "$root/tests/e2e/systemd/machine" "$control_groups" "$@"
	machine=$(wait_for_line "$tree/machine.log" '^init [0-9]+')
	machine=${machine#init }
	inside=/proc/$machine/root
	poll 30 test -S "$inside/run/systemd/journal/stdout"
}

# start_journal: into $tree/journal.log, which a failure shows.
start_journal() {
	start journal nsenter -t "$machine" --mount --pid --cgroup --root --wd \
		journalctl --no-pager --no-tail --follow --output=short-monotonic --no-hostname
}

start_user_machine() {
	# The system's own accounts, and ann.
	{ cat /etc/passwd; echo "ann:x:$uid:$uid::/home/ann:/bin/bash"; } >"$tree/passwd"
	{ cat /etc/group; echo "ann:x:$uid:"; } >"$tree/group"
	chmod 644 "$tree/passwd" "$tree/group"
	start_machine bash "$root/tests/e2e/systemd/user-manager" "$tree" "$uid"
	session=(nsenter -t "$machine" --mount --pid --cgroup --root --wd
		setpriv --reuid "$uid" --regid "$uid" --clear-groups
		env -i HOME=/home/ann USER=ann LOGNAME=ann PATH=/usr/local/bin:/usr/bin:/bin
		LC_ALL=C.UTF-8 TZ=UTC XDG_RUNTIME_DIR="$runtime")
	poll 30 is_up as ann systemctl --user
	start_journal
}

start_system_machine() {
	start_machine bash "$root/tests/e2e/systemd/system-manager" "$tree"
	poll 60 is_up in_machine systemctl
	start_journal
}

# is_up COMMAND...: systemctl, as whom it concerns.
is_up() {
	[[ $("$@" is-system-running) =~ ^(running|degraded)$ ]]
}

in_machine() {
	nsenter -t "$machine" --mount --pid --cgroup --root --wd "$@"
}

# as NAME COMMAND...: ann's are on her machine, if there is one.
as() {
	local name=$1 environment
	shift
	if [ "$name" = ann ] && [ ${#session[@]} != 0 ]; then
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
