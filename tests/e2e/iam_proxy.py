# SPDX-License-Identifier: MIT
"""python iam_proxy.py UPSTREAM: stands in front of IAM and misbehaves as it is told.
It prints its URL.

POST /control with {"do": TROUBLE, "times": N, "pid": PID, "action": NAME} says what happens
to the next N calls (of that action); GET /control gives the names of all calls so far.
  pass    forward                        down     hang up
  throttle, broken   refuse, 400 or 500  forbid   refuse with AccessDenied
  kill-before, kill-after   kill -9 PID before or after forwarding, and hang up
"""
import json
import os
import signal
import sys
import threading

import aws_proxy

upstream = sys.argv[1]
lock = threading.Lock()
calls = []
order = {"do": "pass", "times": 0, "pid": 0, "action": ""}
refusals = {"throttle": (400, "Throttling"), "broken": (500, "InternalFailure"),
            "forbid": (403, "AccessDenied")}


def trouble_of(action):
    """What to do to this call; counts it."""
    with lock:
        calls.append(action)
        if order["times"] == 0 or order["action"] not in ("", action):
            return "pass"
        order["times"] -= 1
        return order["do"]


class Handler(aws_proxy.Proxy):
    def do_GET(self):
        with lock:
            self.answer(200, json.dumps(calls).encode(), "application/json")

    def do_POST(self):
        body = self.read_body()
        if self.path == "/control":
            with lock:
                order.update({"times": 1, "pid": 0, "action": ""}, **json.loads(body))
            return self.answer(200, b"")
        trouble = trouble_of(aws_proxy.parameters_of(body).get("Action", ""))
        if trouble in refusals:
            return self.refuse(*refusals[trouble], "as told")
        if trouble == "kill-before":
            os.kill(order["pid"], signal.SIGKILL)
        if trouble in ("down", "kill-before"):
            return self.vanish()
        answer = self.forward(upstream, self.path, body, self.forwarded_headers())
        if trouble == "kill-after":
            os.kill(order["pid"], signal.SIGKILL)
            return self.vanish()
        return self.answer(*answer)


aws_proxy.serve(Handler)
