#!/bin/bash
# SPDX-License-Identifier: MIT
# A code works once and for ten minutes; five wrong ones from an address within an hour close
# the door to every code, and open it again afterwards; the audit has each.
. "$(dirname "$0")/lib.sh"
need faketime faketime
start_broker
expect_status 13 jit-broker invite "$BROKER_DIR" nobody
cat >"$tree/run.py" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
from broker_client import *
url, step, *codes = sys.argv[2:]
def enroll(code, minutes=0):
    device = Device(url)
    return device.call("POST", "/v1/enroll", {"code": code, "public_key": b64url(device.public)},
                       created=int(time.time()) + 60 * minutes)
if step == "now":
    ok(enroll(codes[0].lower()))
    forbidden(enroll(codes[0]), "the code was used before; ask whoever runs the broker")
    for _ in range(4):
        forbidden(enroll("0000-0000"), "no such code; ask whoever runs the broker")
    forbidden(enroll("0000-0000"), "too many wrong codes")
    forbidden(enroll(codes[1]), "too many wrong codes")
else:
    minutes = int(step)
    forbidden(enroll(codes[0], minutes), "the code has expired; ask whoever")
    assert ok(enroll(codes[1], minutes))["user"] == "ann"
END
run() { python "$tree/run.py" "$root/tests/e2e" "$BROKER_URL" "$@"; }
invite() { "${@:2}" jit-broker invite "$BROKER_DIR" "$1" 2>/dev/null; }
events() { jit-broker audit "$BROKER_DIR" --json | jq -r .event | grep -c "^$1\$"; }
old=$(invite bob)
run now "$(invite ann)" "$old"
equals "$(events enroll-refused)" 6
equals "$(events enrolled)" 1
equals "$(jit-broker audit "$BROKER_DIR" --json | jq -r 'select(.event == "enrolled").user')" ann
# 61 minutes later: that code is too old, and one of the last ten minutes is good.
stop broker
: >"$tree/broker.log"
start broker faketime -f +61m "$JIT_BUILD/bin/jit-broker" serve "$BROKER_DIR"
wait_for_line "$tree/broker.log" '^listening on ' >/dev/null
run 61 "$old" "$(invite ann faketime -f +52m)"
equals "$(events enroll-refused)" 7
equals "$(events enrolled)" 2
