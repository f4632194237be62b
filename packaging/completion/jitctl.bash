# SPDX-License-Identifier: MIT
# bash: what jitctl takes, asked of jitctl itself, so that it cannot be wrong.

# _jitctl_rows OPTION...: awk's, over the table of commands and options.
_jitctl_rows() {
	jitctl help --complete 2>/dev/null | awk -F'\t' "$@"
}

# The value that the option before the cursor takes, as help shows it.
_jitctl_value() {
	# shellcheck disable=SC2016 # awk's
	_jitctl_rows -v command="$1" -v option="$2" \
		'$1 == "option" && $2 == command && "--" $3 == option { print $4 }'
}

# The parameters of a profile, in the column between two headings.
_jitctl_parameters() {
	timeout 2 jitctl profiles 2>/dev/null | awk -v profile="$1" '
		NR == 1 { from = index($0, "PARAMETERS"); to = index($0, "LONGEST") }
		$1 == profile {
			count = split(substr($0, from, to - from), names, " ")
			for (i = 1; i <= count; i++) print names[i] "="
		}'
}

_jitctl_arguments() {
	case $1:$COMP_CWORD in
	help:2) _jitctl_rows '$1 == "command" { print $2 }' ;;
	request:2 | configure:2) timeout 2 jitctl profiles | awk 'NR > 1 { print $1 }' ;;
	request:*) _jitctl_parameters "${COMP_WORDS[2]}" ;;
	approve:2 | deny:2) timeout 2 jitctl pending | awk '/^r-/ { print $1 }' ;;
	end:*) timeout 2 jitctl status | awk '/^r-/ { print $1 }' ;;
	esac 2>/dev/null
}

_jitctl() {
	local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} value='' words=''
	[[ $before != --* ]] || value=$(_jitctl_value "$command" "$before")
	if [ "$COMP_CWORD" = 1 ]; then
		words=$(_jitctl_rows '$1 == "command" { print $2 }')
	elif [ "$value" = FILE ]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
	elif [ -n "$value" ]; then
		[[ $value != *'|'* ]] || words=${value//|/ }
	elif [[ $current == -* ]]; then
		# shellcheck disable=SC2016 # awk's
		words=$(_jitctl_rows -v command="$command" \
			'$1 == "option" && $2 == command { print "--" $3 }')
	else
		words=$(_jitctl_arguments "$command")
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
	# The value is typed right behind.
	[[ ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
}

complete -F _jitctl jitctl
