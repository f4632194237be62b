#!/bin/bash
# SPDX-License-Identifier: MIT
#
# The live agent's processes are confined each in its way, and that is in nobody's
# way: all that a person does works, through a linked agent.conf too.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# status_of PID FIELD: of /proc.
status_of() {
	awk -v field="$2:" '$1 == field { print $2 }' "/proc/$1/status"
}

is_sanitized && skip "the core is not confined under the sanitizers: their leak check starts a thread that stops the others"

scene bob
# People keep their configuration elsewhere and link to it.
environment_of ann
mkdir -p "$tree/ann/"{dotfiles,config/jit-agent}
echo "sts_url = $MOTO_URL" >"$tree/ann/dotfiles/agent.conf"
ln -s "$tree/ann/dotfiles/agent.conf" "$tree/ann/config/jit-agent/agent.conf"
run_agent ann
enroll ann
core=${pid_of[ann-agent]}
launcher=$(pgrep -P "$core")
equals "$(status_of "$core" Seccomp)" 2
equals "$(status_of "$core" NoNewPrivs)" 1
# A sandbox binds children: the launcher must have none, for its workers' network.
equals "$(status_of "$launcher" Seccomp)" 0

[ -L "$tree/ann/config/jit-agent/agent.conf" ] || fail "the link was replaced"
contains "$(cat "$tree/ann/dotfiles/agent.conf")" "user = ann"
id=$(session_for ann bob orders-support tenant=acme)
as ann jit-credentials --session "$id" | jq -e .SecretAccessKey >/dev/null
worker=$(pgrep -P "$launcher" -f jit-agent-fetch | sed -n 1p) # waits for news
equals "$(status_of "$worker" Seccomp)" 2
as ann jitctl end "$id" >/dev/null
passphrase='correct horse battery staple'
enroll ann passphrase
as ann jitctl lock >/dev/null
as ann jitctl unlock <<<"$passphrase" >/dev/null
stop ann-agent
equals "$stop_status" 0
[ ! -e "$tree/ann/run/jit-agent/agent.sock" ] || fail "the socket is left behind"
lacks "$(cat "$tree/ann-agent.log")" cannot
