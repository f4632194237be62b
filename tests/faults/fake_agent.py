#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An agent that answers one call in the way it is told, then leaves.

usage: fake_agent.py SOCKET ANSWER

Prints "ready", then the call as it came, as JSON.
"""
import json
import os
import signal
import socket
import sys

DOCUMENT = (b'{"Version":1,"AccessKeyId":"ASIAEXAMPLE","SecretAccessKey":"wJalrXUt",'
            b'"SessionToken":"IQoJb3JpZ2lu","Expiration":"2030-01-01T00:00:00Z",'
            b'"AccountId":"123456789012"}\n')
SUCCESS = b'{"parameters":{"id":"r-0123456789"}}\0'


def failure(name, text, following):
    reply = {"error": name, "parameters": {"text": text, "next": following}}
    return json.dumps(reply).encode() + b"\0"


ANSWERS = {
    "good": SUCCESS + DOCUMENT,
    "ended": failure("io.jitctl.Agent.NoSession", "orders-support: ended 3 s ago",
                     "jitctl request orders-support tenant=acme"),
    "pending": failure("io.jitctl.Agent.Pending", "orders-support waits for two of support",
                       "jitctl status"),
    "wordy": failure("io.jitctl.Agent.Denied", "no " * 160, "jitctl status"),
    "terminal": failure("io.jitctl.Agent.Denied", "no\x1b[2J\r\nError: all is well", ""),
    "unknown": failure("org.varlink.service.MethodNotFound", "", ""),
    "half a document": SUCCESS + DOCUMENT[:60],
    "no newline": SUCCESS + DOCUMENT[:-1],
    "two documents": SUCCESS + DOCUMENT + DOCUMENT,
    "no document": SUCCESS,
    "half a reply": SUCCESS[:20],
    "garbage": b"\xff\xfe\x00\x01garbage\n",
    "nothing": b"",
    "huge document": SUCCESS + b'{"' + b"x" * 1_000_000 + b'"}\n',
    "huge reply": b'{"parameters":{"id":"' + b"x" * 1_000_000 + b'"}}\0' + DOCUMENT,
    "silence": None,
    "silence after the reply": None,
    "trickle": None,
}


def trickle(peer):
    """A byte each 0.1 s, until the peer leaves: slow, but never silent."""
    peer.settimeout(0.1)
    for byte in SUCCESS + DOCUMENT:
        try:
            if peer.recv(1) == b"":
                return
        except TimeoutError:
            peer.sendall(bytes([byte]))


def answer(peer, kind):
    if kind == "trickle":
        trickle(peer)
    elif ANSWERS[kind] is None:
        if kind == "silence after the reply":
            peer.sendall(SUCCESS + DOCUMENT[:60])
        peer.recv(1)
    else:
        peer.sendall(ANSWERS[kind])


def main():
    path, kind = sys.argv[1:]
    signal.alarm(60)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)
        peer, _ = listener.accept()
        os.unlink(path)
    with peer:
        call = b""
        while not call.endswith(b"\0"):
            call += peer.recv(65536) or sys.exit("the call was cut short")
        print(json.dumps(json.loads(call[:-1]), sort_keys=True), flush=True)
        try:
            answer(peer, kind)
        except (BrokenPipeError, ConnectionResetError):
            pass


main()
