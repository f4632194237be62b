# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Sourced by every end-to-end script: a private tree, real programs in it, and
# nothing left behind.  A script ends with 0 (passed), 77 after skip REASON, or
# anything else, and then the logs of what it started are shown.
#
#	root tree       the source tree; this script's own directory
#	JIT_BUILD       has bin/ and libexec/ of the flavour under test
#	JIT_SLOW        every deadline is that many times as long (sanitizers: 4)
#	MOTO_URL BROKER_URL BROKER_DIR   once they are started
set -eEuo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export JIT_BUILD=${JIT_BUILD:-$root/build}
JIT_SLOW=${JIT_SLOW:-1}
venv=$root/build/venv
tree=$(mktemp -d /tmp/jit-e2e.XXXXXX)
MOTO_URL= BROKER_URL= BROKER_DIR= FAKE_OUT= out= err=
declare -A pid_of=()

umask 077
# Whatever the caller's machine says about AWS, proxies or agents stays outside.
for name in $(compgen -e); do
	case $name in
	AWS_* | XDG_* | JIT_AGENT_SOCKET | DBUS_* | NOTIFY_SOCKET | LISTEN_* | *_proxy | *_PROXY)
		unset "$name" ;;
	esac
done
export PATH=$JIT_BUILD/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C.UTF-8 TZ=UTC PYTHONDONTWRITEBYTECODE=1
export ASAN_OPTIONS=${ASAN_OPTIONS:-abort_on_error=0:exitcode=99:detect_stack_use_after_return=0:verify_asan_link_order=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:exitcode=99}

fail() {
	echo "FAILED: $*" >&2
	exit 1
}

skip() {
	echo "$*"
	exit 77
}

# need PROGRAM PACKAGE...: skips where PROGRAM isn't installed.
need() {
	command -v "$1" >/dev/null || skip "$1 is not installed (Debian: ${*:2})"
}

# is_sanitized: the programs under test watch their own memory, and need more of it.
is_sanitized() {
	grep -q __asan_init "$JIT_BUILD/bin/jit-agent"
}

seconds() {
	echo $(($1 * JIT_SLOW))
}

# --- processes ------------------------------------------------------------

# start NAME COMMAND...: in the background, in a session of its own, its output
# in $tree/NAME.log; its pid is ${pid_of[NAME]}.  COMMAND is a program.
start() {
	local name=$1
	shift
	setsid "$@" >>"$tree/$name.log" 2>&1 </dev/null &
	pid_of[$name]=$!
}

# stop NAME [SIGNAL]: and waits until it is gone; its status is $stop_status.
stop() {
	local pid=${pid_of[$1]:-}
	stop_status=0
	[ -n "$pid" ] || return 0
	unset "pid_of[$1]"
	# A stopped process would never see the signal, so it goes on before: behind it,
	# SIGCONT would take back the SIGSTOP with which LeakSanitizer attaches at the end,
	# which then waits for ever.
	kill -CONT "$pid" 2>/dev/null || true
	kill -"${2:-TERM}" "$pid" 2>/dev/null || true
	# A stuck one gets KILL.
	timeout "$(seconds 15)" tail --pid="$pid" -s 0.05 -f /dev/null || echo "$1 did not stop" >>"$tree/stuck"
	kill -KILL -- "-$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || stop_status=$?
	# What faketime shares with what it runs, and leaves when it is killed.
	rm -f "/dev/shm/faketime_shm_$pid" "/dev/shm/sem.faketime_sem_$pid"
}

# finished NAME [SECONDS]: waits until it has ended by itself; its own status.
finished() {
	local pid=${pid_of[$1]} status=0
	timeout "$(seconds "${2:-20}")" tail --pid="$pid" -s 0.05 -f /dev/null || fail "$1 did not end"
	unset "pid_of[$1]"
	wait "$pid" || status=$?
	return $status
}

# ends_with STATUS NAME [SECONDS]: by itself.
ends_with() {
	local status=0
	finished "${@:2}" || status=$?
	equals $status "$1"
}

is_running() {
	[ -n "${pid_of[$1]:-}" ] && kill -0 "${pid_of[$1]}" 2>/dev/null
}

# wait_for_line FILE PATTERN [SECONDS]: prints the first line that matches (an
# extended regular expression); fails when there is none in time.
wait_for_line() {
	local follower r=0
	touch "$1"
	exec {lines}< <(exec timeout "$(seconds "${3:-20}")" tail -n +1 -s 0.05 -f "$1" 2>/dev/null)
	follower=$!
	grep -m1 -E -- "$2" <&$lines || r=1
	exec {lines}<&-
	kill "$follower" 2>/dev/null || true
	wait "$follower" 2>/dev/null || true
	[ $r = 0 ] || fail "no line like '$2' in $1"
}

# poll SECONDS COMMAND...: until it succeeds, for what can only be asked.
poll() {
	local deadline=$((SECONDS + $(seconds "$1")))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $deadline ] || fail "not in time: $*"
		sleep 0.02
	done
}

on_exit() {
	local status=$1 name log
	trap - EXIT ERR
	set +eE
	for name in "${!pid_of[@]}"; do
		# Two ranks: agents and brokers before the servers that they use.
		case $name in moto | radosgw) continue ;; esac
		stop "$name"
		case $stop_status in
		0 | 137 | 143) ;;
		*) echo "$name left with status $stop_status" >>"$tree/stuck" ;;
		esac
	done
	for name in "${!pid_of[@]}"; do stop "$name"; done
	if [ "$status" = 0 ]; then
		if grep -lE 'Sanitizer:|runtime error:' "$tree"/*.log >&2 2>/dev/null; then status=1; fi
		if [ -s "$tree/stuck" ]; then cat "$tree/stuck" >&2; status=1; fi
	fi
	if [ "$status" != 0 ] && [ "$status" != 77 ]; then
		[ -z "$out" ] || printf -- '--- last stdout\n%s\n' "${out:0:2000}" >&2
		[ -z "$err" ] || printf -- '--- last stderr\n%s\n' "${err:0:2000}" >&2
		for log in "$tree"/*.log; do
			[ -s "$log" ] && printf -- '--- %s\n' "${log##*/}" >&2 && tail -n 40 "$log" >&2
		done
	fi
	if [ -n "${JIT_KEEP:-}" ]; then echo "kept: $tree" >&2; else rm -rf "$tree"; fi
	exit "$status"
}
trap 'on_exit $?' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
trap 'echo "FAILED: ${BASH_SOURCE[0]##*/}:$LINENO: $BASH_COMMAND" >&2' ERR

# --- what a command did ---------------------------------------------------

# expect_status N COMMAND...: its stdout and stderr are then in $out and $err.
expect_status() {
	local expected=$1 status=0
	shift
	"$@" >"$tree/.out" 2>"$tree/.err" </dev/null || status=$?
	out=$(tr -d '\0' <"$tree/.out") err=$(tr -d '\0' <"$tree/.err")
	[ $status = "$expected" ] || fail "status $status, not $expected: $*"
}

# contains TEXT PART: PART is plain text.
contains() {
	case $1 in
	*"$2"*) ;;
	*) fail "'$2' is not in: $1" ;;
	esac
}

lacks() {
	case $1 in
	*"$2"*) fail "'$2' is in: $1" ;;
	esac
}

equals() {
	[ "$1" = "$2" ] || fail "'$1' is not '$2'"
}

# --- people ---------------------------------------------------------------

# environment_of NAME: everything that person's programs see, in the array
# environment.  The directories are made on first use.
environment_of() {
	local home=$tree/$1
	mkdir -p "$home"/{run,config,state,cache,tmp}
	environment=(HOME="$home" USER="$1" LOGNAME="$1" PATH="$PATH" LC_ALL=C.UTF-8 TZ=UTC
		TMPDIR="$home/tmp" XDG_RUNTIME_DIR="$home/run" XDG_CONFIG_HOME="$home/config"
		XDG_STATE_HOME="$home/state" XDG_CACHE_HOME="$home/cache"
		ASAN_OPTIONS="$ASAN_OPTIONS" UBSAN_OPTIONS="$UBSAN_OPTIONS")
}

# as NAME COMMAND...: in that person's environment and no other.
as() {
	local environment
	environment_of "$1"
	shift
	env -i "${environment[@]}" "$@"
}

# start_as NAME PROCESS COMMAND...
start_as() {
	local environment
	environment_of "$1"
	start "$2" env -i "${environment[@]}" "${@:3}"
}

# agent_set NAME KEY VALUE: a line of that person's agent.conf.
agent_set() {
	local file=$tree/$1/config/jit-agent/agent.conf
	mkdir -p "${file%/*}"
	set_line "$file" "$2" "$3"
}

# start_agent NAME: process NAME-agent; speaks to moto's STS if moto is there.
start_agent() {
	environment_of "$1"
	[ -z "$MOTO_URL" ] || agent_set "$1" sts_url "$MOTO_URL"
	run_agent "$1"
}

# run_agent NAME: the same without touching the configuration, also again.
run_agent() {
	: >"$tree/$1-agent.log"
	start_as "$1" "$1-agent" "$JIT_BUILD/bin/jit-agent"
	wait_for_line "$tree/$1-agent.log" '^ready' >/dev/null
}

# invite NAME: prints the code.
invite() {
	jit-broker invite "$BROKER_DIR" "$1" 2>/dev/null
}

# enroll NAME [KEYSTORE [OPTION...]]: memory unless said otherwise; a passphrase
# is $passphrase.
enroll() {
	local code
	code=$(invite "$1")
	as "$1" jitctl enroll --broker "$BROKER_URL" --code "$code" --keystore "${2:-memory}" "${@:3}" \
		<<<"${passphrase:-}" >"$tree/.enroll" 2>&1 || fail "enroll $1: $(cat "$tree/.enroll")"
}

# --- the broker -----------------------------------------------------------

# set_line FILE KEY VALUE: replaces or adds "KEY = VALUE".
set_line() {
	touch "$1"
	sed -i -E "/^[[:space:]]*$2[[:space:]]*=/d" "$1"
	printf '%s = %s\n' "$2" "$3" >>"$1"
}

# init_broker [DIR]: a directory with $root/tests/e2e/profiles.yaml in it.
init_broker() {
	BROKER_DIR=${1:-$tree/broker}
	jit-broker init "$BROKER_DIR" >"$tree/init.log" 2>&1 || fail "jit-broker init"
	cp "$root/tests/e2e/profiles.yaml" "$BROKER_DIR/profiles.yaml"
	set_line "$BROKER_DIR/broker.conf" listen 127.0.0.1:0
	[ -z "$MOTO_URL" ] || set_line "$BROKER_DIR/broker.conf" sts_url "$MOTO_URL"
	[ -z "$MOTO_URL" ] || set_line "$BROKER_DIR/broker.conf" iam_url "$MOTO_URL"
	# What stands for AWS here refuses nothing in AWS's words; iam-proof.sh has one that does.
	set_line "$BROKER_DIR/broker.conf" probe off
}

# serve_broker [DIR [PROCESS]]: also again after stop broker, at the same port.
serve_broker() {
	local dir=${1:-$BROKER_DIR} process=${2:-broker}
	: >"$tree/$process.log"
	start "$process" env AWS_ACCESS_KEY_ID=broker AWS_SECRET_ACCESS_KEY=broker \
		"$JIT_BUILD/bin/jit-broker" serve "$dir"
	BROKER_URL=$(wait_for_line "$tree/$process.log" '^listening on ')
	BROKER_URL=${BROKER_URL#listening on }
	set_line "$dir/broker.conf" listen "$(sed -E 's,^https?://([^/]*).*,\1,' <<<"$BROKER_URL")"
}

start_broker() {
	init_broker "$@"
	serve_broker
}

# --- servers that stand for AWS -------------------------------------------

python() {
	[ -x "$venv/bin/python" ] || fail "no $venv; run: make venv"
	"$venv/bin/python" "$@"
}

# start_moto: STS, IAM and DynamoDB that check nothing; sets MOTO_URL.
start_moto() {
	[ -x "$venv/bin/moto_server" ] || fail "no $venv; run: make venv"
	start moto env PYTHONUNBUFFERED=1 "$venv/bin/moto_server" -H 127.0.0.1 -p 0
	MOTO_URL=$(wait_for_line "$tree/moto.log" 'Running on http' 60 | grep -oE 'http://[0-9.:]+')
}

# The real CLI, not whatever a version manager put in front of it.
aws_program=/usr/bin/aws
[ -x $aws_program ] || aws_program=$(command -v aws || true)

# aws_as NAME ARGUMENT...: that person's AWS CLI, talking to moto.
aws_as() {
	local name=$1
	shift
	[ -n "$aws_program" ] || skip "aws is not installed (Debian: awscli)"
	as "$name" env AWS_EC2_METADATA_DISABLED=true AWS_PAGER= AWS_DEFAULT_REGION=eu-west-1 \
		"$aws_program" --endpoint-url "$MOTO_URL" "$@"
}

# aws_admin ARGUMENT...: with keys of its own, to set up and to look.
aws_admin() {
	aws_as admin --region eu-west-1 "$@"
}
mkdir -p "$tree/admin/.aws"
printf '[default]\naws_access_key_id = admin\naws_secret_access_key = admin\n' \
	>"$tree/admin/.aws/credentials"

# moto_call SERVICE CURL-ARGUMENT...: what the CLI would send, in a tenth of its time.
moto_call() {
	curl -sS --fail -o /dev/null "$MOTO_URL/" -H "Authorization: AWS4-HMAC-SHA256 \
Credential=admin/20260101/eu-west-1/$1/aws4_request, SignedHeaders=host, Signature=0" "${@:2}"
}

# dynamodb_call OPERATION JSON
dynamodb_call() {
	moto_call dynamodb -H "X-Amz-Target: DynamoDB_20120810.$1" \
		-H 'Content-Type: application/x-amz-json-1.0' -d "$2"
}

# make_orders: the table, two customers' rows and the role of orders-support.
make_orders() {
	dynamodb_call CreateTable '{"TableName":"orders","BillingMode":"PAY_PER_REQUEST",
		"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],
		"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}]}'
	dynamodb_call PutItem '{"TableName":"orders","Item":{"pk":{"S":"acme"},"status":{"S":"shipped"}}}'
	dynamodb_call PutItem '{"TableName":"orders","Item":{"pk":{"S":"zeta"},"status":{"S":"new"}}}'
	moto_call iam -d Action=CreateRole -d Version=2010-05-08 -d RoleName=jit-orders-support \
		--data-urlencode 'AssumeRolePolicyDocument={"Version":"2012-10-17","Statement":[]}'
}

# --- the usual scene ------------------------------------------------------

# scene: moto with the table, the broker, ann and bob enrolled.
scene() {
	start_moto
	make_orders
	start_broker
	for name in "$@"; do
		start_agent "$name"
		enroll "$name"
	done
}

# session_for NAME APPROVER [PROFILE [ARGUMENT...]]: a live one; prints its id.
session_for() {
	local id
	id=$(as "$1" jitctl request "${3:-orders-support}" "${@:4}" --reason "a test" </dev/null)
	as "$2" jitctl approve "$id" >/dev/null </dev/null
	poll 20 is_state "$1" "$id" ready
	echo "$id"
}

# is_state NAME ID STATE: of a session or request, as jitctl status says.
is_state() {
	[ "$(as "$1" jitctl status --json </dev/null |
		jq -r --arg id "$2" '.requests[], .sessions[] | select(.id == $id) | .state')" = "$3" ]
}
