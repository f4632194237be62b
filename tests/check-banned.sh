#!/bin/bash
# SPDX-License-Identifier: MIT
# Calls that have no place here, and the few that have one place only.
set -u
cd "$(dirname "$0")/.." || exit 1
status=0

# refuse WHY PATTERN FILE...: a call of PATTERN outside comments and strings.
refuse() {
	local why=$1 pattern=$2
	shift 2
	if sed -E 's,//.*,,; s,/\*.*\*/,,; s,"([^"\\]|\\.)*","",g; s,^[[:space:]]*\*.*,,' "$@" |
		grep -qE "(^|[^A-Za-z0-9_>.])($pattern)[[:space:]]*\("; then
		grep -nE "(^|[^A-Za-z0-9_>.])($pattern)[[:space:]]*\(" "$@"
		echo "banned: $why"
		status=1
	fi
}

sources=$(git ls-files '*.c' '*.h' 2>/dev/null || find . -name '*.[ch]' -not -path './build/*')
[ -n "$sources" ] || { echo "no sources"; exit 1; }
ours=$(grep -v '^tests/\|^bench/' <<<"$sources")
# shellcheck disable=SC2086 # lists of names without spaces
{
	refuse "no bounds" 'strcpy|strcat|sprintf|vsprintf|gets|stpcpy' $sources
	refuse "hidden state" 'strtok|asctime|ctime|gmtime|localtime|strerror_l' $sources
	refuse "errors unseen" 'atoi|atol|atoll|atof' $sources
	refuse "a shell" 'system|popen' $ours
	refuse "the stack" 'alloca' $sources
	refuse "secure_getenv() instead" 'getenv' $ours
	refuse "a race" 'mktemp|tmpnam|tempnam' $sources
	refuse "a step of the clock; pthread_cond_clockwait() instead" 'pthread_cond_timedwait' $ours
	refuse "libsodium instead" 'rand|srand|random|drand48' $ours
}
mains='agent/jit-agent.c agent/fetch.c keystore/keyring.c client/jitctl.c client/jit-credentials.c broker/jit-broker.c'
for file in $ours; do
	case " $mains " in *" $file "*) continue ;; esac
	refuse "exit() outside main" 'exit' "$file"
done
exit $status
