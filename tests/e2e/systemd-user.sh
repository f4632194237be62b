#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The installed units under a real user manager: the agent starts with the first
# who connects, comes back after kill -9 with what was live, and leaves nothing
# readable behind when it is stopped.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=lib-systemd.sh
. "$root/tests/e2e/lib-systemd.sh"

socket=$runtime/jit-agent/agent.sock
start_moto
make_orders
start_broker
start_agent bob
enroll bob
start_user_machine
start_keyring

# Nobody has asked yet: a socket, and no process.
as ann systemctl --user --quiet enable --now jit-agent.socket 2>/dev/null
equals "$(stat -c %a "$inside$socket" "$inside$runtime/jit-agent")" $'600\n700'
unit_says jit-agent.service ActiveState inactive
expect_status 4 as ann jitctl profiles
# Type=notify: active means that it has said so.
unit_says jit-agent.service ActiveState active
equals "$(unit_says jit-agent.service NRestarts)" 0

as ann bash -c 'umask 077; printf "# mine\nsts_url = %s\n" "$1" >~/.config/jit-agent/agent.conf' - "$MOTO_URL"
as ann systemctl --user restart jit-agent.service
enroll ann secret-service
grep -q '^# mine' "$inside/home/ann/.config/jit-agent/agent.conf" || fail "the configuration was not kept"
id=$(session_for ann bob orders-support tenant=acme)
as ann jit-credentials --session "$id" >"$tree/document"

still_serves() {
	expect_status 0 as ann jit-credentials --session "$id"
	equals "$out" "$(cat "$tree/document")"
}

has_new_process() {
	local now
	now=$(unit_says jit-agent.service MainPID)
	[ "$now" != 0 ] && [ "$now" != "$before" ] && unit_says jit-agent.service ActiveState active
}

# Whoever is killed, what was live is live, without a word from anybody.
for victim in jit-agent jit-launcher; do
	before=$(unit_says jit-agent.service MainPID)
	in_machine pkill -KILL -u $uid -x $victim
	poll 20 has_new_process
	still_serves
done
equals "$(unit_says jit-agent.service NRestarts)" 2

# Stopped: no process, no file and no line that holds a part of the secret.
as ann systemctl --user stop jit-agent.service 2>/dev/null # says that the socket is left
unit_says jit-agent.service Result success
in_machine pgrep -u $uid -f 'jit-(agent|launcher)' && fail "something still runs"
jq -r '.AccessKeyId, .SecretAccessKey, .SessionToken' "$tree/document" >"$tree/secrets"
equals "$(grep -c . "$tree/secrets")" 3
in_machine journalctl --sync
in_machine journalctl --no-pager -o export >"$tree/journal"
grep -q 'MESSAGE=ready' "$tree/journal" || fail "the agent's lines are not in the journal"
grep -rlaFf "$tree/secrets" "$inside/run" "$inside/home" "$tree/journal" && fail "a secret was left there"

# The next who asks starts it, and the keyring opens what was sealed.
still_serves
as ann systemctl --user stop jit-agent.socket
[ ! -e "$inside$socket" ] || fail "the socket was left"
unit_says jit-agent.service ActiveState inactive
expect_status 3 as ann jit-credentials --session "$id"
equals "$out" ""

# A configuration that can't be read: said, and mended.
as ann bash -c 'echo "colour = red" >>~/.config/jit-agent/agent.conf'
as ann systemctl --user start jit-agent.socket
expect_status 3 as ann jitctl status
poll 20 unit_says jit-agent.socket ActiveState failed
poll 10 grep -q 'jit-agent.*colour' "$tree/journal.log"
as ann sed -i '/^colour/d' /home/ann/.config/jit-agent/agent.conf
as ann systemctl --user reset-failed jit-agent.service
as ann systemctl --user start jit-agent.socket
still_serves

as ann systemctl --user --quiet disable --now jit-agent.socket 2>/dev/null
[ ! -e "$inside$socket" ] || fail "the socket was left"
