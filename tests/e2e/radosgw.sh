#!/bin/bash
# SPDX-License-Identifier: MIT
# A real STS judges the broker's grants: it fetches the broker's keys, and refuses what is
# forged, altered, unsigned, expired, for another audience, from another issuer, for
# another profile's role, or tagged where the role's trust has no sts:TagSession; each with
# its words up to the user.  A session has the tags and the policy that the broker gave it,
# they bite on S3, and past its end its keys are dead; so are those that somebody got from
# STS with the grant alone, without the session policy: the broker's Deny is on the role.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-radosgw.sh"

[ -n "$aws_program" ] || skip "aws is not installed (Debian: awscli)"
start_radosgw
start_moto # knows whose account the broker's keys are of; radosgw has no such call

# --- the issuer: the broker, behind a proxy that can lie about grants

# profile NAME ROLE: what it allows is decided by the session policy, on a role that may
# read everything.
profile() {
	cat <<END
  $1:
    summary: One customer's reports
    account: production
    role: $2
    who: [support]
    longest: 1h
    usual: 30m
    parameters:
      tenant: { pattern: "[a-z]{3,32}", summary: the customer's id }
    approval: { peer: { group: support } }
    access:
      - document:
          Effect: Allow
          Action: s3:GetObject
          Resource: arn:aws:s3:::reports/public/*
      - document:
          Effect: Allow
          Action: s3:GetObject
          Resource: arn:aws:s3:::reports/acme/*
          Condition: { StringEquals: { "aws:PrincipalTag/tenant": acme } }
      - document:
          Effect: Deny
          Action: s3:GetObject
          Resource: arn:aws:s3:::reports/public/*
          Condition: { StringNotEquals: { "aws:PrincipalTag/tenant": "\${tenant}" } }
END
}

init_broker
cat >"$BROKER_DIR/profiles.yaml" <<END
version: 1
accounts:
  production: { id: "$ACCOUNT", region: eu-west-1 }
people:
  ann: { groups: [support] }
  bob: { groups: [support] }
roles:
  support: [ask, approve]
profiles:
$(profile reports jit-reports)
$(profile elsewhere jit-reports)
$(profile untagged jit-untagged)
$(profile acme-only jit-acme-only)
END
start issuer "$venv/bin/python" "$root/tests/e2e/radosgw_issuer.py" "$tree/upstream" \
	"$BROKER_DIR/signing-keys.json" "$tree/mode" "$tree/grant"
echo honest >"$tree/mode"
issuer=$(wait_for_line "$tree/issuer.log" '^http://')
set_line "$BROKER_DIR/broker.conf" url "$issuer"
use_iam "$MOTO_URL" "$RADOSGW_URL"
serve_broker
echo "$BROKER_URL" >"$tree/upstream"
BROKER_URL=$issuer
for name in ann bob; do
	agent_set $name sts_url "$RADOSGW_URL"
	run_agent $name
	enroll $name
done
trust_issuer "$issuer"

# --- roles: what is trusted, and what they may read

# role NAME PROFILE ACTIONS [CONDITION]: trusts grants for PROFILE.
role() {
	jq -n --arg provider "arn:aws:iam::$ACCOUNT:oidc-provider/${issuer#http://}" \
		--arg host "${issuer#http://}" --arg profile "$2" --argjson actions "$3" \
		--argjson more "${4:-{\}}" '{Version: "2012-10-17", Statement: [{Effect: "Allow",
			Principal: {Federated: [$provider]}, Action: $actions,
			Condition: {StringEquals: ({"\($host):aud": "sts.amazonaws.com"} + $more),
				StringLike: {"\($host):sub": "profile:\($profile):user:*"}}}]}' |
		without_spaces >"$tree/trust"
	radosgw_admin iam create-role --role-name "$1" \
		--assume-role-policy-document "$(cat "$tree/trust")" >/dev/null
	radosgw_admin iam put-role-policy --role-name "$1" --policy-name wide --policy-document \
		'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::reports/*"}]}'
}
tagged='["sts:AssumeRoleWithWebIdentity","sts:TagSession"]'
role jit-reports reports "$tagged"
role jit-untagged untagged '["sts:AssumeRoleWithWebIdentity"]'
role jit-acme-only acme-only "$tagged" '{"aws:RequestTag/tenant":"acme"}'
expect_status 0 jit-broker check "$BROKER_DIR" # the roles in IAM too
put_reports public acme zeta

# --- what people see

# ask PROFILE TENANT [OPTION...]: ann asks and waits, bob approves; the status is hers,
# her words are in $tree/ask.log, the id in $id.
ask() {
	: >"$tree/ask.log"
	start_as ann ask jitctl request "$1" tenant="$2" --reason "a test" --wait --timeout 60s "${@:3}"
	id=$(wait_for_line "$tree/ask.log" '^r-[0-9a-z]{10}$')
	as bob jitctl approve "$id" >/dev/null
	finished ask 90
}

# refused PROFILE TENANT: by STS, and ann reads its word wherever she looks.
refused() {
	local status=0
	ask "$1" "$2" || status=$?
	equals $status 10
	equals "$(tail -n 1 "$tree/ask.log")" \
		"jitctl: $id: approved, but no credentials: STS refused: AccessDenied; run: jitctl status"
	expect_status 10 as ann jit-credentials "$1"
	equals "$out" ""
	contains "$err" "STS refused: AccessDenied"
	contains "$(as ann jitctl status)" "STS refused: AccessDenied"
	as ann jitctl end "$id" >/dev/null
}

# get KEY: ann's aws reads that report.
get() {
	radosgw_as ann --profile reports s3api get-object --bucket reports --key "$1/report" "$tree/got"
}

# --- a good grant: its tags and its session policy bite
as ann jitctl configure reports --region us-east-1 >/dev/null
ask reports acme
expect_status 0 get public
equals "$(cat "$tree/got")" public
expect_status 0 get acme
equals "$(cat "$tree/got")" acme
denied ann zeta --profile reports
as ann jitctl end "$id" >/dev/null
ask reports zeta
expect_status 0 get public
denied ann acme --profile reports
as ann jitctl end "$id" >/dev/null

# --- keys in a thief's hands, whom no agent can tell that the session is over
ask reports acme --for 40s
as ann jit-credentials reports | keys_of thief
expect_status 0 reads thief acme
stolen=$id

# --- the grant itself in a thief's hands: the whole role, as long as the session lives
ask reports acme
radosgw_as greedy sts assume-role-with-web-identity --role-session-name greedy --duration-seconds 3600 \
	--role-arn "arn:aws:iam::$ACCOUNT:role/jit-reports" --web-identity-token "$(cat "$tree/grant")" |
	jq '.Credentials' >"$tree/taken"
keys_of greedy <"$tree/taken"
expect_status 0 reads greedy zeta
contains "$(radosgw_admin iam get-role-policy --role-name jit-reports --policy-name jit-broker-ends)" "$id"
as ann jitctl end "$id" >/dev/null
poll 20 eval '! reads greedy zeta'
denied greedy zeta

# --- roles that are not for this grant
refused elsewhere acme
refused untagged acme
refused acme-only zeta
ask acme-only acme

# --- grants that are no good, for the reason that is meant
log=$ceph_directory/client.rgw.log
while read -r lie why; do
	echo "$lie" >"$tree/mode"
	before=$(wc -l <"$log")
	refused reports acme
	tail -n +"$before" "$log" >"$tree/since"
	grep -qF "$why" "$tree/since" || fail "$lie is refused, but not for: $why"
done <<'END'
forged Signature validation failed: Invalid signature
altered Signature validation failed: Invalid signature
unsigned Unsupported algorithm: none
expired token verification failed: token expired
audience Client id in token doesn't match
issuer Couldn't get oidc provider info
subject couldn't map oidc federated user
END
echo honest >"$tree/mode"

# --- a new signing key: its grants are good at once.  radosgw looks at the first key
# alone, whatever a grant's kid says; broker-rotate.sh tries the old one.
expect_status 0 jit-broker rotate-key "$BROKER_DIR"
ask reports acme
expect_status 0 get acme

# --- the thief's time is over, though STS gave those keys 15 minutes
poll 60 is_state ann "$stolen" ended
denied thief acme

stop_radosgw
