#!/bin/bash
# SPDX-License-Identifier: MIT
#
# IAM's calls, against a server that checks every signature.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

# The unit tests lie beside bin/ and libexec/, except in the plain flavour.
tests=$JIT_BUILD/tests
[ -d "$tests" ] || tests=$JIT_BUILD/plain/tests
[ -x "$tests/test_iam" ] || skip "no $tests/test_iam; run: make check"

start_moto
aws_admin iam create-user --user-name broker >/dev/null
aws_admin iam put-user-policy --user-name broker --policy-name all --policy-document \
	'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
aws_admin iam create-policy --policy-name jit-boundary --policy-document \
	'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}]}' >/dev/null
read -r id secret < <(aws_admin iam create-access-key --user-name broker \
	--query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text)

# From here on moto looks at the signature and at what its owner may do.
curl -sf -X POST -H 'Content-Type: text/plain' --data 0 "$MOTO_URL/moto-api/reset-auth" >/dev/null

expect_status 0 env IAM_TEST_URL="$MOTO_URL/" AWS_ACCESS_KEY_ID="$id" \
	AWS_SECRET_ACCESS_KEY="$secret" "$tests/test_iam"
contains "$out$err" "5 test(s) run"
