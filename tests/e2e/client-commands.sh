#!/bin/bash
# SPDX-License-Identifier: MIT
# What each command of jitctl asks of the agent, and what it prints.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/client.sh"

# --- usage: nothing is asked, the status is 2
while read -r line; do
	eval "expect_status 2 jitctl $line"
	equals "$out" ""
	contains "$err" "; run: jitctl "
done <<'END'
nonsense
status extra
request
request orders
request orders --reason ''
request orders tenant --reason x
request orders tenant=a tenant=b --reason x
request orders --reason x --for soon
request orders --reason x --for 0s
request orders --reason x --timeout 1m
request 'a b' --reason x
approve
approve 4711
approve r-0000000000 r-1111111111
end
end r-0000000000 --all
end nonsense
configure
enroll
enroll --broker http://example.com --code 7H2K-93QF
enroll --broker https://ann@example.com --code 7H2K-93QF
enroll --broker https://example.com --code 7H2K
request '' --reason x
request orders --reason $'\xff'
request orders tenant=$'\xff' --reason x
approve r-0000000000 --reason $'gr\xfcn'
enroll --broker $'https://\xff' --code 7H2K-93QF
configure orders --file ''
configure orders --name ''
status --nonsense
help nonsense
END
# A passphrase in another encoding than JSON's is told as that.
status=0
printf 'gr\xfcn\n' | jitctl enroll --broker https://example.com --code 7H2K-93QF --keystore passphrase \
	2>"$tree/.err" || status=$?
equals $status 2
contains "$(cat "$tree/.err")" 'the passphrase is not UTF-8'
equals "$(cat "$calls")" ""
for name in $(jitctl help --complete | awk -F'\t' '$1 == "command" { print $2 }'); do
	expect_status 0 jitctl "$name" --help
	contains "$out" "usage: jitctl $name"
	expect_status 0 jitctl help "$name"
done
expect_status 2 jitctl
equals "$out" ""
expect_status 0 jitctl --help
expect_status 0 jitctl version --json
jq -e .version <<<"$out" >/dev/null

# --- request
fake '{"Request":[{"parameters":{"request":'"$request"'}}]}'
expect_status 0 jitctl request orders tenant=acme --for 1h30m --reason "ticket 4711"
equals "$out" r-0000000000
equals "$err" ""
equals "$(call)" '{"duration_seconds":5400,"parameters":{"tenant":"acme"},"profile":"orders","reason":"ticket 4711"}'
fake '{"Request":[{"parameters":{"request":'"$request"'}}]}'
expect_status 0 jitctl request --json --reason=x -- orders
equals "$(jq -r .id <<<"$out")" r-0000000000
equals "$(call)" '{"parameters":{},"profile":"orders","reason":"x"}'
fake '{"Request":[{"parameters":{"request":{"id":"r-\u001b[2J"}}}]}'
expect_status 1 jitctl request orders --reason x
equals "$out" ""

# --- status: exactly the keys of the contract
fake '{"Status":[{"parameters":{"agent":{"version":"1","pid":1,"keystore":"memory","locked":false},
	"broker":{"url":"https://b","user":"ann","reachable":true},
	"requests":['"$request"'],"sessions":['"$session"']}}]}'
expect_status 0 jitctl status --json
equals "$(jq -c '[keys_unsorted, (.agent, .broker, .requests[0], .sessions[0] | keys_unsorted)]' <<<"$out")" \
	'[["agent","broker","requests","sessions"],["version","pid","keystore","locked"],["url","user","reachable"],["id","profile","parameters","state","reason","requested_at","expires_at","still_needed"],["id","profile","parameters","account_id","role_arn","state","approved_by","approved_at","ends_at","credentials_expire_at"]]'
expect_status 0 jitctl status
contains "$out" "orders tenant=acme"
contains "$out" "1 more peer of support"

# --- pending, approve, deny
fake '{"ListPending":[{"parameters":{"requests":['"$request"']}}]}'
expect_status 0 jitctl pending
contains "$out" "r-0000000000  ann asks for orders tenant=acme, for 30 min"
contains "$out" "access  read orders"
expect_status 0 jitctl pending --json
equals "$(jq -r '.requests[0].id' <<<"$out")" r-0000000000
for verdict in approve deny; do
	fake '{"Decide":[{"parameters":{"request":'"$request"'}}]}'
	expect_status 0 jitctl $verdict r-0000000000 --reason "so be it"
	contains "$out" "r-0000000000: orders tenant=acme for ann"
	equals "$(call)" '{"id":"r-0000000000","reason":"so be it","verdict":"'$verdict'"}'
	expect_status 0 jitctl $verdict r-0000000000 --json
	equals "$(jq -r .state <<<"$out")" pending
done

fake '{"Decide":[{"error":"io.jitctl.Agent.NotFound","parameters":{"text":"there is no request r-0000000000","next":""}}]}'
expect_status 13 jitctl approve r-0000000000
equals "$err" "jitctl: there is no request r-0000000000; run: jitctl pending"

# --- end
fake '{"End":[{"parameters":{"ended":["r-0000000000"]}}]}'
expect_status 0 jitctl end r-0000000000
equals "$out" "ended r-0000000000"
equals "$(call)" '{"id":"r-0000000000"}'
expect_status 0 jitctl end --all --json
equals "$out" '{"ended":["r-0000000000"]}'
equals "$(tail -n1 "$calls" | jq -c .parameters)" '{}'
fake '{"End":[{"parameters":{"ended":[]}}]}'
expect_status 0 jitctl end --all
equals "$out" "nothing was live or pending"
fake '{"End":[{"error":"io.jitctl.Agent.NotFound","parameters":{"text":"there is no request r-0000000000","next":""}}]}'
expect_status 13 jitctl end r-0000000000
equals "$err" "jitctl: there is no request r-0000000000; run: jitctl status"

# --- watch
fake '{"Watch":[{"parameters":{"request":'"$request"'},"continues":true},
	{"parameters":{"session":'"$session"'},"continues":true},"close"]}'
expect_status 3 jitctl watch --json
equals "$(jq -r '.request.state, .session.state' <<<"$out" | grep -v null | tr '\n' ' ')" "pending ready "
equals "$(jq -c .more "$calls")" true
status=0
: >"$calls"
jitctl watch --json 2>"$tree/.err" >&- || status=$?
equals $status 1
contains "$(cat "$tree/.err")" 'cannot write the output'
equals "$(wc -l <"$calls")" 1 # what it could not print did not go to the agent
expect_status 3 jitctl watch
contains "$out" "r-0000000000  orders tenant=acme  pending: 1 more peer of support"
contains "$out" "ready: ends in "

# --- lock, unlock: the passphrase is asked for only where it is of use
fake '{"Lock":[{"parameters":{}}]}'
expect_status 0 jitctl lock
equals "$out" locked
status_of() {
	echo '"Status":[{"parameters":{"agent":{"keystore":"'"$1"'","locked":'"$2"'}}}]'
}
fake '{'"$(status_of passphrase true)"',"Unlock":[{"parameters":{}}]}'
echo "correct horse" | jitctl unlock >"$tree/unlocked"
equals "$(cat "$tree/unlocked")" unlocked
equals "$(tail -n1 "$calls" | jq -c .parameters)" '{"passphrase":"correct horse"}'
expect_status 2 jitctl unlock
contains "$err" "no passphrase could be read"
fake '{'"$(status_of secret-service true)"',"Unlock":[{"parameters":{}}]}'
expect_status 0 jitctl unlock --json
equals "$out" '{"locked":false}'
equals "$(tail -n1 "$calls" | jq -c .parameters)" '{}'
fake '{'"$(status_of passphrase false)"'}'
expect_status 0 jitctl unlock

# --- enroll
fake '{"Enroll":[{"parameters":{"user":"ann","keystore":"passphrase"}}]}'
printf 'correct horse\nrest' | jitctl enroll --broker http://127.0.0.1:8080 --code "7h2k93qf" --keystore passphrase >"$tree/enrolled"
equals "$(cat "$tree/enrolled")" "enrolled as ann; the master key is kept by passphrase"
equals "$(call)" '{"broker":"http://127.0.0.1:8080","code":"7H2K-93QF","keystore":"passphrase","passphrase":"correct horse"}'
fake '{"Enroll":[{"parameters":{"user":"ann","keystore":"memory"}}]}'
touch "$tree/ca.pem"
(cd "$tree" && jitctl enroll --broker=https://jit.example.com --code 7H2K-93QF --ca-file ca.pem --json >"$tree/enrolled")
equals "$(call)" '{"broker":"https://jit.example.com","ca_file":"'"$tree"'/ca.pem","code":"7H2K-93QF"}'
equals "$(cat "$tree/enrolled")" '{"user":"ann","keystore":"memory"}'

# --- profiles
fake '{"Profiles":[{"parameters":{"profiles":[{"name":"orders","summary":"One customer","account_id":"1",
	"longest_seconds":7200,"usual_seconds":1800,"may_ask":true,"approval":"2 peers of support",
	"parameters":[{"name":"tenant","pattern":".*","summary":"who"}]}]}}]}'
expect_status 0 jitctl profiles
contains "$out" "orders   tenant      2 h      yes      2 peers of support  One customer"
expect_status 0 jitctl profiles --json
equals "$(jq -r '.profiles[0].name' <<<"$out")" orders

# --- what can be said at each place is completed
fake '{"Profiles":[{"parameters":{"profiles":[{"name":"orders","longest_seconds":7200,"parameters":[{"name":"tenant"},{"name":"month"}]},
	{"name":"tables","longest_seconds":60,"parameters":[]}]}}],"Status":[{"parameters":{"sessions":['"$session"']}}],
	"ListPending":[{"parameters":{"requests":['"$request"']}}]}'
in_bash() {
	bash -c '. "$1"; shift; COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _jitctl; echo "${COMPREPLY[@]}"' - \
		"$root/packaging/completion/jitctl.bash" "$@"
}
in_fish() {
	(
		exec </dev/null
		fish --no-config -c "source '$root/packaging/completion/jitctl.fish'; complete -C '$*'" |
			cut -f 1 | tr '\n' ' ' | sed 's/ $//'
	)
}
while IFS='|' read -r words wanted; do
	# shellcheck disable=SC2086
	equals "$(in_bash jitctl $words "")" "$wanted"
	# fish sorts.
	command -v fish >/dev/null || continue
	equals "$(in_fish "jitctl $words ")" "$(tr ' ' '\n' <<<"$wanted" | sort | tr '\n' ' ' | sed 's/ $//')"
done <<'END'
request|orders tables
configure|orders tables
request orders|tenant= month=
request orders tenant=a|tenant= month=
request tables|
request orders --for|
configure orders|
approve|r-0000000000
deny r-0000000000|
end|r-0000000000
enroll --keystore|secret-service passphrase memory
END

# --- a full disk is told
if [ -w /dev/full ]; then
	status=0
	jitctl profiles >/dev/full 2>"$tree/.err" || status=$?
	equals $status 1
fi
