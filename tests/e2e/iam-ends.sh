#!/bin/bash
# SPDX-License-Identifier: MIT
# The Deny for a session's end is in IAM before its grant is answered, through throttling,
# outages and a kill -9 before or after any call; a revocation is there at once.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
start_moto
make_orders
start proxy "$venv/bin/python" "$root/tests/e2e/iam_proxy.py" "$MOTO_URL"
PROXY_URL=$(wait_for_line "$tree/proxy.log" '^http://')
init_broker
set_line "$BROKER_DIR/broker.conf" iam_url "$PROXY_URL"
set_line "$BROKER_DIR/broker.conf" iam on
serve_broker

ends() {
	BROKER_URL=$BROKER_URL MOTO_URL=$MOTO_URL PROXY_URL=$PROXY_URL STATE=$tree \
		PYTHONPATH=$root/tests/e2e python "$root/tests/e2e/iam_ends.py" "$@"
}
ends enroll "$(invite ann)" "$(invite bob)"
ends before
ends together
ends revoked
ends weather
ends outage

# kill -9 in every call that writes: before IAM has it, and after.
for what in grant end; do
	for when in kill-before kill-after; do
		ends die $when "${pid_of[broker]}" $what
		ends_with 137 broker
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
start_agent carl
enroll carl
control() {
	curl -sf --data "$1" "$PROXY_URL/control" >/dev/null
}
control '{"do": "forbid", "times": -1}'
id=$(as carl jitctl request orders-support tenant=acme --reason "a test" </dev/null)
ends approve "$id"
poll 40 is_state carl "$id" failing
contains "$(as carl jitctl status </dev/null)" "no grant before AWS has the Deny for its end: IAM refused: AccessDenied"
start_as carl waiting jitctl request orders-support tenant=zeta --reason "a test" --wait
ends approve "$(wait_for_line "$tree/waiting.log" 'r-[0-9a-z]{10}' | grep -oE 'r-[0-9a-z]{10}')"
ends_with 10 waiting 60
contains "$(cat "$tree/waiting.log")" "no grant before AWS has the Deny for its end"
control '{"do": "pass", "times": 0}'
poll 60 is_state carl "$id" ready

# What is wrong with the keys is said before anything begins.
stop broker
equals "$stop_status" 0
set_line "$BROKER_DIR/broker.conf" aws_credentials_file "$tree/nowhere"
expect_status 2 jit-broker serve "$BROKER_DIR"
contains "$err" "iam = on, and the broker has no AWS keys to do it"
expect_status 2 jit-broker check "$BROKER_DIR"
contains "$out$err" "iam = on, and the broker has no AWS keys to do it"

set_line "$BROKER_DIR/broker.conf" iam perhaps
expect_status 2 jit-broker check "$BROKER_DIR"
contains "$out" "iam is on or off"
set_line "$BROKER_DIR/broker.conf" iam on

# What check says of roles: missing, good for too long, trusting others, of another account.
unset_line() {
	sed -i "/^$1 /d" "$BROKER_DIR/broker.conf"
}
unset_line aws_credentials_file
set_line "$BROKER_DIR/broker.conf" url https://jit.example.com
export AWS_ACCESS_KEY_ID=broker AWS_SECRET_ACCESS_KEY=broker
expect_status 2 jit-broker check "$BROKER_DIR"
contains "$out" "there is no role jit-tables-describe in account 123456789012"
contains "$out" "the trust policy of jit-orders-support is not this broker's"
jit-broker policy "$BROKER_DIR" tables-describe --trust >"$tree/trust.json"
aws_admin iam create-role --role-name jit-tables-describe --max-session-duration 43200 \
	--assume-role-policy-document "file://$tree/trust.json" >/dev/null
expect_status 0 jit-broker check "$BROKER_DIR"
contains "$out" "jit-tables-describe gives credentials for up to 12h, sessions of tables-describe last 1h"
lacks "$out" "the trust policy of jit-tables-describe"
sed -i 's/id: "123456789012"/id: "210987654321"/' "$BROKER_DIR/profiles.yaml"
expect_status 2 jit-broker check "$BROKER_DIR"
contains "$out" "the broker's AWS keys are of account 123456789012, not of 210987654321"
set_line "$BROKER_DIR/broker.conf" iam off
expect_status 0 jit-broker check "$BROKER_DIR"
contains "$out" "AWS does not enforce the end of orders-support"
