# SPDX-License-Identifier: MIT
# bash: what jitctl takes, asked of jitctl itself, so that it cannot be wrong.

_jitctl_words() {
	case $1 in
	help) jitctl help --complete | awk -F'\t' '$1 == "command" { print $2 }' ;;
	request | configure) timeout 2 jitctl profiles | awk 'NR > 1 { print $1 }' ;;
	approve | deny) timeout 2 jitctl pending | awk '/^r-/ { print $1 }' ;;
	end) timeout 2 jitctl status | awk '/^r-/ { print $1 }' ;;
	esac 2>/dev/null
}

_jitctl() {
	local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words
	if [ "$COMP_CWORD" = 1 ]; then
		words=$(_jitctl_words help)
	elif [[ $current == -* ]]; then
		words=$(jitctl help --complete 2>/dev/null | awk -F'\t' -v command="$command" \
			'$1 == "option" && $2 == command { print "--" $3 }')
	elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == --*file ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
	else
		words=$(_jitctl_words "$command")
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -F _jitctl jitctl
