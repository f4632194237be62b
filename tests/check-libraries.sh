#!/bin/bash
# SPDX-License-Identifier: MIT
# Each program links what docs/architecture.md says of it and no more, and each of
# those libraries has its reasons in docs/dependencies.md.
set -u
cd "$(dirname "$0")/.." || exit 1
make -s all || exit 1
bad=0
say() { echo "$*"; bad=1; }

# By the name in the documents; GLib comes with libsecret.
name_of() {
	case $1 in
	libc.so* | ld-linux*) ;;
	libcrypto.so* | libssl.so*) echo OpenSSL ;;
	libsqlite3.so*) echo SQLite ;;
	libpq.so*) echo libpq ;;
	libsecret-1.so* | libgio-2.0.so* | libgobject-2.0.so* | libglib-2.0.so*) echo libsecret ;;
	libjansson.so*) echo jansson ;;
	libexpat.so*) echo expat ;;
	*) echo "${1%%.so*}" ;;
	esac
}

linked() {
	local library
	readelf -d "$1" | sed -nE 's/.*\(NEEDED\).*\[(.*)\]/\1/p' |
		while read -r library; do name_of "$library"; done | sort -u
}

for program in build/bin/* build/libexec/*; do
	name=${program##*/}
	[ "$name" != jit-credentials-static ] || continue
	row=$(grep -E "^\| \`$name\` \|" docs/architecture.md) ||
		{ say "docs/architecture.md has no row for $name"; continue; }
	documented=$(cut -d'|' -f4 <<<"$row" | tr ',' '\n' | tr -d ' ' | grep -vx -e libc -e '' | sort -u)
	[ "$(linked "$program")" = "$documented" ] || {
		say "$name links (<), and docs/architecture.md says (>):"
		diff <(linked "$program") <(echo "$documented")
	}
	for library in $(linked "$program"); do
		grep -qE "^\| $library \|" docs/dependencies.md || say "docs/dependencies.md lacks $library"
	done
done
exit $bad
