# SPDX-License-Identifier: MIT
"""Peers that misbehave, and one that does not: agent_peers.py SOCKET SESSION.

The agent has a session with credentials and 1,336 places for peers.
"""
import contextlib
import json
import os
import resource
import select
import socket
import sys

PATH, SESSION = sys.argv[1:]
SLOW = float(os.environ.get("JIT_SLOW", "1"))
AGENT = "io.jitctl.Agent."
FRAME_MAX = 64 * 1024
PATIENCE = 20  # seconds that the agent has for a peer that is stuck
IDLE, FLOOD = 1000, 2100


def call(method, parameters=None, **flags):
    message = {"method": AGENT + method, "parameters": parameters or {}, **flags}
    return json.dumps(message).encode() + b"\0"


STATUS = call("Status")
WATCH = call("Watch", more=True)
CREDENTIALS = call("GetCredentials", {"session": SESSION}, upgrade=True)


def connect(seconds=30):
    peer = socket.socket(socket.AF_UNIX)
    peer.settimeout(seconds * SLOW)
    peer.connect(PATH)
    return peer


def send(peer, data):
    """All of it, or as much as the agent takes before it closes."""
    try:
        peer.sendall(data)
    except (BrokenPipeError, ConnectionResetError):
        pass


def until_closed(peer):
    data = b""
    try:
        while chunk := peer.recv(65536):
            data += chunk
    except ConnectionResetError:  # what it sent last was not read
        pass
    return data


def replies(data):
    *messages, rest = data.split(b"\0")
    assert rest == b"", rest[:100]
    return [json.loads(message) for message in messages]


def one_reply(peer):
    data = b""
    while not data.endswith(b"\0"):
        chunk = peer.recv(65536)
        assert chunk, f"closed after {data[:100]}"
        data += chunk
    (reply,) = replies(data)
    return reply


def having_something(peers):
    """Those that could read something now, the end included."""
    poll = select.poll()
    by_number = {peer.fileno(): peer for peer in peers}
    for number in by_number:
        poll.register(number, select.POLLIN)
    return [by_number[number] for number, _ in poll.poll(0)]


def is_stuck(peer):
    """Connected, and nothing to be read but what it refuses to read."""
    return not having_something([peer]) or peer.recv(1, socket.MSG_PEEK) != b""


def padded(length):
    """A call of so many bytes, its NUL included."""
    return STATUS[:-2] + b" " * (length - len(STATUS)) + STATUS[-2:]


def badly_formed():
    """What is refused: it gets one error of that name and is closed."""
    nested = b'{"method":"' + AGENT.encode() + b'Status","parameters":{"x":'
    return [
        ("Limit", "never ends", b"x" * (2 * FRAME_MAX)),
        ("Limit", "one byte too long", padded(FRAME_MAX + 1)),
        ("Usage", "no JSON", b"garbage\0"),
        ("Usage", "nothing", b"\0"),
        ("Usage", "many NULs", b"\0" * 5000),
        ("Usage", "ill-formed UTF-8", b'{"method":"\xff\xfe"}\0'),
        ("Usage", "half of JSON", STATUS[:-3] + b"\0"),
        ("Usage", "two objects", STATUS[:-1] + STATUS),
        ("Usage", "an array", b"[" + STATUS[:-1] + b"]\0"),
        ("Usage", "a string", b'"Status"\0'),
        ("Usage", "duplicate keys", b'{"method":"a.B","method":"a.B"}\0'),
        ("Usage", "duplicate parameters", b'{"method":"a.B","parameters":{"x":1,"x":1}}\0'),
        ("Usage", "an unknown key", b'{"method":"a.B","colour":"red"}\0'),
        ("Usage", "no method", b'{"parameters":{}}\0'),
        ("Usage", "a method that is no string", b'{"method":7}\0'),
        ("Usage", "parameters that are no object", b'{"method":"a.B","parameters":[]}\0'),
        ("Usage", "a flag that is no boolean", b'{"method":"a.B","more":1}\0'),
        ("Usage", "a NUL in a string", b'{"method":"a\\u0000b"}\0'),
        ("Usage", "deep arrays", nested + b"[" * 30000 + b"]" * 30000 + b"}}\0"),
        ("Usage", "deep objects", nested + b'{"x":' * 9000 + b"1" + b"}" * 9000 + b"}}\0"),
        ("Usage", "a number past all bounds", nested + b"9" * 400 + b"}}\0"),
    ]


def badly_formed_calls_get_an_error_and_the_end():
    for name, what, data in badly_formed():
        with connect() as peer:
            send(peer, data + STATUS)
            (reply,) = replies(until_closed(peer))
            assert reply["error"] == AGENT + name, (what, reply)
            assert reply["parameters"]["text"], (what, reply)


def well_formed_calls_that_are_wrong_leave_the_connection():
    with connect() as peer:
        for data, name in (
                (call("Status", {"x": 1}), "InvalidParameter"),
                (call("End", {"id": ["r-7k2m9x4q1d"]}), "InvalidParameter"),
                (call("Status", more=True), None),
                (padded(FRAME_MAX), None)):
            peer.sendall(data)
            reply = one_reply(peer)
            assert reply.get("error") == (name and "org.varlink.service." + name), reply
        break_nothing(peer)


def break_nothing(peer):
    peer.sendall(STATUS)
    assert one_reply(peer)["parameters"]["agent"]["pid"]


def calls_may_come_in_any_pieces():
    with connect() as peer:
        for byte in STATUS * 2:
            peer.sendall(bytes([byte]))
        peer.shutdown(socket.SHUT_WR)
        assert len(replies(until_closed(peer))) == 2
    with connect() as peer:
        for byte in CREDENTIALS:
            peer.sendall(bytes([byte]))
        is_document(until_closed(peer))
    with connect() as peer:
        peer.sendall(STATUS * 100)
        peer.shutdown(socket.SHUT_WR)
        answers = replies(until_closed(peer))
        assert len(answers) == 100 and not any("error" in one for one in answers)


def is_document(data):
    reply, document = data.split(b"\0", 1)
    assert json.loads(reply)["parameters"]["id"] == SESSION, reply
    assert document.endswith(b"}\n") and json.loads(document)["Version"] == 1


def an_upgraded_call_is_the_last_one():
    with connect() as peer:
        send(peer, STATUS + CREDENTIALS * 50 + STATUS)
        status, rest = until_closed(peer).split(b"\0", 1)
        assert "parameters" in json.loads(status)
        is_document(rest)


def everybody_else_is_answered():
    with connect(10) as peer:
        break_nothing(peer)
        peer.sendall(CREDENTIALS)
        is_document(until_closed(peer))


def fill(peer, data):
    """Sends it again and again, and reads nothing, until the agent takes no more."""
    peer.setblocking(False)
    try:
        while True:
            peer.send(data)
    except BlockingIOError:
        pass
    finally:
        peer.settimeout(60 * SLOW)


def stuck_peers():
    half = connect(60)
    half.sendall(STATUS[:-1])
    half_read = connect(60)  # an answer, then half a call
    half_read.sendall(STATUS + STATUS[:30])
    deaf = connect(60)
    fill(deaf, STATUS)
    deaf_to_a_list = connect(60)
    deaf_to_a_list.sendall(WATCH)
    with contextlib.suppress(BrokenPipeError):  # the agent has had enough of it
        fill(deaf_to_a_list, b"x" * 1000)
    return {"half a call": half, "half a second call": half_read, "deaf": deaf,
            "deaf watcher": deaf_to_a_list}


def nobody_waits_for_those_who_are_stuck():
    idle = [connect() for _ in range(IDLE)]
    watcher = connect()
    watcher.sendall(WATCH)
    assert json.loads(watcher.recv(65536).split(b"\0")[0])["continues"]
    stuck = stuck_peers()
    # It said too much while it was told of changes: gone already.
    assert b"continues" in until_closed(stuck.pop("deaf watcher"))
    for _ in range(20):
        everybody_else_is_answered()
    assert all(is_stuck(peer) for peer in stuck.values())
    assert not having_something(idle)
    ends = {what: until_closed(peer) for what, peer in stuck.items()}
    for what, skipped in (("half a call", 0), ("half a second call", 1)):
        error = replies(ends[what])[skipped]
        assert error["error"] == AGENT + "Limit", error
        assert f"within {PATIENCE} s" in error["parameters"]["text"], error
    assert ends["deaf"].startswith(b'{"parameters":'), ends["deaf"][:100]
    for peer in idle[::100] + [idle[-1]]:
        break_nothing(peer)
    assert not having_something([watcher]), "a watcher may be idle"
    for peer in idle + [watcher]:
        peer.close()


def a_flood_takes_nobodys_place():
    flood = []
    for number in range(FLOOD):
        peer = connect()
        if number >= 700:  # idle ones leave first, then those that are stuck
            peer.sendall(STATUS[:10])
        flood.append(peer)
        if number % 100 == 99:
            everybody_else_is_answered()
    closed = having_something(flood)
    assert len(closed) >= FLOOD - 1336, len(closed)
    for peer in flood:
        peer.close()
    everybody_else_is_answered()


resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
badly_formed_calls_get_an_error_and_the_end()
well_formed_calls_that_are_wrong_leave_the_connection()
calls_may_come_in_any_pieces()
an_upgraded_call_is_the_last_one()
a_flood_takes_nobodys_place()
nobody_waits_for_those_who_are_stuck()
