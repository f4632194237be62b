#!/bin/bash
# SPDX-License-Identifier: MIT
# The agent's socket, spoken to by a Varlink client that nobody here wrote.
. "$(dirname "$0")/lib.sh"

scene ann bob
id=$(session_for ann bob orders-support tenant=acme)
asked=$(as ann jitctl request tables-describe --reason "to have one pending")
environment_of ann
env -i "${environment[@]}" "$venv/bin/python" "$root/tests/e2e/varlink_peer.py" \
	"$tree/ann/run/jit-agent/agent.sock" "$root/protocol/io.jitctl.Agent.varlink" "$id" "$asked" \
	>"$tree/peer.log" 2>&1 || fail "varlink_peer.py"
