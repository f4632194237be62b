#!/bin/bash
# SPDX-License-Identifier: MIT
# What can't be asked for is refused when asked and leaves nothing behind; what can't be
# decided has no second effect; both are in the audit.
. "$(dirname "$0")/lib.sh"
need faketime faketime
init_broker
cat >>"$BROKER_DIR/profiles.yaml" <<'END'

  dba-only:
    summary: Asked for by those alone who would approve it
    account: production
    role: jit-dba-only
    who: [dba]
    longest: 1h
    approval: a-dba
    access:
      - dynamodb: { table: orders, actions: read }
END
serve_broker
cat >"$tree/lib.py" <<'END'
import sqlite3
import sys
sys.path.insert(0, sys.argv[1])
from broker_client import *
url, state, directory, codes = sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:]
people = {name: Device.load(url, "%s/%s.key" % (state, name))
          for name in ("ann", "bob", "carl", "dora", "eve")}
for name, code in zip(people, codes):
    assert ok(people[name].enroll(code))["user"] == name
def rows(table):
    with sqlite3.connect("file:%s/broker.db?mode=ro" % directory, uri=True) as database:
        return database.execute("SELECT count(*) FROM " + table).fetchone()[0]
def audited(request, event):
    with sqlite3.connect("file:%s/broker.db?mode=ro" % directory, uri=True) as database:
        return database.execute("SELECT count(*) FROM audit WHERE request = ? AND event = ?",
                                (request, event)).fetchone()[0]
END
cat "$tree/lib.py" - >"$tree/ask.py" <<'END'
ann, bob, dora, eve = (people[name] for name in ("ann", "bob", "dora", "eve"))
for answer in (
        (lambda: ann.ask("nonsense"), 404, "not-found", "there is no profile nonsense"),
        (lambda: ann.ask(parameters={}), 400, "usage", "needs the parameter tenant"),
        (lambda: ann.ask(parameters={"tenant": "acme", "more": "x"}), 400, "usage", "no parameter 'more'"),
        (lambda: ann.ask(parameters={"tenant": "ACME"}), 400, "usage", "does not match its pattern"),
        (lambda: ann.ask(parameters={"tenant": "acme\nx"}), 400, "usage", ""),
        (lambda: ann.ask(parameters={"tenant": "*"}), 400, "usage", ""),
        (lambda: ann.ask(parameters={"tenant": 7}), 400, "usage", ""),
        (lambda: ann.ask(parameters=["acme"]), 400, "usage", ""),
        (lambda: ann.ask(duration_seconds=7201), 429, "limit", "at most 2h"),
        (lambda: ann.ask(duration_seconds=30), 429, "limit", "at least 31s"),
        (lambda: ann.ask(duration_seconds=0), 400, "usage", ""),
        (lambda: ann.ask(duration_seconds=-5), 400, "usage", ""),
        (lambda: ann.ask(reason=""), 400, "usage", "needs a reason"),
        (lambda: ann.ask(reason=" \t"), 400, "usage", "needs a reason"),
        (lambda: ann.ask(reason="x" * 501), 429, "limit", "longer than 500"),
        (lambda: eve.ask(), 403, "forbidden", "eve may not ask for orders-support"),
        (lambda: dora.ask("dba-only", parameters={}), 403, "forbidden", "it needs"),
        (lambda: ann.ask(surprise=1), 400, "usage", "no member surprise")):
    call, status, kind, words = answer
    before = rows("requests")
    message = refused(call(), status, kind, words)
    assert rows("requests") == before, message
assert rows("requests") == 0
# The same key again is the same request, and never another one.
first = ok(ann.ask(key="0" * 32))["request"]
assert ok(ann.ask(key="0" * 32))["request"]["id"] == first["id"] and rows("requests") == 1
refused(ann.ask(key="0" * 32, reason="another"), 400, "usage", "another request")
END
cat "$tree/lib.py" - >"$tree/decide.py" <<'END'
ann, bob, carl, dora, eve = people.values()
def pending():
    return ok(ann.ask())["request"]["id"]
def state(request):
    return ok(ann.request(request))["request"]["state"]
# One's own; outside the group, who may not even see it; what is not there.
request = pending()
answer = ann.decide(request)
forbidden(answer, "of their own")
assert answer[1]["error"]["next"] == "jitctl pending", answer
for stranger in (dora, eve):
    assert stranger.decide(request)[0] in (403, 404)
refused(bob.decide("r-0000000000"), 404, "not-found")
assert state(request) == "pending" and rows("decisions") == 0
# Twice is once; another verdict is refused; so is somebody else's afterwards.
decided = ok(bob.decide(request))["request"]
again = ok(bob.decide(request))["request"]
assert again == decided and decided["state"] == "approved"
forbidden(bob.decide(request, "deny"))
forbidden(carl.decide(request, "deny"))
forbidden(carl.decide(request))
assert ok(ann.request(request))["request"] == decided
assert audited(request, "approved") == 1 and audited(request, "decided") == 1
# Denied, withdrawn, ended.
request = pending()
ok(bob.decide(request, "deny"))
forbidden(carl.decide(request))
assert state(request) == "denied" and audited(request, "approved") == 0
request = pending()
ok(ann.end(request))
forbidden(bob.decide(request))
assert state(request) == "withdrawn" and audited(request, "approved") == 0
request = pending()
ok(bob.decide(request)), ok(ann.end(request))
forbidden(carl.decide(request))
forbidden(bob.decide(request, "deny"))
refused(ann.grant(request), 409, "no-session")
assert state(request) == "ended"
# Somebody else's: not to end, not to have granted.
request = pending()
forbidden(bob.end(request), "not yours")
ok(bob.decide(request))
forbidden(bob.grant(request), "not your session")
# A grant in the place of a signature is no call at all.
grant = ok(ann.grant(request))["grant"]
unauthenticated(ann.send("GET", "/v1/profiles", headers={"Authorization": "Bearer " + grant}))
pending_for_a_day = pending()
open(state_file := "%s/pending" % sys.argv[3], "w").write(pending_for_a_day)
END
cat "$tree/lib.py" - >"$tree/later.py" <<'END'
# The broker's clock is 25 hours on.
later = int(time.time()) + 25 * 3600
request = open("%s/pending" % state).read()
def call(name, verb, body):
    return people[name].call("POST", "/v1/requests/%s/%s" % (request, verb), body, created=later)
forbidden(call("bob", "decision", {"verdict": "approve"}), "expired")
refused(call("ann", "grant", {}), 409, "no-session")
answer = ok(people["ann"].call("GET", "/v1/requests/" + request, created=later))["request"]
assert answer["state"] == "expired" and audited(request, "approved") == 0, answer
# What was made an hour ago by its own clock is no call.
unauthenticated(people["ann"].call("GET", "/v1/profiles", created=later - 3600))
END
run() { python "$tree/$1.py" "$root/tests/e2e" "$BROKER_URL" "$tree" "$BROKER_DIR" "${@:2}"; }
codes=()
for name in ann bob carl dora eve; do codes+=("$(invite $name)"); done
run ask "${codes[@]}"
run decide
stop broker
: >"$tree/broker.log"
start broker faketime -f +25h "$JIT_BUILD/bin/jit-broker" serve "$BROKER_DIR"
wait_for_line "$tree/broker.log" '^listening on ' >/dev/null
run later
