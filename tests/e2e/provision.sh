#!/bin/bash
# SPDX-License-Identifier: MIT
# A role of its own for a session: made with its tags, boundary and end when the session
# is approved, served only once STS gives it, and gone from IAM after the session's end,
# however that comes.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-provision.sh"
init_provisioning

# --- with iam = off nobody could make one, and that is said when somebody asks
set_line "$BROKER_DIR/broker.conf" iam off
expect_status 2 jit-broker check "$BROKER_DIR"
contains "$out" "profiles.yaml:12: error: tables-scaling wants a role of its own"
expect_status 0 jit-broker explain "$BROKER_DIR" tables-scaling
contains "$out" "the end: by nobody, since no session begins"
lacks "$out" "in the role's own policy, and the role is destroyed"
serve_provisioning
for name in ann bob dora; do
	start_agent $name
	enroll $name
done
expect_status 2 as ann jitctl request tables-scaling --reason "a test"
contains "$err" "tables-scaling wants a role of its own for each session, and this broker does not write to IAM to make one"
stop broker
set_line "$BROKER_DIR/broker.conf" iam on
check() { expect_status 0 env AWS_ACCESS_KEY_ID=broker AWS_SECRET_ACCESS_KEY=broker jit-broker check "$BROKER_DIR"; }
check
lacks "$out" boundary
expect_status 0 jit-broker explain "$BROKER_DIR" tables-scaling
contains "$out" "the end: by AWS, in the role's own policy, and the role is destroyed"
cp "$BROKER_DIR/profiles.yaml" "$tree/profiles.yaml"
sed -i 's/, boundary: jit-boundary//' "$BROKER_DIR/profiles.yaml"
check
contains "$out" "profiles.yaml:12: warning: the roles that are made for tables-scaling have no permissions boundary"
cp "$tree/profiles.yaml" "$BROKER_DIR/profiles.yaml"
serve_provisioning
for name in ann bob dora; do
	poll 20 as $name jitctl profiles
done

# --- approved: the role is there, is this session's alone, and ends with it
id=$(session_for ann bob tables-scaling --for 2h)
equals "$(roles '"\(.RoleName) \(.Path) \(.MaxSessionDuration)"')" "jit-$id /jit/ 7200"
as ann jitctl status --json >"$tree/status"
equals "$(jq -r '.sessions[0].role_arn' "$tree/status")" "arn:aws:iam::123456789012:role/jit/jit-$id"
aws_admin iam get-role --role-name "jit-$id" >"$tree/role"
equals "$(jq -r '.Role.PermissionsBoundary.PermissionsBoundaryArn' "$tree/role")" \
	arn:aws:iam::123456789012:policy/jit-boundary
equals "$(aws_admin iam list-role-tags --role-name "jit-$id" | jq -r '.Tags | map("\(.Key)=\(.Value)") | sort | join(" ")')" \
	"jit_broker=$BROKER_URL jit_profile=tables-scaling jit_request=$id jit_user=ann"
host=${BROKER_URL#http://}
equals "$(jq -c '.Role.AssumeRolePolicyDocument.Statement[0].Condition.StringEquals' "$tree/role")" \
	"{\"$host:aud\":\"sts.amazonaws.com\",\"$host:sub\":\"profile:tables-scaling:user:ann\",\"aws:RequestTag/jit_request\":\"$id\"}"
aws_admin iam get-role-policy --role-name "jit-$id" --policy-name jit-session >"$tree/policy"
equals "$(jq -c '.PolicyDocument.Statement[-1] | [.Effect, .Action, .Condition.DateGreaterThanEquals["aws:CurrentTime"]]' "$tree/policy")" \
	"[\"Deny\",\"*\",\"$(jq -r '.sessions[0].ends_at' "$tree/status")\"]"
equals "$(audited "$id" | tr '\n' ' ')" "asked decided approved role-made role-ready granted "
as ann jitctl configure tables-scaling >/dev/null
aws_as ann --profile tables-scaling dynamodb list-tables >"$tree/tables"
contains "$(cat "$tree/tables")" TableNames

# --- its end: nothing is left, in IAM or in the store
as ann jitctl end "$id" >/dev/null
poll 20 no_roles
poll 20 equals "$(rows request)" ""
equals "$(audited "$id" | tail -n2 | tr '\n' ' ')" "role-closed role-destroyed "

# --- revoked by somebody else
id=$(session_for ann bob tables-scaling)
as dora jitctl end "$id" >/dev/null
poll 20 no_roles
poll 20 is_state ann "$id" ended
expect_status 6 as ann jit-credentials tables-scaling
contains "$err" "revoked by dora"

# --- by time, and with the broker down at that time: the role's own policy says when
id=$(session_for ann bob tables-scaling --for 45s)
ends_at=$(as ann jitctl status --json | jq -r --arg id "$id" '.sessions[] | select(.id == $id) | .ends_at')
stop broker KILL
equals "$(aws_admin iam get-role-policy --role-name "jit-$id" --policy-name jit-session |
	jq -r '.PolicyDocument.Statement[-1].Condition.DateGreaterThanEquals["aws:CurrentTime"]')" "$ends_at"
is_past() { [ "$(date +%s)" -gt "$(date -d "$1" +%s)" ]; }
poll 60 is_past "$ends_at"
serve_provisioning
poll 20 no_roles

# --- AWS takes its time: who waits is told for what, and has it when it is there
plan '{"action": "AssumeRoleWithWebIdentity", "how": "refuse:AccessDenied", "times": 9}'
: >"$tree/wait.log"
start_as ann wait jitctl request tables-scaling --reason "a test" --wait --timeout 120s
id=$(wait_for_line "$tree/wait.log" '^r-[0-9a-z]{10}$')
as bob jitctl approve "$id" >/dev/null
waits() { grep -q "fetching: waiting for AWS to make the role jit-$id: STS refused: AccessDenied" <<<"$(as ann jitctl status)"; }
poll 40 waits
expect_status 7 as ann jit-credentials --session "$id"
contains "$err" "tables-scaling: waiting for AWS to make the role jit-$id"
lacks "$(cat "$tree/wait.log")" "no credentials"
finished wait 90
is_state ann "$id" ready
lacks "$(audited "$id")" role-failed
as ann jitctl end "$id" >/dev/null
poll 20 no_roles

# --- AWS will not: the session ends, with AWS's words to whoever waits, and nothing stays
for refusal in CreateRole:LimitExceeded PutRolePolicy:MalformedPolicyDocument CreateRole:AccessDenied; do
	plan "{\"action\": \"${refusal%:*}\", \"how\": \"refuse:${refusal#*:}\"}"
	: >"$tree/wait.log"
	start_as ann wait jitctl request tables-scaling --reason "a test" --wait --timeout 60s
	id=$(wait_for_line "$tree/wait.log" '^r-[0-9a-z]{10}$')
	as bob jitctl approve "$id" >/dev/null
	status=0
	finished wait 60 || status=$?
	equals $status 10
	contains "$(cat "$tree/wait.log")" "AWS refused to make the role: ${refusal#*:}: the weather is bad"
	poll 20 is_state ann "$id" ended
	contains "$(as ann jitctl status)" "AWS refused to make the role: ${refusal#*:}"
	expect_status 6 as ann jit-credentials --session "$id"
	contains "$err" "AWS refused to make the role: ${refusal#*:}"
	poll 20 no_roles
	contains "$(audited "$id")" role-failed
done
plan

# --- iam = off leaves what is there, and says so; on again, it goes
id=$(session_for ann bob tables-scaling)
stop broker
set_line "$BROKER_DIR/broker.conf" iam off
serve_provisioning
grep -qE 'iam = off: [0-9]+ roles? (was|were) made for sessions, and nobody destroys' "$tree/broker.log" ||
	fail "no word of the roles that are left"
as ann jitctl end "$id" >/dev/null
stop broker
equals "$(roles)" "jit-$id"
set_line "$BROKER_DIR/broker.conf" iam on
serve_provisioning
poll 20 no_roles
