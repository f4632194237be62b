#!/bin/bash
# SPDX-License-Identifier: MIT
# A disk that is full: the change is refused with words, nothing is half-written, and
# reading goes on.
. "$(dirname "$0")/lib.sh"
init_broker
start broker bash -c "ulimit -f 320; exec '$JIT_BUILD/bin/jit-broker' serve '$BROKER_DIR'"
BROKER_URL=$(wait_for_line "$tree/broker.log" '^listening on ')
BROKER_URL=${BROKER_URL#listening on }
cat >"$tree/run.py" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
from broker_client import *
ann = Device(sys.argv[2])
ok(ann.enroll(sys.argv[3]))
asked = []
for _ in range(100):
    answer = ann.ask(reason="x" * 500)
    if answer[0] != 200:
        break
    asked.append(answer[1]["request"]["id"])
    answer = ann.end(asked[-1], reason="y" * 500)
    if answer[0] != 200:
        break
print(len(asked), answer)
message = refused(answer, 500, "internal")
assert "full" in message or "disk" in message, message
for request in asked:
    assert ok(ann.request(request))["request"]["state"] in ("withdrawn", "pending")
END
python "$tree/run.py" "$root/tests/e2e" "$BROKER_URL" "$(invite ann)"
