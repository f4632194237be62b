#!/bin/bash
# SPDX-License-Identifier: MIT
# Decisions in the same instant, over HTTP, round after round: two approvals make one session
# with one clock, and an approval against a denial or a withdrawal makes one of the two.
. "$(dirname "$0")/lib.sh"
start_broker
cat >"$tree/run.py" <<'END'
import sqlite3
import sys
import threading
sys.path.insert(0, sys.argv[1])
from broker_client import *
url, directory = sys.argv[2:4]
ann, bob, carl, dora = (Device(url) for _ in range(4))
for device, code in zip((ann, bob, carl, dora), sys.argv[4:]):
    ok(device.enroll(code))
ROUNDS = 25

def together(*calls):
    """Their answers; each is made when all are ready to."""
    answers, barrier = [None] * len(calls), threading.Barrier(len(calls))
    def make(index, call):
        barrier.wait()
        answers[index] = call()
    threads = [threading.Thread(target=make, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers

def events(request):
    with sqlite3.connect("file:%s/broker.db?mode=ro" % directory, uri=True) as database:
        return [row[0] for row in database.execute(
            "SELECT event FROM audit WHERE request = ? ORDER BY sequence", (request,))]

def settled(request, answers):
    """One outcome, which everybody who was answered has seen; its state."""
    final = ok(ann.request(request))["request"]
    for status, body in answers:
        assert status in (200, 403, 409), (status, body)
        if status == 200:
            seen = body["request"]
            assert seen["state"] in ("pending", final["state"], "approved"), (seen, final)
            if seen.get("session"):
                assert seen["session"]["approved_at"] == final["session"]["approved_at"], (seen, final)
    assert any(status == 200 for status, _ in answers), answers
    return final

both = set()
for _ in range(ROUNDS):
    # One peer is enough: the second is too late, or the same answer.
    request = ok(ann.ask())["request"]["id"]
    final = settled(request, together(lambda: bob.decide(request), lambda: carl.decide(request),
                                      lambda: bob.decide(request)))
    assert final["state"] == "approved" and events(request).count("approved") == 1, events(request)
    assert len(final["decisions"]) == 1 == events(request).count("decided"), final
    both.add(final["decisions"][0]["user"])
    # Two peers are needed: both count, whoever is first, and the second starts the clock.
    request = ok(ann.ask("tables-describe", parameters={}))["request"]["id"]
    answers = together(lambda: bob.decide(request), lambda: carl.decide(request))
    final = settled(request, answers)
    assert sorted(ok(answer)["request"]["state"] for answer in answers) == ["approved", "pending"], answers
    assert final["state"] == "approved" and events(request).count("approved") == 1
    assert sorted(final["session"]["approved_by"]) == ["bob", "carl"], final
    # A yes and a no.
    request = ok(ann.ask())["request"]["id"]
    final = settled(request, together(lambda: bob.decide(request), lambda: carl.decide(request, "deny")))
    assert final["state"] in ("approved", "denied"), final
    assert events(request).count("approved") + events(request).count("denied") == 1, events(request)
    # A yes and a withdrawal: withdrawn before it, or ended after it.
    request = ok(ann.ask())["request"]["id"]
    final = settled(request, together(lambda: bob.decide(request), lambda: ann.end(request)))
    assert final["state"] in ("withdrawn", "ended"), final
    assert events(request).count("approved") == (final["state"] == "ended"), events(request)
    refused(ann.grant(request), 409, "no-session")
print("first:", *both)
END
codes=()
for name in ann bob carl dora; do codes+=("$(invite $name)"); done
python "$tree/run.py" "$root/tests/e2e" "$BROKER_URL" "$BROKER_DIR" "${codes[@]}"

# Two people with two agents, in one instant, through their own jitctl.
start_moto
make_orders
for name in ann bob carl; do
	start_agent $name
	enroll $name
done
for round in 1 2 3 4 5; do
	id=$(as ann jitctl request orders-support tenant=acme --reason "round $round")
	start_as bob bob-says jitctl approve "$id"
	start_as carl carl-says jitctl approve "$id"
	yes=0
	for name in bob carl; do
		status=0
		finished $name-says || status=$?
		case $status in
		0) yes=$((yes + 1)) ;;
		11) ;;
		*) fail "$name left with $status" ;;
		esac
	done
	[ $yes -ge 1 ]
	poll 20 is_state ann "$id" ready
	equals "$(as ann jitctl status --json | jq --arg id "$id" '[.sessions[] | select(.id == $id)] | length')" 1
	equals "$(jit-broker audit "$BROKER_DIR" --json |
		jq -r --arg id "$id" 'select(.request == $id).event' | grep -c '^approved$')" 1
done
