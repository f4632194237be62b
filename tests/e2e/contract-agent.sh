#!/bin/bash
# SPDX-License-Identifier: MIT
# What scripts rely on of jit-agent: where its socket is, what it says and when, what is an
# error in agent.conf, what enroll changes there, and status --json in every state.
. "$(dirname "$0")/lib.sh"

start_broker
environment_of ann
conf=$tree/ann/config/jit-agent/agent.conf

# --- no agent: one line, status 3, nothing on stdout
for command in profiles status pending watch lock unlock "end --all" "request orders-support --reason x"; do
	# shellcheck disable=SC2086
	expect_status 3 as ann jitctl $command
	equals "$out" ""
	equals "$(wc -l <"$tree/.err")" 1
	[[ $err =~ "; run: "(jit-agent|systemctl --user start jit-agent.*)$ ]] || fail "$err"
done
expect_status 3 as ann jit-credentials orders-support
equals "$out" ""
[[ $err =~ "; run: "(jit-agent|systemctl --user start jit-agent.socket)$ ]] || fail "$err"

# --- agent.conf: a mistake has its line, and the agent does not start
mkdir -p "${conf%/*}"
while IFS='|' read -r text line words; do
	printf '%b' "$text" >"$conf"
	expect_status 2 as ann timeout "$(seconds 10)" jit-agent
	equals "$out" ""
	equals "$(wc -l <"$tree/.err")" 1
	contains "$err" "$conf:$line: $words"
done <<'END'
# mine\nbrokr = https://jit.example.com\n|2|unknown key 'brokr'
broker = https://a\nbroker = https://b\n|2|given twice: 'broker'
\n\nbroker\n|3|not 'key = value'
user = ann\nbroker: https://a\n|2|not 'key = value': 'broker: https://a'
[agent]\nuser = ann\n|1|there are no sections here
# mine\n\nkeystore = drawer\n|3|no keystore is called 'drawer'; there are secret-service, passphrase
broker = http://jit.example.com\n|1|the broker's address must start with https://
user = ann\nsts_url = http://sts.example.com\n|2|the STS's address must start with https://
END

# --- ready, and the socket: first JIT_AGENT_SOCKET, then the runtime directory
printf '# my own\n\n  sts_url = http://127.0.0.1:9\n#broker = https://old\n' >"$conf"
start_as ann elsewhere env JIT_AGENT_SOCKET="$tree/ann/elsewhere.sock" jit-agent
equals "$(wait_for_line "$tree/elsewhere.log" .)" ready
equals "$(stat -c %A "$tree/ann/elsewhere.sock")" srw-------
[ ! -e "$tree/ann/run/jit-agent/agent.sock" ] || fail "there are two sockets"
expect_status 0 as ann env JIT_AGENT_SOCKET="$tree/ann/elsewhere.sock" jitctl status --json
pid=$(jq .agent.pid <<<"$out")
kill -0 "$pid"
stop elsewhere
equals $stop_status 0
[ ! -e "$tree/ann/elsewhere.sock" ] || fail "the socket was left behind"
run_agent ann
equals "$(cat "$tree/ann-agent.log")" ready
equals "$(stat -c '%A %a' "$tree/ann/run/jit-agent/agent.sock" "$tree/ann/run/jit-agent" | tr '\n' ' ')" \
	"srw------- 600 drwx------ 700 "
expect_status 11 as ann timeout "$(seconds 10)" jit-agent
contains "$err" "another jit-agent is running"
equals "$out" ""
expect_status 3 env -i PATH="$PATH" jitctl status
contains "$err" "XDG_RUNTIME_DIR is not set"

# --- not enrolled
# has_shape SHAPE: what status --json says, every key in its order and every value's type.
has_shape() {
	expect_status 0 as ann jitctl status --json
	equals "$(wc -l <"$tree/.out")" 1
	equals "$(jq -c 'def kind: if type == "array" then (map(type) | unique) else type end;
		def kinds: to_entries | map("\(.key):\(.value | kind)") | join(" ");
		[keys_unsorted, (.agent, .broker | kinds),
			(.requests, .sessions | map(kinds) | unique)]' <<<"$out" | tr -d '\\"')" "$1"
}
top='[[agent,broker,requests,sessions]'
agent='version:string pid:number keystore:string locked:boolean'
broker='url:string user:string reachable:boolean'
asked='id:string profile:string parameters:object state:string reason:string requested_at:string expires_at:string still_needed:[string]'
has_shape "$top,version:string pid:number keystore:null locked:boolean,url:null user:null reachable:boolean,[],[]]"
for command in profiles pending "request orders-support --reason x" "approve r-0000000000" "deny r-0000000000"; do
	# shellcheck disable=SC2086
	expect_status 4 as ann jitctl $command
	equals "$out" ""
	equals "$err" "jitctl: this agent is not enrolled with a broker; run: jitctl enroll --broker URL --code CODE"
done
expect_status 4 as ann jit-credentials orders-support
equals "$out" ""
contains "$err" "; run: jitctl enroll"

# --- enroll: refused without using the code up, then its three lines and no other
code=$(invite ann)
cp "$conf" "$tree/before"
while IFS='|' read -r status options words; do
	# shellcheck disable=SC2086
	expect_status "$status" as ann jitctl enroll $options
	equals "$out" ""
	contains "$err" "$words"
	cmp "$tree/before" "$conf"
done <<END
2|--code $code|enroll needs --broker URL and --code CODE
2|--broker $BROKER_URL|enroll needs --broker URL and --code CODE
2|--broker $BROKER_URL --code 7H2K|a code looks like 7H2K-93QF
2|--broker $BROKER_URL --code $code --keystore drawer|no keystore is called 'drawer'; there are
2|--broker ftp://jit.example.com --code $code --keystore memory|https://
9|--broker http://127.0.0.1:9 --code $code --keystore memory|does not accept connections
2|--broker $BROKER_URL --code $code --keystore memory --ca-file /nowhere|/nowhere cannot be found
2|--broker $BROKER_URL --code $code --keystore passphrase|passphrase
11|--broker $BROKER_URL --code 0000-0000 --keystore memory|no such code; ask whoever runs the broker for a new one
END
expect_status 0 as ann jitctl enroll --broker "$BROKER_URL" --code "${code,,}" --keystore memory --json
equals "$out" '{"user":"ann","keystore":"memory"}'
equals "$(head -n 4 "$conf")" "$(cat "$tree/before")"
equals "$(tail -n +5 "$conf")" "broker = $BROKER_URL
user = ann
keystore = memory"
equals "$(stat -c %a "$conf")" 600
expect_status 11 as ann jitctl enroll --broker "$BROKER_URL" --code "$code" --keystore memory --json
equals "$(jq -c '.error | keys_unsorted, .kind' <<<"$err" | tr '\n' ' ')" '["kind","message","next"] "forbidden" '
contains "$err" "the code was used before"
# Again: the lines are replaced where they are, and comments stay.
enroll ann
equals "$(grep -c . "$conf")" 6
equals "$(head -n 4 "$conf")" "$(cat "$tree/before")"

# --- enrolled, then asked: each shape
has_shape "$top,$agent,$broker,[],[]]"
expect_status 13 as ann jitctl request nonsense --reason x
equals "$out" ""
contains "$err" "there is no profile nonsense; run: jitctl profiles"
expect_status 6 as ann jit-credentials orders-support
equals "$out" ""
contains "$err" "jitctl request orders-support"
id=$(as ann jitctl request orders-support tenant=acme --reason "a test")
[[ $id =~ ^r-[0-9a-z]{10}$ ]] || fail "no id: $id"
has_shape "$top,$agent,$broker,[$asked],[]]"
equals "$(jq -c '.requests[0] | [.state, .parameters, .still_needed]' <<<"$out")" \
	'["pending",{"tenant":"acme"},["1 of support: bob or carl"]]'
expect_status 7 as ann jit-credentials orders-support
equals "$out" ""
equals "$err" "orders-support: $id waits for approval: 1 of support: bob or carl; run: jitctl status"

# --- the broker is gone: what is known stays, the rest says so within 5 s
stop broker
began=$SECONDS
expect_status 9 as ann jitctl request orders-support tenant=acme --reason x
[ $((SECONDS - began)) -le "$(seconds 5)" ] || fail "it took $((SECONDS - began)) s"
equals "$out" ""
equals "$(wc -l <"$tree/.err")" 1
poll 20 eval '[ "$(as ann jitctl status --json | jq .broker.reachable)" = false ]'
has_shape "$top,$agent,$broker,[$asked],[]]"

# --- a memory keystore does not outlive its agent, and every word says what to do
stop ann-agent
equals $stop_status 0
run_agent ann
for command in profiles "request orders-support --reason x"; do
	# shellcheck disable=SC2086
	expect_status 4 as ann jitctl $command
	contains "$err" "; run: jitctl enroll --broker URL --code CODE"
done
contains "$(as ann jitctl status)" "run: jitctl enroll"
has_shape "$top,$agent,$broker,[],[]]"
equals "$(jq .agent.locked <<<"$out")" true
