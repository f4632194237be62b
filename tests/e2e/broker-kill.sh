#!/bin/bash
# SPDX-License-Identifier: MIT
# kill -9 again and again while people work: what was answered is there after every
# start, and the store is whole.
. "$(dirname "$0")/lib.sh"
start_broker
cat >"$tree/run.py" <<'END'
import os
import sys
sys.path.insert(0, sys.argv[1])
from broker_client import *
url, state, mode = sys.argv[2:5]
ann, bob = Device.load(url, state + "/ann.key"), Device.load(url, state + "/bob.key")
path = state + "/answered"
if mode == "enroll":
    ok(ann.enroll(sys.argv[5])), ok(bob.enroll(sys.argv[6]))
elif mode == "work":
    with open(path, "a") as answered:
        while True:
            try:
                request = ok(ann.ask())["request"]["id"]
                assert ok(bob.decide(request))["request"]["state"] == "approved"
            except (OSError, http.client.HTTPException):
                sys.exit(0)  # the broker was killed
            answered.write(request + "\n")
            answered.flush()
            print("worked", flush=True)
else:
    known = open(path).read().split()
    for request in known:
        assert ok(ann.request(request))["request"]["state"] == "approved", request
    print(len(known))
END
run() { python "$tree/run.py" "$root/tests/e2e" "$BROKER_URL" "$tree" "$@"; }
run enroll "$(invite ann)" "$(invite bob)"
for round in 1 2 3 4 5; do
	start work$round "$venv/bin/python" "$tree/run.py" "$root/tests/e2e" "$BROKER_URL" "$tree" work
	wait_for_line "$tree/work$round.log" '^worked' >/dev/null
	stop broker KILL
	timeout "$(seconds 20)" tail --pid="${pid_of[work$round]}" -f /dev/null
	lacks "$(cat "$tree/work$round.log")" Traceback
	serve_broker
	[ "$(run check)" -ge $round ]
	equals "$(python -c 'import sqlite3, sys
print(sqlite3.connect(sys.argv[1]).execute("PRAGMA integrity_check").fetchone()[0])' "$BROKER_DIR/broker.db")" ok
done
