#!/bin/bash
# SPDX-License-Identifier: MIT
# boto3 reads through credential_process; with less than 15 minutes left it asks on
# every call and still gets what is live; no longer after the end.
. "$(dirname "$0")/lib.sh"
. "$root/tests/e2e/sdk/lib.sh"

sdk_scene
consumer=("$venv/bin/python" "$root/tests/e2e/sdk/boto3-consumer.py" orders-support "$MOTO_URL")
expect_item "${consumer[@]}" 1
# A session of five minutes is inside botocore's window from birth.
as ann jitctl end "$session_id" >/dev/null
session_id=$(session_for ann bob orders-support tenant=acme --for 5m)
expect_item "${consumer[@]}" 20
expect_refusal as ann env AWS_EC2_METADATA_DISABLED=true "${consumer[@]}" 1
contains "$err" "ask again with: jitctl request orders-support tenant=acme"
