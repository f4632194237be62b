#!/bin/bash
# SPDX-License-Identifier: MIT
# The transcript: make demo's own run, line by line.
. "$(dirname "$0")/lib.sh"

"$root/tests/demo" >"$tree/demo" 2>"$tree/demo.log" || fail "the demo failed: $(cat "$tree/demo")"
exec {transcript}<"$tree/demo"

# next PATTERN: some line after the last one matches; prints it.
next() {
	local line
	while read -r line <&$transcript; do
		if [[ $line =~ $1 ]]; then
			echo "$line"
			return 0
		fi
	done
	fail "no line like '$1' where it should be in: $(cat "$tree/demo")"
}
next '^ann\$ jitctl enroll --broker http://127.0.0.1:[0-9]+ --code [0-9A-Z]{4}-[0-9A-Z]{4}' >/dev/null
next ann >/dev/null
next '^bob\$ jitctl enroll' >/dev/null
next '^ann\$ jitctl profiles$' >/dev/null
next 'orders-support' >/dev/null
next "^ann\\$ jitctl request orders-support tenant=acme --for 30m --reason 'ticket 4711' --wait$" >/dev/null
id=$(next '^r-[0-9a-hjkmnp-tv-z]{10}$')
next '^bob\$ jitctl pending$' >/dev/null
pending=$(next "$id")
contains "$pending" ann
next '^bob\$ jitctl approve' >/dev/null
next '^ann\$ jitctl configure orders-support$' >/dev/null
next '^ann\$ aws .*--profile orders-support dynamodb get-item' >/dev/null
next '"Item": \{' >/dev/null
next '"S": "acme"' >/dev/null
next '^ann\$ jitctl status$' >/dev/null
next "$id" >/dev/null
next "^ann\\$ jitctl end $id$" >/dev/null
next '^ann\$ aws ' >/dev/null
next '^Error when retrieving credentials from custom-process: orders-support: ended [0-9]+ s ago; ask again with: jitctl request orders-support tenant=acme$' >/dev/null
next '^That was all' >/dev/null
# Not one secret of theirs is in what anybody read.
lacks "$(cat "$tree/demo" "$tree/demo.log")" SecretAccessKey

# The README shows just this, but for what is another each time.
same_each_time() {
	sed -E -e 's,/tmp/jit-e2e\.[A-Za-z0-9]+,TREE,g' -e 's,127\.0\.0\.1:[0-9]+,127.0.0.1:PORT,g' \
		-e 's/r-[0-9a-z]{10}/r-ID/g' -e 's/[0-9A-Z]{4}-[0-9A-Z]{4}/CODE/g' \
		-e 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}/DATE/g' -e 's/, [0-9]{2}:[0-9]{2}/, TIME/g' \
		-e 's/until +(DATE|[0-9]{2}:[0-9]{2}) /until TIME /' -e 's/(ends|lapses) in [^,]*, (DATE|TIME)/\1 in SPAN, TIME/' -e 's/[0-9]+ s ago/TIME ago/g' -e 's/ +/ /g' | grep .
}
sed -n '/^## What it looks like/,/^## Where/p' "$root/README.md" | sed '1,/^```$/d; /^```$/,$d' |
	same_each_time >"$tree/shown"
sed '1d; /^That was all/,$d' "$tree/demo" | same_each_time >"$tree/printed"
[ "$(wc -l <"$tree/printed")" -gt 30 ] || fail "the demo prints little"
diff -u "$tree/shown" "$tree/printed" || fail "the README shows what make demo does not print"
