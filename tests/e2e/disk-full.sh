#!/bin/bash
# SPDX-License-Identifier: MIT
# A small disk that is full: each change is refused with words and its file is what it was;
# reading goes on; with room again so does everything.  In a mount namespace of its own.
if [ -z "${JIT_OWN_MOUNTS:-}" ] && JIT_OWN_MOUNTS=1 unshare -m true 2>/dev/null; then
	exec env JIT_OWN_MOUNTS=1 unshare -m bash "$0"
fi
. "$(dirname "$0")/lib.sh"
[ -n "${JIT_OWN_MOUNTS:-}" ] || skip "no right to mount a small file system"

# Unmounted lazily: those who use them still are stopped after that.
trap 'status=$?; umount -l "$tree"/{broker,ann/config,ann/.aws} 2>/dev/null; on_exit $status' EXIT

# small DIR: a file system of 1 MiB there; fill and make_room are about its free space.
small() {
	mkdir -p "$1"
	mount -t tmpfs -o size=1m,mode=700 tmpfs "$1" || skip "no right to mount a small file system"
}
fill() {
	dd if=/dev/zero of="$1/.fill" bs=4096 2>/dev/null || true
	[ "$(($(df --output=avail "$1" | tail -n 1)))" = 0 ] || fail "$1 is not full"
}
make_room() {
	rm "$1/.fill"
}
no_temporary_files() {
	equals "$(find "$1" -name '*.new' -o -name '.*' -type f ! -name .fill)" ""
}

# --- the broker
BROKER_DIR=$tree/broker
small "$BROKER_DIR"
init_broker "$BROKER_DIR"
serve_broker
cat >"$tree/run.py" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
from broker_client import *
url, state, step, *codes = sys.argv[2:]
ann, bob = Device.load(url, state + "/ann.key"), Device.load(url, state + "/bob.key")
if step == "enroll":
    ok(ann.enroll(codes[0])), ok(bob.enroll(codes[1]))
    print(ok(ann.ask())["request"]["id"])
elif step == "full":
    request = codes[0]
    # Little fits still, into pages that are there; in the end nothing does.
    for _ in range(200):
        status, body = ann.ask(reason="x" * 500)
        if status != 200:
            break
    message = refused((status, body), 500, "internal")
    assert "full" in message, message
    status, body = bob.decide(request)
    if status != 200:
        refused((status, body), 500, "internal")
        assert ok(ann.request(request))["request"]["state"] == "pending"
    assert ok(ann.call("GET", "/v1/profiles"))["profiles"]
else:
    request = codes[0]
    assert ok(bob.decide(request))["request"]["state"] == "approved"
    assert ok(ann.grant(request))["grant"]
    ok(ann.ask())
END
run() { python "$tree/run.py" "$root/tests/e2e" "$BROKER_URL" "$tree" "$@"; }
id=$(run enroll "$(invite ann)" "$(invite bob)")
keys=$(sha256sum "$BROKER_DIR/signing-keys.json" "$BROKER_DIR/broker.conf" "$BROKER_DIR/profiles.yaml")
fill "$BROKER_DIR"
run full "$id"
for command in "rotate-key $BROKER_DIR" "invite $BROKER_DIR ann" "init $BROKER_DIR/another"; do
	# shellcheck disable=SC2086
	expect_status 1 jit-broker $command
	equals "$out" ""
	equals "$(wc -l <"$tree/.err")" 1
	[[ $err =~ full|"No space left on device" ]] || fail "$err"
done
expect_status 0 jit-broker audit "$BROKER_DIR"
equals "$(sha256sum "$BROKER_DIR/signing-keys.json" "$BROKER_DIR/broker.conf" "$BROKER_DIR/profiles.yaml")" "$keys"
no_temporary_files "$BROKER_DIR"
make_room "$BROKER_DIR"
run again "$id"
equals "$(python -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("PRAGMA integrity_check").fetchone()[0])' "$BROKER_DIR/broker.db")" ok
expect_status 0 jit-broker rotate-key "$BROKER_DIR"

# --- the agent's configuration, and what jitctl writes
environment_of ann
small "$tree/ann/config"
small "$tree/ann/.aws"
mkdir -p "$tree/ann/config/jit-agent"
echo '# my own' >"$tree/ann/config/jit-agent/agent.conf"
printf '[default]\nregion = eu-west-1\n' >"$tree/ann/.aws/config"
run_agent ann
fill "$tree/ann/config"
fill "$tree/ann/.aws"
expect_status 1 as ann jitctl enroll --broker "$BROKER_URL" --code "$(invite ann)" --keystore memory
equals "$out" ""
contains "$err" "No space left on device"
equals "$(cat "$tree/ann/config/jit-agent/agent.conf")" '# my own'
expect_status 1 as ann jitctl configure orders-support
equals "$out" ""
contains "$err" "No space left on device"
equals "$(cat "$tree/ann/.aws/config")" '[default]
region = eu-west-1'
no_temporary_files "$tree/ann/config"
no_temporary_files "$tree/ann/.aws"
make_room "$tree/ann/config"
make_room "$tree/ann/.aws"
enroll ann
expect_status 0 as ann jitctl configure orders-support
