# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Sourced behind lib.sh by the scripts that test jitctl against a fake agent.

need python3 python3
export JIT_AGENT_SOCKET=$tree/agent.sock HOME=$tree/home
script=$tree/script.json
calls=$tree/calls
mkdir -p "$HOME"

# fake JSON: what the agent answers from now on; see fake_agent.py.
fake() {
	printf '%s' "$1" >"$script.new"
	mv "$script.new" "$script"
	: >"$calls"
}

fake '{}'
start fake python3 "$root/tests/e2e/fake_agent.py" "$JIT_AGENT_SOCKET" "$script" "$calls"
wait_for_line "$tree/fake.log" '^ready' >/dev/null

# let_go FIFO: whoever waits there goes on; returns once somebody did wait.
let_go() {
	timeout "$(seconds 20)" tee "$1" </dev/null || fail "nobody waits at $1"
}

# call: the parameters of the one call that was made, sorted.
call() {
	jq -cS .parameters "$calls"
}

# shellcheck disable=SC2034
request='{"id":"r-0000000000","user":"ann","profile":"orders","parameters":{"tenant":"acme"},
	"state":"pending","reason":"ticket","duration_seconds":1800,
	"requested_at":"2026-11-24T12:00:00Z","expires_at":"2099-11-24T12:00:00Z",
	"still_needed":["1 more peer of support"],"access":["read orders"],"decisions":[]}'
# shellcheck disable=SC2034
session='{"id":"r-0000000000","profile":"orders","parameters":{"tenant":"acme"},
	"account_id":"123456789012","role_arn":"arn:aws:iam::123456789012:role/r",
	"region":"eu-west-1","state":"ready","approved_by":["bob"],
	"approved_at":"2026-11-24T12:00:00Z","ends_at":"2099-11-24T12:00:00Z"}'
