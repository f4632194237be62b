#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A key in the desktop's keyring: the agent comes back by itself after a stop and
# after kill -9, with the session live, and no key lies in a file.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
. "$root/tests/e2e/keyring/lib.sh"

keyring_scene
equals "$(agent_status keystore)" secret-service
[ ! -e "$tree/ann/state/jit-agent/master.key" ] || fail "the key is in a file too"

stop ann-agent
equals "$stop_status" 0
run_agent ann
poll 10 still_serves
equals "$(agent_status locked)" false

stop ann-agent KILL
run_agent ann
poll 10 still_serves
poll 10 no_keyring_worker

# Locked by hand: what the keyring would give is not taken until asked for.
as ann jitctl lock >/dev/null
expect_status 5 as ann jit-credentials --session "$id"
as ann jitctl unlock >/dev/null
still_serves

# Two agents of one person, each with its own state, don't share a key.
as ann jitctl end "$id" >/dev/null
expect_status 6 as ann jit-credentials --session "$id"
