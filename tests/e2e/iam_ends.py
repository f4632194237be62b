# SPDX-License-Identifier: MIT
"""What iam-ends.sh looks at: python iam_ends.py WHAT ARGUMENT..., with BROKER_URL, MOTO_URL,
PROXY_URL and STATE (a directory for keys) in the environment."""
import concurrent.futures
import http.client
import json
import os
import sys
import time
import urllib.request

import boto3

from broker_client import Device, ok, refused

ROLE, POLICY = "jit-orders-support", "jit-broker-ends"
url, state = os.environ["BROKER_URL"], os.environ["STATE"]
ann, bob = Device.load(url, state + "/ann.key"), Device.load(url, state + "/bob.key")
iam = boto3.client("iam", endpoint_url=os.environ["MOTO_URL"], region_name="eu-west-1",
                   aws_access_key_id="a", aws_secret_access_key="b")


def control(**order):
    request = urllib.request.Request(os.environ["PROXY_URL"] + "/control",
                                     json.dumps(order).encode())
    urllib.request.urlopen(request).read()


def calls():
    return json.load(urllib.request.urlopen(os.environ["PROXY_URL"] + "/control"))


def denied():
    """{request: date, or None where there is none} as the role in IAM says."""
    try:
        document = iam.get_role_policy(RoleName=ROLE, PolicyName=POLICY)["PolicyDocument"]
    except iam.exceptions.NoSuchEntityException:
        return {}
    found = {}
    for statement in document["Statement"]:
        assert statement["Effect"] == "Deny" and statement["Action"] == "*", statement
        requests = statement["Condition"]["StringEquals"]["aws:PrincipalTag/jit_request"]
        date = statement["Condition"].get("DateGreaterThanEquals", {}).get("aws:CurrentTime")
        for request in [requests] if isinstance(requests, str) else requests:
            assert request not in found, document
            found[request] = date
    return found


def session():
    request = ok(ann.ask())["request"]["id"]
    return request, ok(bob.decide(request))["request"]["session"]["ends_at"]


def until(what):
    """Waits for it, up to half a minute."""
    deadline = time.monotonic() + 30
    while not what():
        assert time.monotonic() < deadline, denied()
        time.sleep(0.02)


def enroll(ann_code, bob_code):
    ok(ann.enroll(ann_code)), ok(bob.enroll(bob_code))


def approve(request):
    ok(bob.decide(request))


def before():
    """The answer with the grant comes after the Deny; a renewal asks IAM nothing."""
    request, ends_at = session()
    assert request not in denied()
    ok(ann.grant(request))
    assert denied()[request] == ends_at, denied()
    count = len(calls())
    ok(ann.grant(request))
    assert len(calls()) == count, calls()


def together():
    """Many at once on one role are few calls."""
    requests = [session()[0] for _ in range(12)]
    count = len(calls())
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        for answer in pool.map(ann.grant, requests):
            ok(answer)
    assert set(requests) <= set(denied())
    assert len(calls()) - count <= 4, calls()[count:]


def revoked():
    request, _ = session()
    ok(ann.grant(request))
    ok(ann.end(request))
    until(lambda: denied()[request] is None)
    refused(ann.grant(request), 409, "no-session")


def weather():
    """Throttling and 5xx are ridden out within the call."""
    for trouble in "throttle", "broken", "down":
        control(do=trouble, times=2)
        request, _ = session()
        ok(ann.grant(request))
        assert request in denied()


def outage():
    old, new = session()[0], session()[0]
    ok(ann.grant(old))
    control(do="down", times=-1)
    began = time.monotonic()
    refused(ann.grant(new), 503, "unreachable", "no grant before AWS has the Deny")
    assert time.monotonic() - began < 25
    assert new not in denied()
    ok(ann.grant(old))
    control(do="forbid", times=-1)
    until(lambda: ann.grant(new)[0] == 502)
    refused(ann.grant(new), 502, "refused-by-aws", "AccessDenied")
    ok(ann.end(old))
    control(do="pass", times=0)
    until(lambda: ann.grant(new)[0] == 200)
    until(lambda: denied()[old] is None)
    assert denied()[new]


def die(trouble, pid, what):
    """Asks for what makes a call of IAM in which the broker is killed."""
    request, ends_at = session()
    if what == "end":
        ok(ann.grant(request))
    control(do=trouble, pid=int(pid), action="PutRolePolicy")
    try:
        if what == "grant":
            assert ann.grant(request)[0] != 200
        else:
            ok(ann.end(request))
    except (OSError, http.client.HTTPException):
        pass
    with open(state + "/sessions", "a") as file:
        print(request, what, ends_at, file=file)


def healed():
    """After the start: every session's Deny is there, and ended ones are denied now."""
    sessions = [line.split() for line in open(state + "/sessions")]
    for request, what, ends_at in sessions:
        if what == "grant":
            ok(ann.grant(request))
            assert denied()[request] == ends_at, denied()
        else:
            until(lambda: request in denied() and denied()[request] is None)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
