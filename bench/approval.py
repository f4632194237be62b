# SPDX-License-Identifier: MIT
"""approval.py ASKER-SOCKET APPROVER-SOCKET PROFILE NAME=VALUE COUNT

From the approver's Decide to the asker's credentials being ready, over both
agents, the broker and STS.  Prints the median and the worst in milliseconds.
"""
import json
import socket
import statistics
import sys
import time


class Agent:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(path)
        self.rest = b""

    def send(self, method, parameters, **flags):
        call = {"method": "io.jitctl.Agent." + method, "parameters": parameters, **flags}
        self.socket.sendall(json.dumps(call).encode() + b"\0")

    def receive(self):
        while b"\0" not in self.rest:
            got = self.socket.recv(65536)
            if not got:
                sys.exit("approval.py: the agent hung up")
            self.rest += got
        message, self.rest = self.rest.split(b"\0", 1)
        reply = json.loads(message)
        if "error" in reply:
            sys.exit(f"approval.py: {reply}")
        return reply["parameters"]

    def call(self, method, parameters):
        self.send(method, parameters)
        return self.receive()


def main():
    asker_path, approver_path, profile, parameter, count = sys.argv[1:]
    name, value = parameter.split("=")
    asker, watcher, approver = Agent(asker_path), Agent(asker_path), Agent(approver_path)
    watcher.send("Watch", {}, more=True)
    took = []
    for _ in range(int(count)):
        asked = asker.call("Request", {"profile": profile, "reason": "bench",
                                       "parameters": {name: value}})
        wanted = asked["request"]["id"]
        start = time.monotonic()
        approver.send("Decide", {"id": wanted, "verdict": "approve"})
        while True:
            session = watcher.receive().get("session") or {}
            if session.get("id") == wanted and session.get("state") == "ready":
                break
        took.append((time.monotonic() - start) * 1e3)
        approver.receive()
        asker.call("End", {"id": wanted})
    print(f"{statistics.median(took):.1f} {max(took):.1f}")


main()
