#!/bin/bash
# SPDX-License-Identifier: MIT
# .ci/run fails when any of its three steps does, counted or not, and says so last.
set -u
cd "$(dirname "$0")/.." || exit 1
scratch=$(mktemp -d /tmp/jit-ci.XXXXXX)
trap 'rm -rf "$scratch"' EXIT

# A make whose targets count and end as they are told.
cat >"$scratch/make" <<'END'
#!/bin/bash
counts=COUNTS_$1 status=STATUS_$1
[ -z "${!counts:-}" ] || echo "${!counts}" >"$JIT_SUMMARY"
exit "${!status:-0}"
END
chmod +x "$scratch/make"

bad=0
# says LAST-LINE STATUS VARIABLE...
says() {
	local line status
	line=$(env PATH="$scratch:$PATH" COUNTS_check="10 0 0" COUNTS_sanitize="9 0 1" "${@:3}" .ci/run)
	status=$?
	[ "${line##*$'\n'}" = "$1" ] && [ $status = "$2" ] ||
		{ echo "${*:3}: '${line##*$'\n'}', status $status; not '$1', $2"; bad=1; }
}
says '20 passed, 0 failed' 0
says '19 passed, 1 failed' 1 STATUS_lint=2
says '19 passed, 1 failed' 1 COUNTS_check='9 1 0' STATUS_check=2
says '11 passed, 1 failed' 1 COUNTS_sanitize= STATUS_sanitize=2
says '17 passed, 3 failed' 1 COUNTS_check='9 1 0' STATUS_check=2 COUNTS_sanitize='8 1 0' STATUS_sanitize=2 STATUS_lint=2
exit $bad
