# SPDX-License-Identifier: MIT
"""python aws_judge.py UPSTREAM LAG: stands in front of moto and does what moto does not:
every DynamoDB call is judged by the policies of the role whose session signed it, as they
were LAG seconds ago, and refused in AWS's words; its signature is checked, too.  STS gives
no role that is not there.  It prints its URL.

GET /control: the calls that were judged, a list of {"tag", "session", "action", "policy",
"words"}.  GET /probes: what memory_scan.py takes, of all sessions whose name begins with
probe-, a list: their keys, and the signatures of their grants.  POST /control {"kill": PID}: kill -9 it in the next DescribeLimits.
"""
import base64
import datetime
import fnmatch
import hashlib
import hmac
import json
import os
import re
import signal
import sys
import threading
import time

import boto3

import aws_proxy

upstream, lag = sys.argv[1], float(sys.argv[2])
lock = threading.Lock()
policies = {}  # {role: [(since, {name: document})]}
sessions = {}  # {key id: {"role", "tag", "name", "policy", "secret"}}
judged, order, probes = [], {}, []
iam = boto3.client("iam", endpoint_url=upstream, region_name="eu-west-1",
                   aws_access_key_id="a", aws_secret_access_key="b")


def note_write(action, form):
    with lock:
        history = policies.setdefault(form["RoleName"], [(0.0, {})])
        after = dict(history[-1][1])
        if action == "PutRolePolicy":
            after[form["PolicyName"]] = json.loads(form["PolicyDocument"])
        else:
            after.pop(form["PolicyName"], None)
        history.append((time.monotonic(), after))


def documents_of(role):
    with lock:
        history = policies.get(role, [(0.0, {})])
        return [list(after.values()) for since, after in history
                if since <= time.monotonic() - lag or since == 0.0][-1]


def note_session(form, answer):
    payload = form["WebIdentityToken"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    field = lambda name: re.search("<%s>([^<]*)</%s>" % (name, name), answer.decode()).group(1)
    assert claims["exp"] > time.time(), claims
    with lock:
        sessions[field("AccessKeyId")] = {
            "role": form["RoleArn"].split("/")[-1], "name": form["RoleSessionName"],
            "tag": claims["https://aws.amazon.com/tags"]["principal_tags"]["jit_request"][0],
            "policy": json.loads(form["Policy"]), "secret": field("SecretAccessKey")}
        if form["RoleSessionName"].startswith("probe-"):
            signature = form["WebIdentityToken"].split(".")[2]
            probes.append({"SecretAccessKey": field("SecretAccessKey"),
                           "SessionToken": field("SessionToken")})
            probes.append({"SecretAccessKey": signature, "SessionToken": signature})


def as_list(value):
    return value if isinstance(value, list) else [value]


def applies(statement, action, tag):
    """Of the conditions only time and tag are known; an Allow's others are taken as met."""
    if not any(fnmatch.fnmatchcase(action, pattern) for pattern in as_list(statement["Action"])):
        return False
    for operator, tests in statement.get("Condition", {}).items():
        for key, values in tests.items():
            if (operator, key) == ("StringEquals", "aws:PrincipalTag/jit_request"):
                if tag not in as_list(values):
                    return False
            elif (operator, key) == ("DateGreaterThanEquals", "aws:CurrentTime"):
                now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
                if now < values:
                    return False
            elif statement["Effect"] == "Deny":
                return False
    return True


def verdict(session, action):
    """None where it may pass, else AWS's words."""
    kinds = (("identity-based policy", documents_of(session["role"])),
             ("session policy", [session["policy"]]))
    found = {kind: [statement["Effect"] for document in documents
                    for statement in document["Statement"]
                    if applies(statement, action, session["tag"])]
             for kind, documents in kinds}
    for kind, effects in found.items():
        if "Deny" in effects:
            return "with an explicit deny in %s %s" % ("an" if kind[0] == "i" else "a", kind)
    for kind, effects in found.items():
        if "Allow" not in effects:
            return "because no %s allows the %s action" % (kind, action)
    return None


def signature_of(handler, body, secret):
    authorization = handler.headers["Authorization"]
    scope = re.search("Credential=[^/]*/([^,]*)", authorization).group(1)
    names = re.search("SignedHeaders=([^,]*)", authorization).group(1)
    headers = "".join("%s:%s\n" % (name, " ".join(handler.headers[name].split()))
                      for name in names.split(";"))
    request = "\n".join([handler.command, "/", "", headers, names,
                         hashlib.sha256(body).hexdigest()])
    text = "\n".join(["AWS4-HMAC-SHA256", handler.headers["X-Amz-Date"], scope,
                      hashlib.sha256(request.encode()).hexdigest()])
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class Handler(aws_proxy.Proxy):
    def do_GET(self):
        with lock:
            found = probes if self.path == "/probes" else judged
            self.answer(200, json.dumps(found).encode(), "application/json")

    def hand_on(self, body):
        return self.forward(upstream, self.path, body, self.forwarded_headers())

    def deny(self, code, message):
        self.answer(400, json.dumps({"__type": "com.amazon.coral.service#" + code,
                                     "Message": message}).encode(), "application/x-amz-json-1.0")

    def judge(self, body, session):
        action = "dynamodb:" + self.headers["X-Amz-Target"].split(".")[1]
        if signature_of(self, body, session["secret"]) not in self.headers["Authorization"]:
            return self.deny("InvalidSignatureException", "the signature does not match")
        words = verdict(session, action)
        with lock:
            pid = order.pop("kill", 0) if action == "dynamodb:DescribeLimits" else 0
            judged.append({"tag": session["tag"], "session": session["name"], "action": action,
                           "policy": session["policy"], "words": words})
        if pid:
            os.kill(pid, signal.SIGKILL)
            return self.vanish()
        if words:
            return self.deny("AccessDeniedException", "User: arn:aws:sts::123456789012:"
                             "assumed-role/%s/%s is not authorized to perform: %s %s"
                             % (session["role"], session["name"], action, words))
        return self.answer(*self.hand_on(body))

    def do_POST(self):
        body = self.read_body()
        if self.path == "/control":
            with lock:
                order.update(json.loads(body))
            return self.answer(200, b"")
        key = re.search("Credential=([^/]*)/", self.headers.get("Authorization", ""))
        with lock:
            session = sessions.get(key.group(1)) if key else None
        if session and "X-Amz-Target" in self.headers:
            return self.judge(body, session)
        form = aws_proxy.parameters_of(body) if "X-Amz-Target" not in self.headers else {}
        action = form.get("Action")
        if action == "AssumeRoleWithWebIdentity":
            try:
                iam.get_role(RoleName=form["RoleArn"].split("/")[-1])
            except iam.exceptions.NoSuchEntityException:
                return self.refuse(403, "AccessDenied",
                                   "Not authorized to perform sts:AssumeRoleWithWebIdentity")
        answer = self.hand_on(body)
        if answer[0] == 200 and action == "AssumeRoleWithWebIdentity":
            note_session(form, answer[1])
        if answer[0] == 200 and action in ("PutRolePolicy", "DeleteRolePolicy"):
            note_write(action, form)
        return self.answer(*answer)


aws_proxy.serve(Handler)
