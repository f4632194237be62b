#!/bin/bash
# SPDX-License-Identifier: MIT
# Every source says its licence; every header has the guard of its path, says
# what it is for, and compiles alone.
set -u
cd "$(dirname "$0")/.." || exit 1
status=0
complain() {
	echo "$*"
	status=1
}
list() {
	git ls-files "$@" 2>/dev/null
}
for file in $(list '*.c' '*.h'); do
	[ "$(head -n1 "$file")" = "/* SPDX-License-Identifier: MIT */" ] ||
		complain "$file: the first line is not the licence's"
done
for file in $(list '*.sh' tests/run .ci/run 'packaging/install-dependencies'); do
	grep -qx '# SPDX-License-Identifier: MIT' <(head -n2 "$file") ||
		complain "$file: no licence in the first two lines"
done
for file in $(list '*.h'); do
	guard=$(tr 'a-z/.-' 'A-Z___' <<<"$file")
	grep -qx "#ifndef $guard" "$file" && grep -qx "#define $guard" "$file" ||
		complain "$file: the guard is not $guard"
	grep -qE '^( \*|/\*) [A-Za-z]' <(tail -n +2 "$file") || complain "$file: doesn't say what it is for"
done
flags="-D_GNU_SOURCE -I. -std=c11 -fsyntax-only -Wall -Wextra $(pkg-config --cflags libsecret-1)"
headers=$(list '*.h')
# shellcheck disable=SC2086
for file in $headers; do
	echo "#include \"$file\"" | ${CC:-cc} $flags -x c - || complain "$file: does not compile alone"
done
exit $status
