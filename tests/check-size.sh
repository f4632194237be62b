#!/bin/bash
# SPDX-License-Identifier: MIT
# A file is one idea: past 400 lines it is split.
set -u
cd "$(dirname "$0")/.." || exit 1
limit=400
git ls-files '*.c' '*.h' | grep -v '^tests/' | xargs wc -l | awk -v limit=$limit '
	$2 != "total" && $1 > limit { print $2 ": " $1 " lines, more than " limit; bad = 1 }
	END { exit bad }'
