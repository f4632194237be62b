# SPDX-License-Identifier: MIT
"""A proxy in front of a server that stands for AWS: it writes down every call, and makes
the weather that a plan says.

    aws_weather.py UPSTREAM DIRECTORY [IDENTITY-UPSTREAM]

It prints its URL.  The third one, where there is one, answers GetCallerIdentity.  With
WITHOUT in the environment that action is taken out of trust policies, for a server that
does not know it, and what is changed is signed anew with the keys of AWS_ACCESS_KEY_ID.
DIRECTORY/calls gets a line for each call: its number, action, role and what became of it.
DIRECTORY/plan is a JSON list of rules, read again for each call; each call meets the first
rule that fits and is not used up:

    {"action": "CreateRole", a list of such, or "*", "how": HOW, "skip": 0, "times": 1,
     "role": "..."}

HOW is throttle, broken (a 503), lost-before and lost-after (no answer; not done, done),
refuse:CODE, hang (no answer at all), kill-before and kill-after (SIGKILL to the pid in
DIRECTORY/pid)."""
import json
import os
import signal
import sys
import threading
import urllib.parse

import aws_proxy

upstream, directory = sys.argv[1:3]
identity = sys.argv[3] if len(sys.argv) > 3 else upstream
lock = threading.Lock()
plan = {"text": None, "rules": []}
count = 0

# As it stands behind another one in a document in a form.
without = ("," + json.dumps(os.environ.get("WITHOUT", "-"))).encode()
without = urllib.parse.quote(without, safe="").encode()


def signed_anew(target, body):
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    request = AWSRequest("POST", target + "/", {
        "Content-Type": "application/x-www-form-urlencoded"}, body)
    SigV4Auth(Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]),
              "iam", "us-east-1").add_auth(request)
    return dict(request.headers)


def read_plan():
    try:
        with open(directory + "/plan") as file:
            text = file.read()
    except FileNotFoundError:
        text = "[]"
    if text != plan["text"]:
        plan["text"] = text
        plan["rules"] = [dict({"skip": 0, "times": 1}, **rule) for rule in json.loads(text)]
    return plan["rules"]


def how_for(action, role):
    for rule in read_plan():
        named = rule["action"] if isinstance(rule["action"], list) else [rule["action"]]
        if not {"*", action} & set(named) or rule.get("role", role) != role:
            continue
        if rule["skip"] > 0:
            rule["skip"] -= 1
            continue
        if rule["times"] > 0:
            rule["times"] -= 1
            return rule["how"]
    return "pass"


class Handler(aws_proxy.Proxy):
    def note(self, action, role, result):
        with open(directory + "/calls", "a") as file:
            file.write("%d %s %s %s\n" % (self.number, action, role, result))

    def forward_signed(self, action, body):
        target = identity if action == "GetCallerIdentity" else upstream
        headers = self.forwarded_headers()
        if without in body:
            body = body.replace(without, b"")
            headers = signed_anew(target, body)
        return self.forward(target, "/", body, headers)

    def kill(self):
        with open(directory + "/pid") as file:
            os.kill(int(file.read()), signal.SIGKILL)

    def do_POST(self):
        global count
        body = self.read_body()
        form = aws_proxy.parameters_of(body)
        action = form.get("Action", "-")
        role = form.get("RoleName") or form.get("RoleArn", "-").rsplit("/", 1)[-1]
        with lock:
            count += 1
            self.number = count
            how = how_for(action, role)
        if how == "throttle":
            self.note(action, role, how)
            return self.refuse(400, "Throttling", "Rate exceeded")
        if how == "broken":
            self.note(action, role, how)
            return self.answer(503, b"no")
        if how.startswith("refuse:"):
            self.note(action, role, how)
            return self.refuse(400, how[7:], "the weather is bad")
        if how == "hang":
            self.note(action, role, how)
            self.connection.recv(1)  # until the caller gives up
            return self.vanish()
        if how == "lost-before":
            self.note(action, role, how)
            return self.vanish()
        if how == "kill-before":
            self.note(action, role, how)
            self.kill()
            return self.vanish()
        status, answer, kind = self.forward_signed(action, body)
        self.note(action, role, how if how != "pass" else status)
        if how == "kill-after":
            self.kill()
        if how in ("kill-after", "lost-after"):
            return self.vanish()
        return self.answer(status, answer, kind)


aws_proxy.serve(Handler)
