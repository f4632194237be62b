# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# For the scripts that show each SDK reading an item with a profile's
# credentials.  A consumer prints {"access_key_id","can_expire","status"}.

# sdk_tree NAME: builds in build/sdk/NAME, so that a second run finds it built;
# $sdk is then that folder.
sdk_tree() {
	sdk=$root/build/sdk/$1
	mkdir -p "$sdk"
	cp -r "$root/tests/e2e/sdk/$1/." "$sdk"
}

# sdk_fetch COMMAND...: downloads and builds what the consumer needs, once for each
# state of its sources, or skips with the reason.
sdk_fetch() {
	[ ! -e "$sdk/.fetched" ] ||
		[ -n "$(find "$root/tests/e2e/sdk/${sdk##*/}" -type f -newer "$sdk/.fetched")" ] || return 0
	(cd "$sdk" && "$@") >"$tree/sdk-build.log" 2>&1 ||
		skip "the SDK's packages can't be installed: $(tail -n1 "$tree/sdk-build.log" | cut -c1-150)"
	touch "$sdk/.fetched"
}

# sdk_scene: ann has a live session and a profile in ~/.aws/config.
sdk_scene() {
	scene ann bob
	session_id=$(session_for ann bob orders-support tenant=acme)
	as ann jitctl configure orders-support --region eu-west-1 >/dev/null
}

# expect_item COMMAND...: the consumer reads the item; its key is the session's.
expect_item() {
	local key
	expect_status 0 as ann env AWS_EC2_METADATA_DISABLED=true AWS_REGION=eu-west-1 "$@"
	equals "$(jq -r .status <<<"$out")" shipped
	equals "$(jq -r .can_expire <<<"$out")" true
	key=$(as ann jit-credentials --session "$session_id" | jq -r .AccessKeyId)
	equals "$(jq -r .access_key_id <<<"$out")" "$key"
}

# expect_refusal COMMAND...: after the end the consumer says our words, or at
# least fails; it never gets the old credentials.
expect_refusal() {
	as ann jitctl end "$session_id" >/dev/null
	"$@" >"$tree/.out" 2>"$tree/.err" </dev/null && fail "still served after the end"
	out=$(cat "$tree/.out") err=$(cat "$tree/.err")
}
