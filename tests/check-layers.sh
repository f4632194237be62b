#!/bin/bash
# SPDX-License-Identifier: MIT
# A folder includes only itself and the folders named after it here.
set -u
cd "$(dirname "$0")/.." || exit 1
status=0
while read -r files allowed; do
	pattern=${allowed// /|}
	# shellcheck disable=SC2086 # a glob
	if grep -nE '^[[:space:]]*#[[:space:]]*include "' $files /dev/null 2>/dev/null |
		grep -vE ":[[:space:]]*#[[:space:]]*include \"($pattern)/"; then
		echo "$files may include only: $allowed"
		status=1
	fi
done <<END
base/*.[ch]         base
protocol/*.[ch]     protocol base
aws/*.[ch]          aws base
policy/*.[ch]       policy base
keystore/*.[ch]     keystore base
agent/fetch*.[ch]   agent protocol aws base
client/*.[ch]       client protocol base
broker/*.[ch]       broker protocol policy aws base
END
if grep -nE '^#include "' $(ls agent/*.[ch] | grep -v '^agent/fetch') |
	grep -vE ':#include "(agent|protocol|keystore|base)/'; then
	echo "agent/ (but fetch) may include only: agent protocol keystore base"
	status=1
fi
# What must do no I/O can't have the means.
if grep -nE '#include <(sys/socket|sys/stat|fcntl|stdio_ext|curl/.*|sqlite3|microhttpd)\.h>' \
	policy/*.[ch] /dev/null; then
	echo "policy/ does no I/O"
	status=1
fi
exit $status
