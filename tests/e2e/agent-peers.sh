#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Whatever one peer sends, or never reads, it gets an error and is closed, and
# everybody else is answered meanwhile.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
need prlimit util-linux

start_moto
make_orders
start_broker
start_agent bob
enroll bob
# Few places, so that a flood can fill them.
environment_of ann
agent_set ann sts_url "$MOTO_URL"
start_as ann ann-agent prlimit --nofile=1400:1400 "$JIT_BUILD/bin/jit-agent"
wait_for_line "$tree/ann-agent.log" '^ready' >/dev/null
enroll ann
id=$(session_for ann bob orders-support tenant=acme)

expect_status 0 /usr/bin/python3 "$root/tests/e2e/agent_peers.py" \
	"$tree/ann/run/jit-agent/agent.sock" "$id"
as ann jit-credentials orders-support | jq -e .SecretAccessKey >/dev/null
is_running ann-agent
