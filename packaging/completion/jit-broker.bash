# SPDX-License-Identifier: MIT
# bash: what jit-broker takes, asked of jit-broker itself, so that it cannot be wrong.

_jit_broker_rows() {
	jit-broker help --complete 2>/dev/null | awk -F'\t' "$@"
}

_jit_broker() {
	local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words
	# shellcheck disable=SC2016 # awk's
	if [ "$COMP_CWORD" != 1 ] && [[ $current == -* ]]; then
		words=$(_jit_broker_rows -v command="$command" \
			'$1 == "option" && $2 == command { print "--" $3 }')
	elif [ "$COMP_CWORD" = 1 ] || [ "$command" = help ]; then
		words=$(_jit_broker_rows '$1 == "command" { print $2 }')
	elif [ "$COMP_CWORD" = 3 ] && [[ $command =~ ^(explain|simulate|policy)$ ]]; then
		words=$(jit-broker explain "${COMP_WORDS[2]}" 2>/dev/null | awk '{ print $1 }')
	else
		mapfile -t COMPREPLY < <(compgen -d -- "$current")
		return
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _jit_broker jit-broker
