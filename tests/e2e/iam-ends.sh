#!/bin/bash
# SPDX-License-Identifier: MIT
# The Deny for a session's end is in IAM before its grant is answered, through throttling,
# outages and a kill -9 before or after any call; a revocation is there at once.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
start_moto
make_orders
start proxy "$venv/bin/python" "$root/tests/e2e/iam_proxy.py" "$MOTO_URL"
PROXY_URL=$(wait_for_line "$tree/proxy.log" '^proxy at ' | grep -oE 'http://[0-9.:]+')
init_broker
set_line "$BROKER_DIR/broker.conf" iam_url "$PROXY_URL"
set_line "$BROKER_DIR/broker.conf" iam on
serve_broker

ends() {
	BROKER_URL=$BROKER_URL MOTO_URL=$MOTO_URL PROXY_URL=$PROXY_URL STATE=$tree \
		PYTHONPATH=$root/tests/e2e python "$root/tests/e2e/iam_ends.py" "$@"
}
ends enroll "$(jit-broker invite "$BROKER_DIR" ann 2>/dev/null)" \
	"$(jit-broker invite "$BROKER_DIR" bob 2>/dev/null)"
ends before
ends together
ends revoked
ends weather
ends outage

# kill -9 in every call that writes: before IAM has it, and after.
for what in grant end; do
	for when in kill-before kill-after; do
		ends die $when "${pid_of[broker]}" $what
		finished broker || equals $? 137
		serve_broker
		ends healed
	done
done

# No grant was ever signed before its Deny was in force.
jit-broker audit "$BROKER_DIR" --json >"$tree/audit.json"
python - "$tree/audit.json" <<'END'
import json
import sys

written, granted = set(), 0
text = open(sys.argv[1]).read()
for entry in json.loads(text)["audit"] if text.lstrip().startswith('{"audit"') else map(json.loads, text.splitlines()):
    if entry["event"] in ("end-written", "end-exact"):
        written.add(entry["request"])
    if entry["event"] == "granted":
        granted += 1
        assert entry["request"] in written, entry
assert granted > 20, granted
END

# The agent tries by itself, and whoever asked reads why there is nothing yet.
start_agent ann
enroll ann
control() {
	curl -sf --data "$1" "$PROXY_URL/control" >/dev/null
}
control '{"do": "forbid", "times": -1}'
id=$(as ann jitctl request orders-support tenant=acme --reason "a test" </dev/null | grep -oE -m1 'r-[0-9a-z]{10}')
ends approve "$id"
poll 40 is_state ann "$id" failing
contains "$(as ann jitctl status </dev/null)" "no grant before AWS has the Deny for its end: IAM refused: AccessDenied"
control '{"do": "pass", "times": 0}'
poll 60 is_state ann "$id" ready

# What is wrong with the keys is said before anything begins.
stop broker
equals "$stop_status" 0
set_line "$BROKER_DIR/broker.conf" aws_credentials_file "$tree/nowhere"
expect_status 2 jit-broker serve "$BROKER_DIR"
contains "$err" "iam = on, and the broker has no AWS keys to do it"
expect_status 2 jit-broker check "$BROKER_DIR"
contains "$out$err" "iam = on, and the broker has no AWS keys to do it"
