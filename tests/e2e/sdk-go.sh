#!/bin/bash
# SPDX-License-Identifier: MIT
# The AWS SDK for Go (v2), and so Terraform, reads through credential_process, and no longer after the end.
. "$(dirname "$0")/lib.sh"
. "$root/tests/e2e/sdk/lib.sh"

PATH=$PATH:/usr/local/go/bin
need go golang
sdk_tree go
sdk_fetch go build -o consumer .
sdk_scene
expect_item "$sdk/consumer" orders-support "$MOTO_URL"
# Go says only "exit status"; our words go to its standard error.
expect_refusal as ann env AWS_EC2_METADATA_DISABLED=true AWS_REGION=eu-west-1 \
	"$sdk/consumer" orders-support "$MOTO_URL"
contains "$err" "ask again with: jitctl request orders-support tenant=acme"
