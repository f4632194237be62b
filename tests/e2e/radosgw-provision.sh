#!/bin/bash
# SPDX-License-Identifier: MIT
# A role of its own, made by the broker in a real IAM and judged by a real STS: it lets in
# this session's grant and no other of the same broker, profile and person; its policy
# bites, and is gone at once when the session is.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-radosgw.sh"
. "$(dirname "$0")/lib-provision.sh"

[ -n "$aws_program" ] || skip "aws is not installed (Debian: awscli)"
start_radosgw
start_moto # says whose the broker's keys are, which radosgw cannot
export WITHOUT=sts:SetSourceIdentity AWS_ACCESS_KEY_ID=ADMINACCESSKEY AWS_SECRET_ACCESS_KEY=adminsecretkey
start_weather "$RADOSGW_URL" # which knows no source identity
unset WITHOUT AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
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
  tables-scaling:
    summary: One report
    account: production
    provision: { path: /jit/ }
    who: [support]
    longest: 1h
    approval: { peer: { group: support } }
    access:
      - document:
          Effect: Allow
          Action: s3:GetObject
          Resource: arn:aws:s3:::reports/public/*
END
use_iam "$WEATHER_URL" "$WEATHER_URL"
serve_provisioning
trust_issuer "$BROKER_URL"
enroll_lives
put_reports public secret

# become PERSON ROLE-OF GRANT: has that role's keys from now on, if STS gives them.
become() {
	radosgw_as "$1" sts assume-role-with-web-identity --role-session-name "$1" --duration-seconds 900 \
		--role-arn "arn:aws:iam::$ACCOUNT:role/jit/jit-$2" --web-identity-token "$3" >"$tree/taken" &&
		jq .Credentials "$tree/taken" | keys_of "$1"
}
# answer_of ROLE-OF GRANT: STS's own words; the CLI does not understand its refusals.
answer_of() {
	curl -s "$RADOSGW_URL/" -d Action=AssumeRoleWithWebIdentity -d Version=2011-06-15 \
		-d RoleSessionName=thief -d DurationSeconds=900 --data-urlencode "WebIdentityToken=$2" \
		--data-urlencode "RoleArn=arn:aws:iam::$ACCOUNT:role/jit/jit-$1"
}

# Two sessions of one person for one profile: each has its own role, and only that.
read -r first first_grant second second_grant < <(lives two)
[ -n "$second_grant" ]
equals "$(radosgw_admin iam list-roles --path-prefix /jit/ | jq -r '.Roles[].RoleName' | sort | tr '\n' ' ')" \
	"$(printf 'jit-%s\n' "$first" "$second" | sort | tr '\n' ' ')"
expect_status 0 become one "$first" "$first_grant"
expect_status 0 become other "$second" "$second_grant"
contains "$(answer_of "$first" "$first_grant")" "<SecretAccessKey>"
contains "$(answer_of "$first" "$second_grant")" "<Code>AccessDenied</Code>"
contains "$(answer_of "$second" "$first_grant")" "<Code>AccessDenied</Code>"

# The role's own policy, with no session policy over it.
expect_status 0 reads one public
denied one secret

# The end: its keys are dead, and the other session's are not.
lives over "$first"
gone() { ! radosgw_admin iam get-role --role-name "jit-$first" >/dev/null 2>&1; }
poll 20 gone
denied one public
expect_status 0 reads other public
expect_status 254 become one "$first" "$first_grant"
stop_radosgw
