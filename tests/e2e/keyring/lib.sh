# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# ann's session bus with a real gnome-keyring on it, and the usual scene.  The
# bus is at $XDG_RUNTIME_DIR/bus, where every D-Bus client looks for it.

need gnome-keyring-daemon gnome-keyring
need dbus-daemon dbus-daemon
/usr/bin/python3 -c 'import dbus' 2>/dev/null || skip "dbus for Python is not installed (Debian: python3-dbus)"

bus=unix:path=$tree/ann/run/bus

bus_has_keyring() {
	[[ $(as ann dbus-send --bus="$bus" --dest=org.freedesktop.DBus --print-reply=literal / \
		org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets) == *true* ]]
}

# start_keyring: unlocked; the password is "login".
start_keyring() {
	start_as ann bus dbus-daemon --session --nofork --nopidfile --address="$bus"
	poll 10 test -S "$tree/ann/run/bus"
	# No prompter has a display here, and none may hang the test.
	start_as ann keyring bash -c 'printf login >"$HOME/tmp/login"
		exec gnome-keyring-daemon --unlock --foreground --components=secrets <"$HOME/tmp/login"'
	poll 10 bus_has_keyring
}

keyring_control() {
	as ann DBUS_SESSION_BUS_ADDRESS="$bus" /usr/bin/python3 "$root/tests/e2e/keyring/control.py" "$@"
}

keyring_scene() {
	start_moto
	make_orders
	start_broker
	start_keyring
	start_agent ann
	start_agent bob
	enroll ann secret-service
	enroll bob
	id=$(session_for ann bob orders-support tenant=acme)
	as ann jit-credentials --session "$id" >"$tree/document"
}

# agent_status FIELD: of ann's agent, from jitctl status.
agent_status() {
	as ann jitctl status --json | jq -r ".agent.$1"
}

# still_serves: the very same credentials as at first.
still_serves() {
	expect_status 0 as ann jit-credentials --session "$id"
	equals "$out" "$(cat "$tree/document")"
}

no_keyring_worker() {
	! pgrep -s "${pid_of[ann-agent]}" -f jit-agent-keyring >/dev/null
}
