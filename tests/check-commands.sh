#!/bin/bash
# SPDX-License-Identifier: MIT
# The table of a program's commands against its man page, each --help and the
# completions: the same commands with the same options everywhere.
set -u
cd "$(dirname "$0")/.." || exit 1
make -s build/bin/jitctl build/bin/jit-broker || exit 1
PATH=$PWD/build/bin:$PATH
bad=0

# The page's commands and their options, in the form of the table.
commands_of_page() {
	awk '
	/^\.Sh / { inside = ($2 == "COMMANDS") }
	!inside { next }
	/^\.It Cm / { command = $3; print command }
	/^\.It Fl -/ { print command " --" substr($3, 2) }' "$1" | sort
}

commands_of_table() {
	awk -F'\t' '
	$1 == "command" { print $2 }
	$1 == "option" && $3 != "json" && $3 != "help" { print $2 " --" $3 }' | sort
}

completed() { # PROGRAM WORD...
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
	"_${1//-/_}"
	printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' '
}

options_of() { # COMMAND: its row in the table
	awk -F'\t' -v command="$1" '$1 == "option" && $2 == command { print "--" $3 }' |
		sort | tr '\n' ' '
}

for page in man/jitctl.1 man/jit-broker.8; do
	program=$(basename "${page%.*}")
	table=$("$program" help --complete)
	diff <(commands_of_table <<<"$table") <(commands_of_page "$page") ||
		{ echo "$page (>) and the commands (<) differ"; bad=1; }
	while IFS=$'\t' read -r kind command name _; do
		[ "$kind" = option ] || continue
		grep -qE -- "^  --$name( |\[|\$)" <<<"$("$program" "$command" --help)" ||
			{ echo "$program $command --help lacks --$name"; bad=1; }
	done <<<"$table"
	# shellcheck source=/dev/null
	. "packaging/completion/$program.bash"
	wanted=$(awk -F'\t' '$1 == "command" { print $2 }' <<<"$table" | sort | tr '\n' ' ')
	found=$(completed "$program" "")
	[ "$found" = "$wanted" ] || { echo "$program completes to: $found"; bad=1; }
	for command in $wanted; do
		found=$(completed "$program" "$command" --)
		[ "$found" = "$(options_of "$command" <<<"$table")" ] ||
			{ echo "$program $command -- completes to: $found"; bad=1; }
	done
	# The other shells: their syntax, and the same table asked.
	for file in "packaging/completion/_$program" "packaging/completion/$program.fish"; do
		grep -q "$program help --complete" "$file" || { echo "$file asks no table"; bad=1; }
		shell=zsh
		[ "${file%.fish}" = "$file" ] || shell=fish
		! command -v "$shell" >/dev/null || "$shell" -n "$file" || bad=1
	done
done
exit $bad
