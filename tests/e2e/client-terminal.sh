#!/bin/bash
# SPDX-License-Identifier: MIT
# At a terminal: who is needed is shown in place and gone again, an interrupt
# ends only the waiting, a passphrase is not echoed, and echo comes back.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/client.sh"

asked='"Request":[{"parameters":{"request":'"$request"'}}]'
pending='{"parameters":{"request":'"$request"'},"continues":true}'
ready='{"parameters":{"session":'"$session"'},"continues":true}'
failing=$(jq -c '. + {state: "failing", last_error: "STS does not answer"}' <<<"$session")
mkfifo "$tree/watch" "$tree/profiles"
locked='"Status":[{"parameters":{"agent":{"keystore":"passphrase","locked":true},"sessions":['"$failing,$failing"']}}],"Unlock":[{"parameters":{}}]'

fake '{'"$asked"',"Watch":['"$pending"',{"wait":"'"$tree/watch"'"},'"$ready"',"hang"],'"$locked"',"Profiles":[{"wait":"'"$tree/profiles"'"},{"parameters":{"profiles":[]}}],
	"Enroll":[{"parameters":{"user":"ann","keystore":"passphrase"}}]}'
timeout "$(seconds 60)" python3 "$root/tests/e2e/terminal.py" "$tree/watch" "$tree/profiles" || fail "terminal.py"
equals "$(jq -r 'select(.method == "io.jitctl.Agent.Unlock").parameters.passphrase' "$calls" | sort -u)" "correct horse"
equals "$(grep -c Enroll "$calls")" 1
