# SPDX-License-Identifier: MIT
"""An agent that says what it is told to.

fake_agent.py SOCKET SCRIPT LOG: SCRIPT is a JSON object, read anew for each
call: {METHOD: [REPLY, ...]}.  A reply is sent as it stands; instead of one,
"hang" answers nothing more, "close" hangs up, {"bytes": TEXT} is sent raw,
{"wait": FIFO} goes on when somebody has opened FIFO to write and closed it.
Each call is a line of LOG.
"""
import json
import socket
import sys
import threading

PREFIX = "io.jitctl.Agent."


def answer(peer, step):
    """Returns whether more of the script follows."""
    if step == "hang":
        while peer.recv(1):
            pass
        return False
    if step == "close":
        return False
    if "bytes" in step:
        peer.sendall(step["bytes"].encode())
    elif "wait" in step:
        with open(step["wait"], encoding="utf-8") as fifo:
            fifo.read()
    else:
        peer.sendall(json.dumps(step).encode() + b"\0")
    return True


def serve(peer, script, log):
    data = b""
    while not data.endswith(b"\0"):
        chunk = peer.recv(4096)
        if not chunk:
            return
        data += chunk
    call = json.loads(data[:-1])
    with open(log, "a", encoding="utf-8") as file:
        file.write(json.dumps(call, ensure_ascii=False, separators=(",", ":")) + "\n")
    with open(script, encoding="utf-8") as file:
        steps = json.load(file).get(call["method"].removeprefix(PREFIX), [])
    try:
        for step in steps:
            if not answer(peer, step):
                break
    except OSError:
        pass
    peer.close()


def main(path, script, log):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(16)
    print("ready", flush=True)
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=serve, args=(peer, script, log), daemon=True).start()


main(*sys.argv[1:])
