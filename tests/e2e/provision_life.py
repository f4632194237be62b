# SPDX-License-Identifier: MIT
"""Lives of sessions with a role of their own: python provision_life.py WHAT ARGUMENT...,
with BROKER_URL, BROKER_DIR, MOTO_URL, WEATHER and STATE (directories) in the environment."""
import concurrent.futures
import http.client
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time

import boto3

from broker_client import Device, ok

url, directory = os.environ["BROKER_URL"], os.environ["BROKER_DIR"]
weather, state = os.environ["WEATHER"], os.environ["STATE"]
slow = int(os.environ.get("JIT_SLOW", "1"))
ann, bob = Device.load(url, state + "/ann.key"), Device.load(url, state + "/bob.key")
iam = boto3.client("iam", endpoint_url=os.environ["MOTO_URL"], region_name="eu-west-1",
                   aws_access_key_id="a", aws_secret_access_key="b")
AWAY = (OSError, http.client.HTTPException)


def plan(*rules):
    with open(weather + "/plan.new", "w") as file:
        json.dump(rules, file)
    os.rename(weather + "/plan.new", weather + "/plan")


def calls():
    try:
        with open(weather + "/calls") as file:
            return [line.split() for line in file]
    except FileNotFoundError:
        return []


def until(what, seconds=60):
    """Waits for it; what it was."""
    deadline = time.monotonic() + seconds * slow
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)


def again(call):
    """A call to a broker that may die in it; every one of ours may be made twice."""
    def once():
        try:
            return call()
        except AWAY:
            return None
    return until(once)


def roles():
    pages = iam.get_paginator("list_roles").paginate(PathPrefix="/jit/")
    return {role["RoleName"] for page in pages for role in page["Roles"]}


def rows():
    connection = sqlite3.connect("file:%s/broker.db?mode=ro" % directory, uri=True, timeout=30)
    try:
        return dict(connection.execute("SELECT request, step FROM provisions"))
    finally:
        connection.close()


def ask(**more):
    body = dict({"profile": "tables-scaling", "parameters": {}, "key": os.urandom(16).hex()}, **more)
    return again(lambda: ok(ann.ask(**body)))["request"]["id"]


def approve(request):
    return again(lambda: ok(bob.decide(request)))["request"]["session"]["ends_at"]


def granted(request):
    """Its grant; a broker that has to wait for AWS says so, and is asked again."""
    def once():
        status, answer = ann.grant(request)
        if status == 200:
            return answer
        assert status == 409 and answer["error"]["kind"] == "pending", (status, answer)
        assert "waiting for AWS to make the role jit-" + request in answer["error"]["message"]
        return None
    return until(lambda: again(lambda: (once(),))[0], 120)


def ended(request):
    assert again(lambda: ok(ann.end(request)))["request"]["state"] == "ended"


def is_whole(request, ends_at):
    """The role as IAM has it: there, closed from the session's end on."""
    document = iam.get_role_policy(RoleName="jit-" + request, PolicyName="jit-session")
    last = document["PolicyDocument"]["Statement"][-1]
    assert last["Effect"] == "Deny" and last["Action"] == "*" and last["Resource"] == "*"
    assert last["Condition"] == {"DateGreaterThanEquals": {"aws:CurrentTime": ends_at}}, last


def nothing_left(*requests):
    """IAM has none of them, and the store waits for no more than a call that was lost."""
    left = roles()
    known = rows()
    return (not any("jit-" + request in left for request in requests) and
            all(known.get(request, "confirm") == "confirm" for request in requests))


def live():
    """A whole life; its request and how long its role outlived the session."""
    request = ask()
    ends_at = approve(request)
    grant = granted(request)
    assert grant["role_arn"].endswith(":role/jit/jit-" + request), grant
    is_whole(request, ends_at)
    ended(request)
    since = time.monotonic()
    until(lambda: nothing_left(request))
    return request, time.monotonic() - since


# The calls of AWS in the life of a session's role.
LIFE = ["CreateRole", "PutRolePolicy", "AssumeRoleWithWebIdentity", "DeleteRolePolicy",
        "DeleteRole"]


class Broker:
    """The broker, started again whenever it is dead."""

    def __init__(self):
        self.deaths, self.is_over = 0, False
        self.start()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def start(self):
        self.process = subprocess.Popen(
            ["jit-broker", "serve", directory], stdout=subprocess.PIPE, stderr=sys.stderr,
            env=dict(os.environ, AWS_ACCESS_KEY_ID="broker", AWS_SECRET_ACCESS_KEY="broker"))
        with open(weather + "/pid.new", "w") as file:
            file.write(str(self.process.pid))
        os.rename(weather + "/pid.new", weather + "/pid")

    def watch(self):
        while True:
            self.process.wait()
            self.process.stdout.close()
            if self.is_over:
                return
            self.deaths += 1
            self.start()

    def stop(self):
        self.is_over = True
        self.process.terminate()
        self.thread.join()


def kill():
    """kill -9 before and after every call of a life, also of the life after a death."""
    broker = Broker()
    try:
        until(lambda: not [c for c in rows() if c])
        again(lambda: ann.events())
        live()
        points, longest = [], 0
        for when in "kill-before", "kill-after":
            for nth in range(100):
                deaths, before = broker.deaths, len(calls())
                # Of a life: a start's search for orphans may still be under way.
                plan({"action": LIFE, "how": when, "skip": nth})
                request, took = live()
                longest = max(longest, took)
                if broker.deaths == deaths:
                    assert nth >= 5, "a life has more calls than %d" % nth
                    break
                assert broker.deaths == deaths + 1
                points += [call[1] + " " + when for call in calls()[before:] if call[3] == when]
            # Dead again in the first call after each start, three times.
            deaths = broker.deaths
            plan(*[{"action": "*", "how": when, "skip": nth} for nth in (0, 1, 2)])
            live()
            assert broker.deaths == deaths + 3, broker.deaths - deaths
        # What is called at a start, and what a role that is there already is asked.
        for action in "GetCallerIdentity", "ListRoles", "ListRoleTags":
            for when in "kill-before", "kill-after":
                deaths = broker.deaths
                plan({"action": "CreateRole", "how": "kill-after"},
                     {"action": action, "how": when})
                live()
                assert broker.deaths == deaths + 2, (action, broker.deaths - deaths)
                points.append(action + " " + when)
        for action in LIFE:
            assert {action + " kill-before", action + " kill-after"} <= set(points), points
        plan()
        assert longest < 20 * slow, longest
        print("died at", len(points), "points:", ", ".join(sorted(set(points))))
    finally:
        broker.stop()


def bad_weather():
    """Throttled, out of order, and answers that are lost: it takes longer, no more."""
    for how, times in ("throttle", 6), ("broken", 6), ("lost-before", 1), ("lost-after", 1):
        for action in LIFE:
            before = len(calls())
            plan({"action": action, "how": how, "times": times})
            live()
            met = [call for call in calls()[before:] if call[3] == how]
            assert len(met) == times and {call[1] for call in met} == {action}, met
    plan()


def many(count):
    """Made and destroyed at once, each with as many calls as it needs and no more."""
    before = len(calls())
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        requests = list(pool.map(lambda _: ask(), range(count)))
        ends = list(pool.map(approve, requests))
        list(pool.map(granted, requests))
        list(pool.map(is_whole, requests, ends))
        made = [call[1] for call in calls()[before:]]
        assert {action: made.count(action) for action in set(made)} == {
            "CreateRole": count, "PutRolePolicy": count,
            "AssumeRoleWithWebIdentity": count}, made
        before = len(calls())
        list(pool.map(ended, requests))
    until(lambda: nothing_left(*requests))
    gone = [call[1] for call in calls()[before:]]
    assert {action: gone.count(action) for action in set(gone)} == {
        "DeleteRolePolicy": count, "DeleteRole": count}, gone
    assert not set(requests) & set(rows()), rows()


def seconds_pass(count):
    """The broker's own: it holds a poll that long."""
    since = ok(ann.events())["next"]
    ok(ann.events(since=since, wait=count))


def cost(count):
    """What is there costs no call; what ends costs two."""
    far = int(time.time()) + 3600
    connection = sqlite3.connect(directory + "/broker.db", timeout=30)
    letters = "0123456789abcdefghjkmnpqrstvwxyz"
    ids = ["r-00000000" + letters[i // 32] + letters[i % 32] for i in range(count)]
    with connection:
        connection.executemany(
            "INSERT INTO provisions (request, role, account_id, region, manager, path, "
            "boundary, policy, step, due_at, is_ours, is_orphan) VALUES (?, ?, '123456789012', "
            "'eu-west-1', '', '/jit/', '', '', 'ready', ?, 1, 0)",
            [(id, "jit-" + id, far) for id in ids])
    connection.close()
    request = ask()
    approve(request)
    granted(request)
    assert list(rows().values()).count("ready") == count + 1
    before = len(calls())
    seconds_pass(4)
    assert len(calls()) == before, calls()[before:]
    ended(request)
    until(lambda: nothing_left(request))
    assert [call[1] for call in calls()[before:]] == ["DeleteRolePolicy", "DeleteRole"]
    connection = sqlite3.connect(directory + "/broker.db", timeout=30)
    with connection:
        connection.execute("DELETE FROM provisions WHERE step = 'ready'")
    connection.close()


def orphan(issuer):
    """Some roles under the path that no session has; which are ours."""
    trust = '{"Version":"2012-10-17","Statement":[]}'
    allow = ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:*",'
             '"Resource":"*"}]}')
    for name, tags in (("jit-r-0000000001", {"jit_broker": issuer, "jit_request": "r-0000000001"}),
                       ("jit-r-0000000002", {"jit_broker": "http://other.example",
                                             "jit_request": "r-0000000002"}),
                       ("jit-r-0000000003", {}),
                       ("jit-r-0000000004", {"jit_broker": issuer, "jit_request": "r-0000000001"}),
                       ("jit-by-hand", {"jit_broker": issuer, "jit_request": "r-0000000001"})):
        iam.create_role(RoleName=name, Path="/jit/", AssumeRolePolicyDocument=trust,
                        Tags=[{"Key": key, "Value": value} for key, value in tags.items()])
        # One of them has more than the broker would have given it.
        for policy in ("jit-session", "added-by-hand"):
            iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=allow)


def two():
    """Two sessions of one person for one profile, and a grant of each."""
    requests = [ask(), ask()]
    for request in requests:
        approve(request)
    print(*[word for request in requests for word in (request, granted(request)["grant"])])


def begin():
    """A session, whose role is begun."""
    approve(ask())


def enroll(*codes):
    ok(ann.enroll(codes[0])), ok(bob.enroll(codes[1]))


what = {"enroll": enroll, "kill": kill, "weather": bad_weather, "orphan": orphan,
        "two": two, "begin": begin, "over": ended,
        "many": lambda count: many(int(count)), "cost": lambda count: cost(int(count))}
what[sys.argv[1]](*sys.argv[2:])
