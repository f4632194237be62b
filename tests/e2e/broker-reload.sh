#!/bin/bash
# SPDX-License-Identifier: MIT
# SIGHUP: a file with a mistake leaves the old one in force and says its line; who is
# gone from the good one that follows can do nothing.
. "$(dirname "$0")/lib.sh"
start_broker
cat >"$tree/run.py" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
from broker_client import *
ann = Device.load(sys.argv[2], sys.argv[3])
if len(sys.argv) > 5:
    ok(ann.enroll(sys.argv[5]))
status, _ = ann.call("GET", "/v1/profiles")
assert status == int(sys.argv[4]), status
END
ask() { python "$tree/run.py" "$root/tests/e2e" "$BROKER_URL" "$tree/ann.key" "$@"; }
ask 200 "$(invite ann)"
cp "$BROKER_DIR/profiles.yaml" "$tree/good.yaml"
line=$(grep -n 'longest: 2h' "$tree/good.yaml" | cut -d: -f1)
sed -i 's/longest: 2h/longst: 2h/' "$BROKER_DIR/profiles.yaml"
expect_status 2 jit-broker check "$BROKER_DIR"
contains "$out" "profiles.yaml:$line: error:"
kill -HUP "${pid_of[broker]}"
wait_for_line "$tree/broker.log" "profiles.yaml:$line:" >/dev/null
wait_for_line "$tree/broker.log" 'the profiles in force stay' >/dev/null
ask 200
sed '/^  ann:/d' "$tree/good.yaml" >"$BROKER_DIR/profiles.yaml"
kill -HUP "${pid_of[broker]}"
wait_for_line "$tree/broker.log" 'reloaded' >/dev/null
ask 403
stop broker
equals "$stop_status" 0
