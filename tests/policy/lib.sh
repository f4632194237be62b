# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# For the scripts that ask the oracle.

# policy_tree: $tests is then a folder with its programs and what they need.
policy_tree() {
	need node nodejs
	need npm npm
	tests=$root/build/policy
	mkdir -p "$tests"
	# Two scripts at once build it once.
	exec {policy_lock}>"$tests/.lock"
	flock "$policy_lock"
	cp "$root"/tests/policy/*.mjs "$tests"
	cmp -s "$root/tests/policy/package-lock.json" "$tests/node_modules/.installed-lock" || policy_fetch
	exec {policy_lock}>&-
}

policy_fetch() {
	cp "$root"/tests/policy/package*.json "$tests"
	(cd "$tests" && npm ci --no-audit --no-fund) >"$tree/npm.log" 2>&1 ||
		skip "the oracle can't be installed: $(tail -n1 "$tree/npm.log" | cut -c1-150)"
	cp "$root/tests/policy/package-lock.json" "$tests/node_modules/.installed-lock"
}
