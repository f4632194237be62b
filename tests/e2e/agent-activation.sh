#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A socket is taken from systemd by its strict rules only, everything else that was
# passed is refused in words; and systemd hears READY=1 and STOPPING=1.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

environment_of ann
agent=$JIT_BUILD/bin/jit-agent
notify=$tree/ann/run/notify

# Passes on a socket as systemd does: passing.py KIND PID FDS PATH PROGRAM.
cat >"$tree/passing.py" <<'END'
import os
import socket
import sys

kind, pid, count, path, program = sys.argv[1:]
stream, datagram = socket.SOCK_STREAM, socket.SOCK_DGRAM
if kind == "nothing":
    os.environ.pop("LISTEN_PID", None)
    os.execv(program, [program])
if kind == "file":
    passed = os.open("/dev/null", os.O_RDWR)
else:
    family = socket.AF_INET if kind == "network" else socket.AF_UNIX
    made = socket.socket(family, datagram if kind == "datagram" else stream)
    made.bind(("127.0.0.1", 0) if kind == "network" else path)
    if kind in ("good", "network"):
        made.listen(100)
    passed = made.detach()
if passed != 3:
    os.dup2(passed, 3)
os.set_inheritable(3, True)
os.dup2(3, 4)
os.environ["LISTEN_PID"] = pid if pid != "own" else str(os.getpid())
os.environ["LISTEN_FDS"] = count
os.environ["LISTEN_FDNAMES"] = "agent.sock"
os.execv(program, [program])
END

number=0

# passes KIND PID FDS: starts the agent so; its own socket would be elsewhere.
passes() {
	number=$((number + 1))
	passed=$tree/ann/run/passed-$number.sock
	: >"$tree/agent.log"
	start_as ann agent env NOTIFY_SOCKET="$notify" /usr/bin/python3 "$tree/passing.py" \
		"$1" "$2" "$3" "$passed" "$agent"
}

# refuses WORDS
refuses() {
	local status=0
	finished agent || status=$?
	equals $status 2
	contains "$(cat "$tree/agent.log")" "$1"
	lacks "$(cat "$tree/agent.log")" ready
	[ ! -e "$tree/ann/run/jit-agent/agent.sock" ] || fail "a socket of its own was left"
}

# answers SOCKET
answers() {
	as ann JIT_AGENT_SOCKET="$1" jitctl status >/dev/null
}

# What systemd would hear, a line each.
cat >"$tree/hearing.py" <<'END'
import socket
import sys
heard = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
heard.bind(sys.argv[1].replace("@", "\0", 1) if sys.argv[1][0] == "@" else sys.argv[1])
print("listens", flush=True)
while True:
    print(heard.recv(100).decode(), flush=True)
END
start hearing /usr/bin/python3 "$tree/hearing.py" "$notify"
wait_for_line "$tree/hearing.log" '^listens' >/dev/null

passes good own 1
wait_for_line "$tree/agent.log" '^ready' >/dev/null
wait_for_line "$tree/hearing.log" '^READY=1$' >/dev/null
answers "$passed"
[ ! -e "$tree/ann/run/jit-agent/agent.sock" ] || fail "a socket of its own beside systemd's"
stop agent
equals "$stop_status" 0
wait_for_line "$tree/hearing.log" '^STOPPING=1$' >/dev/null
[ -S "$passed" ] || fail "systemd's socket was removed"

passes good own 2
refuses 'exactly one socket'
passes good own 0
refuses 'exactly one socket'
for wrong in 01 +1 ' 1' 1x ''; do
	passes good own "$wrong"
	refuses 'exactly one socket'
done
passes file own 1
refuses 'no listening AF_UNIX stream'
passes datagram own 1
refuses 'no listening AF_UNIX stream'
passes network own 1
refuses 'no listening AF_UNIX stream'
passes unheard own 1
refuses 'no listening AF_UNIX stream'

# Not for us: what was passed to another process is left alone.
for other in 1 '' 0 "$$"; do
	passes good "$other" 1
	wait_for_line "$tree/agent.log" '^ready' >/dev/null
	answers "$tree/ann/run/jit-agent/agent.sock"
	stop agent
	equals "$stop_status" 0
	[ ! -e "$tree/ann/run/jit-agent/agent.sock" ] || fail "its socket is left behind"
done

# In the abstract namespace, as for systemd's user manager in a container.
stop hearing
notify=@$tree/notify
: >"$tree/hearing.log"
start hearing /usr/bin/python3 "$tree/hearing.py" "$notify"
wait_for_line "$tree/hearing.log" '^listens' >/dev/null
passes nothing own 0
wait_for_line "$tree/hearing.log" '^READY=1$' >/dev/null
answers "$tree/ann/run/jit-agent/agent.sock"

# A second agent of the same person keeps its hands off.
as ann "$agent" >"$tree/second.log" 2>&1 && fail "two agents" || equals $? 11
contains "$(cat "$tree/second.log")" 'another jit-agent is running'
answers "$tree/ann/run/jit-agent/agent.sock"
# Nobody at the notify socket any more: no reason not to leave.
stop hearing
stop agent
equals "$stop_status" 0
