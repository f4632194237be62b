#!/bin/bash
# SPDX-License-Identifier: MIT
#
# kill -9 of an agent that is enrolled anew, at each moment at which it writes: after a
# restart the former enrolment is whole, or the new one is, each with its own passphrase.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=lib-moments.sh
. "$(dirname "$0")/lib-moments.sh"

former_words='correct horse battery staple'
new_words='another horse, a longer staple'

# enroll_to URL DIR: by that broker; whether that was answered.
enroll_to() {
	as ann jitctl enroll --broker "$1" --code "$(jit-broker invite "$2" ann 2>/dev/null)" \
		--keystore passphrase <<<"$new_words" >"$tree/enroll.log" 2>&1
}

opens() {
	as ann jitctl unlock <<<"$1" >/dev/null 2>&1
}

# is_whole: sets enrolment; one passphrase opens it, and the broker knows its key.
is_whole() {
	local url
	url=$(as ann jitctl status --json | jq -r .broker.url)
	enrolment=former
	opens "$former_words" || enrolment=new
	[ $enrolment = former ] || opens "$new_words" || fail "no passphrase opens it"
	case $url in
	"$former_url") [ $enrolment = former ] || [ "$new_url" = "$former_url" ] ;;
	*) [ $enrolment = new ] ;;
	esac || fail "the passphrase of the $enrolment one, and the broker is $url"
	expect_status 0 as ann jitctl profiles
	nothing_torn ann
}

# killed_at CALL: whatever moments of it there are until the agent is enrolled.
killed_at() {
	local count=0 is_enrolled=
	until [ $is_enrolled ]; do
		count=$((count + 1))
		stop ann-agent KILL
		rm -r "$tree/ann"/{config,state}
		cp -a "$tree/kept"/{config,state} "$tree/ann/"
		run_doomed ann "$1" $count
		! enroll_to "$new_url" "$new_dir" || is_enrolled=yes
		stop ann-agent KILL
		run_again ann
		is_whole
		[ -z $is_enrolled ] || [ $enrolment = new ] || fail "what was answered came to nothing"
		came[$enrolment]=$((came[$enrolment] + 1))
	done
}

start_broker
former_url=$BROKER_URL
former_dir=$BROKER_DIR
init_broker "$tree/new-broker"
serve_broker "$tree/new-broker" new-broker
use_wrapped_workers
environment_of ann
run_again ann
BROKER_URL=$former_url BROKER_DIR=$former_dir passphrase=$former_words enroll ann passphrase
cp -a "$tree/ann" "$tree/kept"

declare -A came=([former]=0 [new]=0)
new_url=$BROKER_URL new_dir=$BROKER_DIR
killed_at fsync # of each new file, and of its directory behind the rename
# The same broker and user, so that agent.conf says the same before and behind.
new_url=$former_url new_dir=$former_dir
killed_at rename
if [ ${came[former]} -lt 5 ] || [ ${came[new]} -lt 6 ]; then
	fail "only ${came[*]} of the moments came"
fi
