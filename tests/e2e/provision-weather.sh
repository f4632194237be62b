#!/bin/bash
# SPDX-License-Identifier: MIT
# Throttling, outages and lost answers of AWS, many sessions at once, what a thousand live
# roles cost, and roles that are left over: ours are destroyed, others' are not touched.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-provision.sh"
init_provisioning
serve_provisioning
enroll_lives
lives weather
lives many 50
lives cost 1000

# --- left over: by a store that was lost, or set back
stop broker
lives orphan "$BROKER_URL"
serve_provisioning
found() { [ "$(roles | tr '\n' ' ')" = "jit-by-hand jit-r-0000000002 jit-r-0000000003 jit-r-0000000004 " ]; }
poll 30 found
poll 30 equals "$(audited r-0000000001 | tr '\n' ' ')" "role-found role-closed role-failed role-closed role-destroyed "
for id in r-0000000002 r-0000000003 r-0000000004; do
	equals "$(audited $id)" ""
	equals "$(aws_admin iam list-role-policies --role-name jit-$id | jq -c .PolicyNames)" \
		'["jit-session","added-by-hand"]'
done
