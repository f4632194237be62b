#!/bin/bash
# SPDX-License-Identifier: MIT
# What is ended is seen to be refused by AWS: keys that somebody kept are dead when the
# broker says so, and what shows nothing is not taken for a proof.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
start_moto
start judge "$venv/bin/python" "$root/tests/e2e/aws_judge.py" "$MOTO_URL" 2
MOTO_URL=$(wait_for_line "$tree/judge.log" '^http://')
make_orders
put_policy() {
	moto_call iam -d Action=PutRolePolicy -d Version=2010-05-08 -d RoleName=jit-orders-support \
		-d "PolicyName=$1" --data-urlencode "PolicyDocument=$2"
}
put_policy access '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"*"}]}'
init_broker
set_line "$BROKER_DIR/broker.conf" iam on
set_line "$BROKER_DIR/broker.conf" probe on
set_line "$BROKER_DIR/broker.conf" dynamodb_url "$MOTO_URL"
cat >>"$BROKER_DIR/profiles.yaml" <<-END
	  tables-scaling:
	    summary: Scale the tables, never read them
	    account: production
	    provision: { path: /jit/ }
	    who: [support]
	    longest: 1h
	    approval: { peer: { group: support } }
	    access:
	      - dynamodb: { table: "*", actions: [UpdateTable, DescribeTable] }
END
serve_broker
for name in ann bob; do
	start_agent $name
	enroll $name
done

# keep NAME PROFILE: the keys as an SDK holds them, in the array kept.
keep() {
	local document
	document=$(as "$1" jit-credentials "$2")
	mapfile -t kept < <(jq -r '"AWS_ACCESS_KEY_ID=" + .AccessKeyId, "AWS_SECRET_ACCESS_KEY=" + .SecretAccessKey,
		"AWS_SESSION_TOKEN=" + .SessionToken' <<<"$document")
}
with_kept() {
	as ann env "${kept[@]}" AWS_EC2_METADATA_DISABLED=true AWS_PAGER= AWS_DEFAULT_REGION=eu-west-1 \
		"$aws_program" --endpoint-url "$MOTO_URL" dynamodb get-item --table-name orders --key '{"pk":{"S":"acme"}}'
}
# dead_after NAME ID: the seconds, once they are known.
dead_after() {
	as "$1" jitctl status --json </dev/null |
		jq -e --arg id "$2" '.sessions[] | select(.id == $id) | .dead_after_seconds | values'
}
audited() {
	jit-broker audit "$BROKER_DIR" --json |
		jq -se --arg id "$1" --arg event "$2" 'map(select(.request == $id and .event == $event)) | last'
}
# is_unproven ID EVENT: the trail has that of it, and no proof.
is_unproven() {
	local events
	events=$(jit-broker audit "$BROKER_DIR" --json | jq -r --arg id "$1" 'select(.request == $id) | .event')
	contains "$events" "$2"
	lacks "$events" end-proven
}
judged() {
	curl -sf "$MOTO_URL/control" | jq "$1"
}

# --- ended by its owner, with the keys kept
[ -n "$aws_program" ] || skip "aws is not installed (Debian: awscli)"
id=$(session_for ann bob orders-support tenant=acme)
poll 20 audited "$id" end-written
keep ann orders-support
poll 20 with_kept
start_as ann watch jitctl watch
as ann jitctl end "$id" >/dev/null
poll 60 dead_after ann "$id"
seconds=$(dead_after ann "$id")
[ "$seconds" -ge 2 ] || fail "$seconds s, and AWS took 2 to see it"
expect_status 254 with_kept
contains "$err" "with an explicit deny in an identity-based policy"
contains "$(as ann jitctl status </dev/null)" "ended here; dead in AWS after $seconds s"
wait_for_line "$tree/watch.log" "$id .*dead in AWS after $seconds s" >/dev/null
stop watch
text=$(audited "$id" end-proven | jq -r .text)
contains "$text" "AWS refuses $id since $seconds s after its end: DynamoDB in eu-west-1 sees the Deny for it (grant g-"
contains "$text" "and none for another tag (grant g-"

# What the broker asked with: this session's tag, then one of nobody; never more than the question.
equals "$(judged '[.[] | select(.session == "probe-'"$id"'") | .tag] | unique | length')" 2
equals "$(judged '[.[] | select(.session == "probe-'"$id"'") | .tag] | map(select(. == "'"$id"'")) | length > 0')" true
equals "$(judged '[.[] | select(.session | startswith("probe-")) | .policy.Statement] | unique == [[{"Effect": "Allow", "Action": "dynamodb:DescribeLimits", "Resource": "*"}]]')" true
equals "$(judged '[.[] | select(.action != "dynamodb:DescribeLimits" and (.session | startswith("probe-")))] | length')" 0

# --- neither keys nor grants of that are left in the broker
if [ "$(id -u)" = 0 ] && ! is_sanitized; then
	curl -sf "$MOTO_URL/probes" >"$tree/probes"
	[ "$(jq length "$tree/probes")" -ge 4 ] || fail "STS gave the broker nothing"
	for ((i = 0; i < $(jq length "$tree/probes"); i++)); do
		jq ".[$i]" "$tree/probes" >"$tree/needles"
		python "$root/tests/e2e/memory_scan.py" "$tree/needles" --alive "${pid_of[broker]}" >"$tree/scan.log" ||
			fail "what a probe had is in the broker: $(head -n 5 "$tree/scan.log")"
	done
fi

# --- the broker is killed while it asks: it asks again, and says nothing before
id=$(session_for ann bob orders-support tenant=acme)
poll 20 audited "$id" end-written
curl -sf --data "{\"kill\": ${pid_of[broker]}}" "$MOTO_URL/control"
as ann jitctl end "$id" >/dev/null
ends_with 137 broker 60
is_unproven "$id" ended
serve_broker
poll 60 audited "$id" end-proven
poll 60 dead_after ann "$id"

# --- a role of its own: STS gives it to nobody any more
id=$(session_for ann bob tables-scaling)
as ann jitctl end "$id" >/dev/null
poll 60 dead_after ann "$id"
contains "$(audited "$id" end-proven | jq -r .text)" "STS gives its role to nobody any more (grant g-"

# --- a Deny for everybody hides ours: that is said, and is no proof
put_policy corporate '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
id=$(session_for ann bob orders-support tenant=acme)
as ann jitctl end "$id" >/dev/null
poll 60 audited "$id" end-unproven
contains "$(audited "$id" end-unproven | jq -r .text)" \
	"another Deny of the role refuses the broker's question whoever asks it; whether the Deny is in force can be seen in IAM only"
is_unproven "$id" end-unproven
contains "$(as ann jitctl status </dev/null)" "whether it is dead in AWS was not shown"
! dead_after ann "$id" >/dev/null || fail "it has its seconds"

# --- switched off, nobody is asked
stop broker
set_line "$BROKER_DIR/broker.conf" probe off
serve_broker
count=$(judged length)
id=$(session_for ann bob orders-support tenant=acme)
as ann jitctl end "$id" >/dev/null
poll 20 audited "$id" end-exact
expect_status 0 as ann jitctl status
line=$(grep "^$id" <<<"$out")
lacks "$line" AWS
# It would be asked a second after the end is written, so some have to pass.
expect_status 7 as ann jitctl request tables-scaling --reason "a test" --wait --timeout 4s
equals "$(judged length)" "$count"
set_line "$BROKER_DIR/broker.conf" probe perhaps
expect_status 2 jit-broker check "$BROKER_DIR"
contains "$out" "probe is on or off"
