#!/bin/bash
# SPDX-License-Identifier: MIT
# explain, simulate and policy: what they say of a profile, each mistake in one
# sentence, and neither keys nor store needed for it.
. "$(dirname "$0")/lib.sh"
init_broker
dir=$BROKER_DIR
cp "$root/docs/profiles.example.yaml" "$dir/profiles.yaml"
rm "$dir/signing-keys.json" "$dir/broker.db"
file=$dir/profiles.yaml
line_of() { grep -nF -- "$1" "$file" | sed -n '1s/:.*//p'; }
orders=$(line_of '- dynamodb:')
scaling=$(line_of 'actions: [UpdateTable')
payroll=$(line_of 'table: payroll')

# --- explain
expect_status 0 jit-broker explain "$dir"
equals "$(awk '{ print $1 }' <<<"$out" | tr '\n' ' ')" "orders-support tables-scaling production-admin "
words="read items of orders and its index by-date whose partition key is acme or begins with acme#, only pk, sk, status, total, created; through vpce-0abc"
expect_status 0 jit-broker explain "$dir" orders-support tenant=acme --for 1h
contains "$out" "access    $words"
contains "$out" "if approved now; usually 30m, at most 2h"
contains "$out" "tenant=acme, like [a-z0-9-]{3,32}: the customer's id"
contains "$out" "for       support (ann, bob)"
contains "$out" "2 peers of support"
contains "$out" "arn:aws:iam::123456789012:role/jit-orders-support"
contains "$out" "the endpoint: by AWS"
contains "$out" "the end: by AWS, in the session policy, and by the agent; a taken-over workstation"
cp "$dir/broker.conf" "$tree/broker.conf"
set_line "$dir/broker.conf" iam on
expect_status 0 jit-broker explain "$dir" orders-support tenant=acme
contains "$out" "the end: by AWS, with a Deny on the role, written before the grant is signed"
cp "$tree/broker.conf" "$dir/broker.conf"
expect_status 0 jit-broker explain "$dir" orders-support
contains "$out" 'partition key is ${tenant} or begins with ${tenant}#'
expect_status 0 jit-broker explain "$dir" tables-scaling
contains "$out" "but never touch payroll"
lacks "$out" "the endpoint"
expect_status 0 jit-broker explain "$dir" orders-support tenant=acme --json
equals "$(jq -r '.access[0]' <<<"$out")" "$words"
equals "$(jq -r '[.parameters[0].value, .who[0].people[1], .longest_seconds] | @csv' <<<"$out")" '"acme","bob",7200'
expect_status 0 jit-broker explain "$dir" --json
equals "$(jq -r '.profiles | length' <<<"$out")" 3

# shellcheck source=/dev/null
. "$root/packaging/completion/jit-broker.bash"
COMP_WORDS=(jit-broker policy "$dir" t) COMP_CWORD=3
_jit_broker
equals "${COMPREPLY[*]}" tables-scaling

# --- simulate: STATUS, what it says, the request.
asked=0
judge() {
	local status=$1 says=$2
	shift 2
	expect_status "$status" jit-broker simulate "$dir" "$@"
	equals "$err" ""
	contains "$out" "$says"
	asked=$((asked + 1))
}
of_acme=(orders-support tenant=acme --table orders)
get=("${of_acme[@]}" --action GetItem --leading-key acme --attributes pk,status --endpoint vpce-0abc)
judge 0 "allowed by $file:$orders: read items of orders" "${get[@]}"
judge 0 "allowed by $file:$orders" "${get[@]}" --select SPECIFIC_ATTRIBUTES
judge 0 "allowed by $file:$orders" "${of_acme[@]}" --action dynamodb:Query --index by-date \
	--leading-key 'acme#7' --attributes pk --attributes sk --endpoint vpce-0abc
judge 0 "allowed" "${get[@]}" --at 2026-11-24T15:29:59Z --ends-at 2026-11-24T15:30:00Z
judge 1 "denied: the session is over since 2026-11-24T15:30:00Z" \
	"${get[@]}" --at 2026-11-24T15:30:00Z --ends-at 2026-11-24T15:30:00Z
nearest="denied; nearest is $file:$orders: "
judge 1 "${nearest}it is in us-east-1 of account 123456789012" "${get[@]}" --region us-east-1
judge 1 "${nearest}it is in eu-west-1 of account 000000000000" "${get[@]}" --account 000000000000
judge 1 "${nearest}the table payments is none of its tables (orders)" orders-support tenant=acme \
	--action GetItem --table payments
judge 1 "${nearest}the index by-user is none of its indexes (by-date)" "${of_acme[@]}" --action Query --index by-user
judge 1 "${nearest}the action PutItem is none of its actions (BatchGetItem, GetItem, Query)" \
	"${of_acme[@]}" --action PutItem
judge 1 "${nearest}it came through no VPC endpoint, which has to be vpce-0abc" "${of_acme[@]}" --action GetItem
judge 1 "${nearest}the endpoint vpce-1 is none of its endpoints (vpce-0abc)" \
	"${of_acme[@]}" --action GetItem --endpoint vpce-1
here=("${of_acme[@]}" --endpoint vpce-0abc)
judge 1 "${nearest}it names no leading key, and its rows are acme, acme#*" "${here[@]}" --action GetItem
judge 1 "${nearest}the leading key zeta is none of its rows (acme, acme#*)" \
	"${here[@]}" --action BatchGetItem --leading-key acme --leading-key zeta --attributes pk
judge 1 "${nearest}it names no attributes, which asks for all; its attributes are pk, sk, status, total, created" \
	"${here[@]}" --action GetItem --leading-key acme
judge 1 "${nearest}the attribute card is none of its attributes (pk, sk, status, total, created)" \
	"${here[@]}" --action GetItem --leading-key acme --attributes pk,card
judge 1 "${nearest}Select COUNT does not keep to attributes; SPECIFIC_ATTRIBUTES does" \
	"${here[@]}" --action Query --leading-key acme --attributes pk --select COUNT
judge 1 "denied by $file:$payroll: but never touch payroll" tables-scaling --action UpdateTable --table payroll
judge 0 "allowed by $file:$scaling" tables-scaling --action UpdateTable --table orders
judge 0 "allowed by $file:$scaling" tables-scaling --action ListTables
equals $asked 20
expect_status 1 jit-broker simulate "$dir" "${of_acme[@]}" --action PutItem --json
equals "$(jq -c '[.allowed, .decided, .line]' <<<"$out")" "[false,false,$orders]"
expect_status 0 jit-broker simulate "$dir" "${get[@]}" --json
equals "$(jq -c '[.allowed, .decided, .line]' <<<"$out")" "[true,true,$orders]"

# --- policy
expect_status 0 jit-broker policy "$dir" orders-support --json
equals "$(wc -l <<<"$out")" 1
one=$out
expect_status 0 jit-broker policy "$dir" orders-support --role --verbose
equals "$(jq -c . <<<"$out")" "$one"
equals "$err" "the role's policy: ${#one} characters, AWS takes 10240"
expect_status 0 jit-broker policy "$dir" orders-support --session --ends-at 2026-11-24T15:30:00Z
equals "$(jq -r '.Statement[-1].Condition.DateGreaterThanEquals["aws:CurrentTime"]' <<<"$out")" 2026-11-24T15:30:00Z
expect_status 0 jit-broker policy "$dir" tables-scaling --ends-at 2026-11-24T15:30:00Z
equals "$(jq -r '.Statement[-1].Effect' <<<"$out")" Deny
expect_status 0 jit-broker policy "$dir" orders-support --endpoint=vpce-0abc
equals "$(jq -r '.Statement[0].Principal' <<<"$out")" "*"
expect_status 0 jit-broker policy "$dir" orders-support --endpoint
expect_status 2 jit-broker policy "$dir" orders-support --trust
equals "$err" "jit-broker: $dir/broker.conf has no url, which AWS knows the broker by; set url = https://HOST"
set_line "$dir/broker.conf" url https://jit.example.com
expect_status 0 jit-broker policy "$dir" orders-support --trust
equals "$(jq -r '.Statement[0].Principal.Federated' <<<"$out")" \
	arn:aws:iam::123456789012:oidc-provider/jit.example.com

# --- what is wrong is said in one sentence, with nothing on stdout.
refused=0
refuse() {
	local status=$1 says=$2
	shift 2
	expect_status "$status" jit-broker "$@"
	equals "$out" ""
	equals "$err" "jit-broker: $says"
	refused=$((refused + 1))
}
on() { refuse 2 "$1" simulate "$dir" orders-support tenant=acme "${@:2}"; }
refuse 13 "there is no profile nope in $file; run: jit-broker explain $dir" explain "$dir" nope
refuse 2 "orders-support has no parameter 'shop'" explain "$dir" orders-support shop=1
refuse 2 "a parameter is NAME=VALUE, not acme" explain "$dir" orders-support acme
refuse 2 "the parameter tenant is given twice" explain "$dir" orders-support tenant=acme tenant=acme
refuse 2 "tenant does not match its pattern [a-z0-9-]{3,32}" explain "$dir" orders-support tenant='acme*'
refuse 12 "orders-support is for at most 2h" explain "$dir" orders-support --for 3h
refuse 2 "orders-support needs the parameter tenant: tenant=VALUE" simulate "$dir" orders-support --action GetItem
refuse 2 "simulate needs DIR PROFILE [NAME=VALUE]...; run: jit-broker simulate --help" simulate "$dir"
refuse 2 "--role and --trust are two documents; name one" policy "$dir" orders-support --trust --role
refuse 13 "the profile names no VPC endpoint vpce-1" policy "$dir" orders-support --endpoint=vpce-1
refuse 2 "cannot read $tree/none/broker.conf: No such file or directory; run: jit-broker init $tree/none" \
	explain "$tree/none"
on "say what is called: --action GetItem"
on "DynamoDB has no action Nope" --action Nope
on "say which table GetItem is called on: --table NAME" --action GetItem
on "ListTables is about the whole account; leave --table out" --action ListTables --table x
on "GetItem is called on no stream; leave --stream out" --action GetItem --table orders --stream x
on "GetItem is called on no global table; leave --global-table out" --action GetItem --global-table x
on "GetRecords is not called on a table alone; add --stream NAME" --action GetRecords --table orders
on "name the table or the global table, not both" --action CreateGlobalTable --table x --global-table y
on "AWS looks at no return-values of GetItem; leave --return-values out" \
	--action GetItem --table orders --return-values ALL_NEW
on "--select is one of ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES, SPECIFIC_ATTRIBUTES, COUNT" \
	--action Query --table orders --select SPECIFIC
on "--at noon is no time in UTC; write it like 2026-11-24T15:30:00Z" --action GetItem --table orders --at noon
on "--table is given twice; run: jit-broker simulate --help" --table x --table y
expect_status 2 jit-broker simulate "$dir" orders-support tenant=acme --json --action Nope
equals "$(jq -r '.error.kind' <<<"$err")" usage

# Wherever --json stands, and when what it would run is not there.
expect_status 2 jit-broker simulate --json "$dir" orders-support tenant=acme
equals "$(jq -r '.error.message' <<<"$err")" "say what is called: --action GetItem"
mkdir "$tree/alone"
cp "$JIT_BUILD/bin/jit-broker" "$tree/alone"
expect_status 1 "$tree/alone/jit-broker" audit "$dir"
equals "$err" "jit-broker: cannot run $tree/alone/../libexec/jit-broker-core: No such file or directory"
expect_status 0 "$tree/alone/jit-broker" explain "$dir"

# A hand-written policy, statement by statement.
cat >>"$file" <<'END'

  by-hand:
    account: production
    role: by-hand
    who: [dba]
    longest: 1h
    approval: a-dba
    access:
      - document:
          Version: "2012-10-17"
          Statement:
            - { Effect: Allow, Action: "s3:GetObject", Resource: "arn:aws:s3:::logs/*", Condition: { IpAddress: { "aws:SourceIp": 203.0.113.0/24 } } }
            - { Effect: Deny, Action: "s3:*", Resource: "arn:aws:s3:::logs/secret/*" }
END
allow=$(line_of 'Effect: Allow, Action: "s3:GetObject"') deny=$(line_of 'Effect: Deny, Action: "s3:*"')
hand() {
	expect_status "$1" jit-broker simulate "$dir" by-hand --action s3:GetObject --resource "arn:aws:s3:::logs/$2" "${@:4}"
	equals "$out" "$3"
}
hand 0 1 "allowed by $file:$allow: by a hand-written policy: allow s3:GetObject on arn:aws:s3:::logs/* under conditions" --context aws:SourceIp=203.0.113.7
hand 1 1 "denied; nearest is $file:$allow: its condition IpAddress does not hold of aws:SourceIp; the request carries no aws:SourceIp"
hand 1 secret/1 "denied by $file:$deny: by a hand-written policy: deny s3:* on arn:aws:s3:::logs/secret/*" --context aws:SourceIp=203.0.113.7
expect_status 1 jit-broker simulate "$dir" by-hand --action GetItem --table orders
refuse 2 "say what s3:GetObject is on: --resource ARN, or --resource '*' for an action on the account" \
	simulate "$dir" by-hand --action s3:GetObject
refuse 2 "aws:CurrentTime is what --at says; leave --context out" \
	simulate "$dir" by-hand --action s3:GetObject --resource '*' --context aws:CurrentTime=2026
expect_status 0 jit-broker policy "$dir" by-hand
contains "$out" "s3:GetObject"
[ ! -e "$dir/broker.db" ] || fail "the store was opened"
equals $refused 25
