#!/bin/bash
# SPDX-License-Identifier: MIT
# make install puts everything under DESTDIR and PREFIX, what is installed finds
# its workers there, and make uninstall takes all of it away again.
. "$(dirname "$0")/lib.sh"

[ "$JIT_BUILD" = "$root/build" ] || skip "only for the plain build"
make -s -C "$root" install DESTDIR="$tree/stage" PREFIX=/opt/jit >"$tree/install.log" 2>&1
for file in bin/jit-agent bin/jitctl bin/jit-credentials bin/jit-broker \
	libexec/jit-agent-fetch libexec/jit-agent-keyring \
	share/man/man1/jitctl.1 share/man/man1/jit-credentials.1 share/man/man8/jit-agent.8 \
	share/man/man8/jit-broker.8 share/man/man5/agent.conf.5 share/man/man5/broker.conf.5 \
	lib/systemd/user/jit-agent.socket lib/systemd/user/jit-agent.service \
	lib/systemd/system/jit-broker.service lib/sysusers.d/jit-broker.conf \
	lib/tmpfiles.d/jit-broker.conf; do
	[ -s "$tree/stage/opt/jit/$file" ] || [ -s "$tree/stage/opt/jit/$file.gz" ] ||
		fail "not installed: $file"
done
# The units name the programs where they are.
grep -q '^ExecStart=/opt/jit/bin/jit-agent' "$tree/stage/opt/jit/lib/systemd/user/jit-agent.service"

# The whole path, from the installed programs.
JIT_BUILD=$tree/stage/opt/jit
PATH=$JIT_BUILD/bin:$PATH
scene ann bob
session_for ann bob orders-support tenant=acme >/dev/null
expect_status 0 as ann jit-credentials orders-support
equals "$(jq -r .Version <<<"$out")" 1
for name in ann-agent bob-agent broker; do stop $name; done

make -s -C "$root" uninstall DESTDIR="$tree/stage" PREFIX=/opt/jit >>"$tree/install.log" 2>&1
left=$(find "$tree/stage" -type f)
equals "$left" ""
