#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A peer of another uid, root's included, is closed before a byte of it is read.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || skip "only root can be two users"
need setpriv util-linux
need strace strace

# Everybody may reach the socket here, whatever its mode: only the peer's uid counts.
owner=65501 stranger=65502
chmod 755 "$tree"
cat >"$tree/peer.py" <<'END'
import socket
import sys
peer = socket.socket(socket.AF_UNIX)
peer.settimeout(60)
peer.connect(sys.argv[1])
try:
    peer.sendall(b'{"method":"io.jitctl.Agent.Status"}\0')
    print(len(peer.recv(65536)))
except (ConnectionResetError, BrokenPipeError):
    print(0)
END

chmod 644 "$tree/peer.py"

# talk UID SOCKET: how many bytes it is answered.
talk() {
	setpriv --reuid "$1" --clear-groups /usr/bin/python3 "$tree/peer.py" "$2"
}

# reads NAME: how often the agent has read from an accepted peer.
reads() {
	grep -c 'recvfrom(' "$tree/$1-trace.log" || true
}

# serve NAME UID: an agent of that user, under strace.
serve() {
	local bin=$tree/bin
	environment_of "$1"
	# A copy that this user may run, wherever the build is.
	mkdir -p "$bin"
	[ -x "$bin/jit-agent" ] || cp "$JIT_BUILD/bin/jit-agent" "$bin"
	chmod 755 "$bin" "$bin/jit-agent"
	chown -R "$2" "$tree/$1"
	start_as "$1" "$1-agent" strace -D -f -o "$tree/$1-trace.log" -e trace=accept4,recvfrom,read,recvmsg \
		setpriv --reuid "$2" --clear-groups "$bin/jit-agent"
	wait_for_line "$tree/$1-agent.log" '^ready' >/dev/null
	chmod 711 "$tree/$1" "$tree/$1/run" "$tree/$1/run/jit-agent"
	chmod 666 "$tree/$1/run/jit-agent/agent.sock"
}

# refuses NAME UID STRANGER...: each is refused unread, then UID is answered.
refuses() {
	local name=$1 uid=$2 socket=$tree/$1/run/jit-agent/agent.sock other before
	for other in "${@:3}"; do
		before=$(reads "$name")
		equals "$(talk "$other" "$socket")" 0
		poll 10 grep -q 'accept4(' "$tree/$name-trace.log"
		equals "$(reads "$name")" "$before"
	done
	[ "$(talk "$uid" "$socket")" -gt 100 ] || fail "its own user is refused"
	[ "$(reads "$name")" -gt "$before" ] || fail "strace shows no read of its own user"
}

serve ann $owner
refuses ann $owner $stranger 0
serve root 0
refuses root 0 $owner $stranger

# As it is made: nobody else even reaches it.
equals "$(stat -c %a "$tree/bob" 2>/dev/null || true)" ""
start_agent bob
equals "$(stat -c %a "$tree/bob/run/jit-agent/agent.sock" "$tree/bob/run/jit-agent")" $'600\n700'
