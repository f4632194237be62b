# SPDX-License-Identifier: MIT
"""python iam_proxy.py UPSTREAM: stands in front of IAM and misbehaves as it is told.

POST /control with {"do": TROUBLE, "times": N, "pid": PID, "action": NAME} says what happens
to the next N calls (of that action); GET /control gives the names of all calls so far.
  pass    forward                        down     hang up
  throttle, broken   refuse, 400 or 500  forbid   refuse with AccessDenied
  kill-before, kill-after   kill -9 PID before or after forwarding, and hang up
"""
import http.client
import http.server
import json
import os
import signal
import sys
import threading
import urllib.parse

upstream = urllib.parse.urlsplit(sys.argv[1]).netloc
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


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        with lock:
            self.answer(200, json.dumps(calls).encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/control":
            with lock:
                order.update({"times": 1, "pid": 0, "action": ""}, **json.loads(body))
            return self.answer(200, b"")
        trouble = trouble_of(dict(urllib.parse.parse_qsl(body.decode())).get("Action", ""))
        if trouble in refusals:
            status, code = refusals[trouble]
            return self.answer(status, ("<ErrorResponse><Error><Code>%s</Code><Message>as told"
                                        "</Message></Error></ErrorResponse>" % code).encode())
        if trouble == "kill-before":
            os.kill(order["pid"], signal.SIGKILL)
        if trouble in ("down", "kill-before"):
            self.close_connection = True
            return None
        connection = http.client.HTTPConnection(upstream, timeout=30)
        connection.request("POST", self.path, body, dict(self.headers))
        response = connection.getresponse()
        text = response.read()
        connection.close()
        if trouble == "kill-after":
            os.kill(order["pid"], signal.SIGKILL)
            self.close_connection = True
            return None
        return self.answer(response.status, text)

    def log_message(self, *arguments):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print("proxy at http://127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
