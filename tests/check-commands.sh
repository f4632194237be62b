#!/bin/bash
# SPDX-License-Identifier: MIT
# The table of jitctl's commands against its man page, each --help and the
# completion: the same commands with the same options everywhere.
set -u
cd "$(dirname "$0")/.." || exit 1
make -s build/bin/jitctl || exit 1
PATH=$PWD/build/bin:$PATH
table=$(jitctl help --complete)

# The page's commands and their options, in the form of the table.
page=$(awk '
	/^\.Sh / { inside = ($2 == "COMMANDS") }
	!inside { next }
	/^\.It Cm / { command = $3; print command }
	/^\.It Fl -/ { print command " --" substr($3, 2) }' man/jitctl.1 | sort)
wanted=$(awk -F'\t' '
	$1 == "command" { print $2 }
	$1 == "option" && $3 != "json" && $3 != "help" { print $2 " --" $3 }' <<<"$table" | sort)
diff <(echo "$wanted") <(echo "$page") >/dev/null ||
	{ echo "man/jitctl.1 (>) and the commands (<) differ:"; diff <(echo "$wanted") <(echo "$page"); exit 1; }

bad=0
while IFS=$'\t' read -r kind command name _; do
	[ "$kind" = option ] || continue
	jitctl "$command" --help | grep -qE -- "^  --$name( |\$)" ||
		{ echo "jitctl $command --help lacks --$name"; bad=1; }
done <<<"$table"

# shellcheck source=/dev/null
. packaging/completion/jitctl.bash
completed() {
	COMP_WORDS=(jitctl "$@") COMP_CWORD=$#
	_jitctl
	printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' '
}
options=$(awk -F'\t' '$1 == "option" && $2 == "request" { print "--" $3 }' <<<"$table" | sort | tr '\n' ' ')
[ "$(completed en)" = "end enroll " ] || { echo "completion of 'en': $(completed en)"; bad=1; }
[ "$(completed request --)" = "$options" ] || { echo "completion of 'request --': $(completed request --)"; bad=1; }
exit $bad
