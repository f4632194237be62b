#!/bin/bash
# SPDX-License-Identifier: MIT
# What scripts rely on from asking to the end: the id first, the shape of sessions in every
# state, which of several sessions is served, durations, times, and an exit status and one
# line for everything that is not there.
. "$(dirname "$0")/lib.sh"
scene ann bob

is_utc='^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z$'

# seconds_between FROM TO: of two times in RFC 3339.
seconds_between() {
	echo $(($(date -d "$2" +%s) - $(date -d "$1" +%s)))
}

# session ID FILTER: of that session in ann's status --json.
session() {
	as ann jitctl status --json | jq -c --arg id "$1" ".sessions[] | select(.id == \$id) | $2"
}

# --- the id is the first line while it waits, and the only one; with --json one object
start_as ann waiting jitctl request orders-support tenant=acme --reason "a test" --for 1h30m --wait
id=$(wait_for_line "$tree/waiting.log" '^r-[0-9a-z]{10}$')
as bob jitctl approve "$id" --reason "so be it" >/dev/null
finished waiting
equals "$(cat "$tree/waiting.log")" "$id"
long=$id
equals "$(session "$id" 'keys_unsorted')" \
	'["id","profile","parameters","account_id","role_arn","state","approved_by","approved_at","ends_at","credentials_expire_at"]'
equals "$(session "$id" '[.profile, .parameters, .account_id, .role_arn, .state, .approved_by]')" \
	'["orders-support",{"tenant":"acme"},"123456789012","arn:aws:iam::123456789012:role/jit-orders-support","ready",["bob"]]'
for key in approved_at ends_at credentials_expire_at; do
	[[ $(session "$id" .$key | tr -d '"') =~ $is_utc ]] || fail "$key is $(session "$id" .$key)"
done
equals "$(seconds_between "$(session "$id" .approved_at | tr -d '"')" "$(session "$id" .ends_at | tr -d '"')")" 5400

# --- what jit-credentials prints: one line, all six members, gone by the session's end
expect_status 0 as ann jit-credentials orders-support
equals "$err" ""
equals "$(wc -l <"$tree/.out")" 1
equals "$(jq -c keys_unsorted <<<"$out")" \
	'["Version","AccessKeyId","SecretAccessKey","SessionToken","Expiration","AccountId"]'
equals "$(jq -r .Version <<<"$out")" 1
[[ $(jq -r .Expiration <<<"$out") =~ $is_utc ]]

# --- several live sessions: the one that ends last, whichever came last; --session names one
# Minutes, not seconds: a busy machine takes long, and they serve until 30 s before their end.
short=$(session_for ann bob orders-support tenant=zeta --for 900s)
shorter=$(session_for ann bob orders-support tenant=beta --for 10m)
key_of() { as ann jit-credentials "$@" | jq -r .AccessKeyId; }
longest_key=$(key_of --session "$long")
short_key=$(key_of --session "$short")
[ "$longest_key" != "$short_key" ] || fail "two sessions have the same key"
equals "$(key_of orders-support)" "$longest_key"
expiration=$(as ann jit-credentials --session "$short" | jq -r .Expiration)
ends_at=$(session "$short" .ends_at | tr -d '"')
equals "$(seconds_between "$expiration" "$ends_at")" 30
as ann jitctl end "$long" >/dev/null
equals "$(key_of orders-support)" "$short_key"
as ann jitctl end "$short" >/dev/null
equals "$(key_of orders-support)" "$(key_of --session "$shorter")"

# --- ended: named, and with the words to ask again; nothing on stdout
expect_status 6 as ann jit-credentials --session "$long"
equals "$out" ""
[[ $err =~ ^"orders-support: ended "[0-9]+" s ago; ask again with: jitctl request orders-support tenant=acme"$ ]] || fail "$err"
equals "$(session "$long" '[.state, (.ends_at | type), .credentials_expire_at]')" '["ended","string",null]'
expect_status 0 as ann jitctl end --all --json
equals "$out" "{\"ended\":[\"$shorter\"]}"
expect_status 6 as ann jitctl end "$shorter"
equals "$out" ""
expect_status 13 as ann jitctl end r-0000000000
expect_status 6 as ann jit-credentials --session r-0000000000
equals "$err" "no session is called r-0000000000"

# --- denied, with the reason, for who waits and for who asks afterwards
start_as ann denied jitctl request orders-support tenant=acme --reason "a test" --wait --json
id=$(wait_for_line "$tree/denied.log" '"id":"r-' | jq -r .id)
as bob jitctl deny "$id" --reason "not today" >/dev/null
status=0
finished denied || status=$?
equals $status 8
equals "$(tail -n 1 "$tree/denied.log" | jq -c '.error | [keys_unsorted, .kind]')" '[["kind","message","next"],"denied"]'
contains "$(cat "$tree/denied.log")" "denied by bob: not today"
expect_status 8 as ann jit-credentials orders-support
equals "$out" ""
contains "$err" "orders-support: denied by bob"
contains "$err" "jitctl request orders-support tenant=acme"

# --- a wait that is over before anybody decided
expect_status 7 as ann jitctl request orders-support tenant=acme --reason x --wait --timeout 1s
[[ $out =~ ^r-[0-9a-z]{10}$ ]]
contains "$err" "$out is still pending, it needs 1 of support: bob or carl; run: jitctl status"
as ann jitctl end "$out" >/dev/null

# --- failing: AWS can't be reached; the session lives, and says what is wrong
stop ann-agent
agent_set ann sts_url http://127.0.0.1:9
run_agent ann
enroll ann
id=$(as ann jitctl request orders-support tenant=acme --reason x)
as bob jitctl approve "$id" >/dev/null
poll 40 is_state ann "$id" failing
equals "$(session "$id" '[keys_unsorted[0, -1], .state, .credentials_expire_at]')" '["id","last_error","failing",null]'
contains "$(session "$id" .last_error)" "127.0.0.1:9"
expect_status 9 as ann jit-credentials orders-support
equals "$out" ""
contains "$err" "127.0.0.1:9"
contains "$(as ann jitctl status)" "failing: "
start_as ann failing jitctl request orders-support tenant=acme --reason x --wait
id=$(wait_for_line "$tree/failing.log" '^r-[0-9a-z]{10}$')
as bob jitctl approve "$id" >/dev/null
status=0
finished failing 40 || status=$?
equals $status 9
contains "$(cat "$tree/failing.log")" "approved, but no credentials: "

# --- every command says in JSON what went wrong, and takes --help
for command in $(jitctl help --complete | awk -F'\t' '$1 == "command" { print $2 }'); do
	expect_status 0 jitctl "$command" --help
	contains "$out" "--json"
	expect_status 2 jitctl "$command" --nonsense --json
	equals "$out" ""
	equals "$(jq -c '.error | [keys_unsorted, .kind]' <<<"$err")" '[["kind","message","next"],"usage"]'
done
for duration in 90 1.5h -1m 1h1h 30m1h m '' 99999999d; do
	expect_status 2 as ann jitctl request orders-support tenant=acme --reason x --for "$duration"
	contains "$err" "write it like 90s, 30m, 1h30m"
done
