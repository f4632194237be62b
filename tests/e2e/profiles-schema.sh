#!/bin/bash
# SPDX-License-Identifier: MIT
# An editor that knows docs/profiles.schema.json says what jit-broker check says,
# as far as a schema can: the same keys, the same files accepted.
. "$(dirname "$0")/lib.sh"
jit-broker init "$tree/broker" >/dev/null
sed -n '/^version: 1$/,/^\.Ed$/{/^\.Ed$/!p}' "$root/man/profiles.yaml.5" >"$tree/manual.yaml"
python "$root/tests/e2e/profiles_schema.py" "$root" "$tree/broker/profiles.yaml" "$tree/manual.yaml" >"$tree/said" ||
	fail "$(cat "$tree/said")"

# The manual's example loads, and the guide shows what its commands print.
cp "$tree/manual.yaml" "$tree/broker/profiles.yaml"
expect_status 0 jit-broker check "$tree/broker"
{
	sed '/^  orders-support:/,$d' "$tree/manual.yaml"
	sed -n '/^  orders-support:/,/^```$/{/^```$/!p}' "$root/docs/profiles.md"
} >"$tree/broker/profiles.yaml"
mapfile -t guide < <(grep -A1 '^\$ jit-broker simulate DIR' "$root/docs/profiles.md" | grep -v '^--$')
equals ${#guide[@]} 6
for ((i = 0; i < 6; i += 2)); do
	read -ra command <<<"${guide[i]#\$ jit-broker }"
	printed=$(jit-broker "${command[@]/#DIR/$tree/broker}") || true
	printed=$(sed "s,$tree/broker,DIR,; s/profiles.yaml:[0-9]*/profiles.yaml:39/" <<<"$printed")
	shown=${guide[i + 1]%...}
	equals "${printed:0:${#shown}}" "$shown"
done
shown=$(grep -A1 '^\$ jit-broker explain DIR' "$root/docs/profiles.md" | tail -n1)
expect_status 0 jit-broker explain "$tree/broker" orders-support tenant=acme
contains "$out" "$shown"
contains "$out" "$(grep '^  access  ' "$root/docs/profiles.md")"
