#!/bin/bash
# SPDX-License-Identifier: MIT
# The AWS SDK for Java (v2) reads through credential_process, and no longer after the end.
. "$(dirname "$0")/lib.sh"
. "$root/tests/e2e/sdk/lib.sh"

need java default-jdk-headless
need mvn maven
sdk_tree java
sdk_fetch mvn -q -B compile dependency:build-classpath -Dmdep.outputFile=target/classpath
sdk_scene
consumer=("$(command -v java)" -cp "$sdk/target/classes:$(cat "$sdk/target/classpath")"
	io.jitctl.Consumer orders-support "$MOTO_URL")
# The JVM's user.home comes from the password file, so the config file is named.
expect_item env AWS_CONFIG_FILE="$tree/ann/.aws/config" "${consumer[@]}"
expect_refusal as ann env AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE="$tree/ann/.aws/config" "${consumer[@]}"
contains "$err" "ask again with: jitctl request orders-support tenant=acme"
