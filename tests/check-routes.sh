#!/bin/bash
# SPDX-License-Identifier: MIT
# The broker's routes are those of protocol/openapi.yaml, neither more nor fewer.
set -u
cd "$(dirname "$0")/.." || exit 1
in_code() {
	sed -nE 's/^#define OPENID "(.*)"$/\1/p' broker/routes.c | {
		read -r openid
		sed -nE 's/^\t\{ "([A-Z]+)", +("([^"]+)"|OPENID), .*/\1 \3/p' broker/routes.c |
			sed -E "s,^([A-Z]+) $,\1 $openid,"
	} | sort
}
in_contract() {
	awk '/^paths:/ { on = 1; next } /^[a-z]/ { on = 0 }
		on && /^  \/.*:$/ { path = $1; sub(/:$/, "", path) }
		on && /^    (get|post|put|delete|patch):$/ { sub(/:/, "", $1); print toupper($1), path }' \
		protocol/openapi.yaml | sort
}
[ -n "$(in_code)" ] || { echo "no routes found in broker/routes.c"; exit 1; }
diff <(in_code) <(in_contract) || { echo "broker/routes.c (<) and protocol/openapi.yaml (>) differ"; exit 1; }
