#!/bin/bash
# SPDX-License-Identifier: MIT
#
# No session bus, as over SSH: enrolling with a keyring says so and what else
# there is, and leaves nothing behind.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start_broker
start_agent ann
code=$(invite ann)
expect_status 9 as ann jitctl enroll --broker "$BROKER_URL" --code "$code" --keystore secret-service
contains "$err" 'no D-Bus session runs here'
contains "$err" 'jitctl enroll --keystore passphrase'
expect_status 4 as ann jit-credentials orders-support

# The same code still works: nothing was asked of the broker.
as ann jitctl enroll --broker "$BROKER_URL" --code "$code" --keystore passphrase \
	<<<'correct horse' >"$tree/enroll.log"
