#!/bin/bash
# SPDX-License-Identifier: MIT
# A code works once; five wrong ones close the door, and the audit has them.
. "$(dirname "$0")/lib.sh"
start_broker
expect_status 13 jit-broker invite "$BROKER_DIR" nobody
cat >"$tree/run.py" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
from broker_client import *
url, code, other = sys.argv[2:]
ok(Device(url).enroll(code))
forbidden(Device(url).enroll(code), "used before")
for _ in range(4):
    forbidden(Device(url).enroll("0000-0000"), "no such code")
forbidden(Device(url).enroll("0000-0000"), "too many")
forbidden(Device(url).enroll(other), "too many")
END
python "$tree/run.py" "$root/tests/e2e" "$BROKER_URL" \
	"$(jit-broker invite "$BROKER_DIR" ann 2>/dev/null)" "$(jit-broker invite "$BROKER_DIR" bob 2>/dev/null)"
equals "$(jit-broker audit "$BROKER_DIR" --json | jq -r .event | grep -c '^enroll-refused$')" 6
equals "$(jit-broker audit "$BROKER_DIR" --json | jq -r .event | grep -c '^enrolled$')" 1
