#!/bin/bash
# SPDX-License-Identifier: MIT
# Lists that are longer than a call may be: what there is to ask for, what is to be decided.
. "$(dirname "$0")/lib.sh"
init_broker

# more_profiles COUNT GROUP: so many that its people may ask for.
more_profiles() {
	local i
	for ((i = 0; i < $1; i++)); do
		printf '  %s-%04d: { summary: "%s", account: production, role: jit-%s-%d,
    who: [%s], longest: 1h, approval: one-peer,
    access: [{ dynamodb: { table: orders, actions: read } }] }\n' \
			"$2" "$i" "What $2 needs of team $i, and nothing of what others have there" "$2" "$i" "$2"
	done
}
{
	cat "$root/tests/e2e/profiles.yaml"
	more_profiles 300 support
	more_profiles 900 dba
} >"$BROKER_DIR/profiles.yaml"
expect_status 0 jit-broker check "$BROKER_DIR" --json
serve_broker
for name in ann bob; do
	start_agent "$name"
	enroll "$name"
done
expect_status 0 as ann jitctl profiles --json
equals "$(jq '[.profiles[] | select(.may_ask)] | length' <<<"$out")" 302
expect_status 0 as ann jitctl profiles
contains "$out" support-0299

cat >"$tree/run.py" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
from broker_client import *
ann = Device(sys.argv[2])
ok(ann.enroll(sys.argv[3]))
for i in range(100):
    ok(ann.ask("support-0000", "r" * 500, parameters={}))
END
python "$tree/run.py" "$root/tests/e2e" "$BROKER_URL" "$(invite ann)"
expect_status 0 as bob jitctl pending --json
equals "$(jq '.requests | length' <<<"$out")" 100
