#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A keyring that takes calls and never answers hangs one worker, never the agent:
# what is live is served, everything else is an error in bounded time.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
. "$root/tests/e2e/keyring/lib.sh"

keyring_scene
kill -STOP "${pid_of[keyring]}"
still_serves

stop ann-agent KILL
began=$SECONDS
run_agent ann
[ $((SECONDS - began)) -lt "$(seconds 15)" ] || fail "no agent while the keyring hangs"
expect_status 5 as ann jit-credentials --session "$id"
equals "$out" ""

began=$SECONDS
expect_status 9 as ann jitctl unlock
contains "$err" keyring
[ $((SECONDS - began)) -lt "$(seconds 100)" ] || fail "unlock took $((SECONDS - began)) s"
poll 10 no_keyring_worker

kill -CONT "${pid_of[keyring]}"
expect_status 0 as ann jitctl unlock
still_serves
