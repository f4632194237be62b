#!/bin/bash
# SPDX-License-Identifier: MIT
# The AWS SDK for JavaScript (v3) reads through credential_process, and no longer after the end.
. "$(dirname "$0")/lib.sh"
. "$root/tests/e2e/sdk/lib.sh"

need node nodejs
need npm npm
sdk_tree js
sdk_fetch npm ci --no-audit --no-fund
sdk_scene
expect_item "$(command -v node)" "$sdk/consumer.mjs" orders-support "$MOTO_URL"
expect_refusal as ann node "$sdk/consumer.mjs" orders-support "$MOTO_URL"
contains "$err" "ask again with: jitctl request orders-support tenant=acme"
