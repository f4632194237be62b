#!/bin/bash
# SPDX-License-Identifier: MIT
# What scopes mean is what their documents grant: held against an evaluator of IAM's
# language that others wrote, over generated scopes and requests.  PAIRS and SEED
# choose how many and which.
. "$(dirname "$0")/lib.sh"
. "$root/tests/policy/lib.sh"

policy_tree
judge=$JIT_BUILD/tools/policy-judge
node "$tests/vectors.mjs" "$judge" "$root"/tests/vectors/policies/*.json
node "$tests/known.mjs" "$judge" "$root/policy/dynamodb-actions.c"
node "$tests/ends.mjs" "$judge"
node "$tests/examples.mjs" "$judge"
node "$tests/properties.mjs" "$judge" --pairs "${PAIRS:-5000}" ${SEED:+--seed "$SEED"}
