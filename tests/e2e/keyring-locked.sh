#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A locked keyring is told from an empty one: the agent says locked and what to
# type, never asks for a new enrolment, and goes on once the keyring is open.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
. "$root/tests/e2e/keyring/lib.sh"

keyring_scene
keyring_control lock
still_serves # the agent has its key already

stop ann-agent KILL
run_agent ann
poll 10 no_keyring_worker
equals "$(agent_status locked)" true
expect_status 5 as ann jit-credentials --session "$id"
equals "$out" ""
contains "$err" 'jitctl unlock'
expect_status 5 as ann jitctl unlock # its prompt has no display to go to
contains "$err" locked

keyring_control unlock login
expect_status 0 as ann jitctl unlock
still_serves
equals "$(agent_status locked)" false

# Nothing is stored into a locked keyring; the enrolment that was stays.
keyring_control lock
code=$(invite ann)
expect_status 5 as ann jitctl enroll --broker "$BROKER_URL" --code "$code" --keystore secret-service
still_serves
keyring_control unlock login
stop ann-agent
run_agent ann
poll 10 still_serves
