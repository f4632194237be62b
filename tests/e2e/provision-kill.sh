#!/bin/bash
# SPDX-License-Identifier: MIT
# kill -9 of the broker before and after every call of AWS in the life of a session's
# role: the session gets its role all the same, and after its end nothing is left.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-provision.sh"
init_provisioning
serve_provisioning
enroll_lives
stop broker
# In a group of its own, so that its brokers go with it whatever happens.
start lives env BROKER_URL="$BROKER_URL" BROKER_DIR="$BROKER_DIR" MOTO_URL="$MOTO_URL" \
	WEATHER="$weather" STATE="$tree" PYTHONPATH="$root/tests/e2e" \
	"$venv/bin/python" "$root/tests/e2e/provision_life.py" kill
finished lives 200
contains "$(cat "$tree/lives.log")" "died at "
no_roles
