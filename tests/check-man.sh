#!/bin/bash
# SPDX-License-Identifier: MIT
# Every program and file format has its page; mandoc finds nothing to say about any;
# a page that another names is there; and each key of a file is in its page.
set -u
cd "$(dirname "$0")/.." || exit 1
command -v mandoc >/dev/null || { echo "mandoc is not installed (Debian: mandoc)"; exit 77; }
bad=0
say() { echo "$*"; bad=1; }

mandoc -Tlint -Wwarning man/*.[1-8] || bad=1

# What lies in libexec is no program for people; the pages of the others tell of it.
programs=$(make -pqn 2>/dev/null | sed -n 's/^programs := //p' | tr ' ' '\n' | sed 's,.*/,,' | grep .)
[ -n "$programs" ] || say "make says no program"
for program in $(grep -v -e '^jit-agent-' -e '^jit-broker-' <<<"$programs"); do
	compgen -G "man/$program.[18]" >/dev/null || say "$program has no page"
done
for file in agent.conf broker.conf profiles.yaml; do
	[ -e "man/$file.5" ] || say "$file has no page"
done

# Others' pages, as ssh-agent(1), are not ours to look after.
while read -r name section; do
	case $name in jit* | *.conf | *.yaml) ;; *) continue ;; esac
	[ -e "man/$name.$section" ] || say "a page names $name($section), which is not there"
done < <(sed -nE 's/^\.Xr ([^ ]+) ([0-9]).*/\1 \2/p' man/*.[1-8] | sort -u)
for page in man/*.[1-8]; do
	name=${page##*/}
	grep -qE "^\.Xr ${name%.*} ${name##*.}( |$)" $(ls man/*.[1-8] | grep -vx "$page") ||
		say "$page is named by no other page"
done

# keys FILE...: the names in tables of keys, as { "name", ...
keys() { sed -nE 's/^[[:space:]]*\{ "([a-z_]+)",.*/\1/p' "$@" | sort -u; }
check_keys() {
	local page=$1 key
	shift
	for key in $(keys "$@"); do
		grep -qE "^\.(It )?Cm (.* )?$key( |$)" "$page" || say "$page lacks the key $key"
	done
}
check_keys man/agent.conf.5 agent/settings.c
check_keys man/broker.conf.5 broker/settings.c
check_keys man/profiles.yaml.5 broker/profiles.c broker/profiles-people.c \
	broker/profiles-profile.c broker/profiles-parameters.c broker/profiles-rules.c
exit $bad
