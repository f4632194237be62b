# SPDX-License-Identifier: MIT
"""A server on the loopback that does what servers must not do.

Each path is a behaviour, a function from a connection to bytes on it.  One
that ends in "-then-good" misbehaves for the first two requests only.  What
was asked is counted by path, and MARKER stands in every body that nobody may
ever quote.
"""
import datetime
import email.utils
import json
import socket
import ssl
import struct
import threading
import time

MARKER = "MARKER-of-a-body"
KEY_ID, SECRET, TOKEN = "ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG", "AQoDYXdzEE0a8ANXXX+/="


def utc(seconds):
    moment = datetime.datetime.fromtimestamp(time.time() + seconds, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def answer(body, status="200 OK", skew=0, **headers):
    if isinstance(body, str):
        body = body.encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close",
             f"Date: {email.utils.formatdate(time.time() + skew, usegmt=True)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def grant(ends_in=1800, skew=0, **changes):
    body = {"grant": "aaaa.bbbb.cccc", "role_arn": "arn:aws:iam::123456789012:role/jit",
            "region": "eu-west-1", "account_id": "123456789012",
            "session_name": "r-7k2m9x4q1d", "duration_seconds": 1800,
            "session_policy": "", "ends_at": utc(ends_in)}
    return answer(json.dumps({**body, **changes}), skew=skew)


def credentials(expires_in=1800, skew=0):
    return answer(f"<R><Credentials><AccessKeyId>{KEY_ID}</AccessKeyId>"
                  f"<SecretAccessKey>{SECRET}</SecretAccessKey><SessionToken>{TOKEN}"
                  f"</SessionToken><Expiration>{utc(expires_in)}</Expiration>"
                  "</Credentials></R>", skew=skew)


def refusal(status, code, message="", skew=0):
    return answer(f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message>"
                  "</Error></ErrorResponse>", status, skew)


def say(data):
    return lambda connection, server: connection.sendall(data() if callable(data) else data)


def stall(connection, server):
    server.stalled.set()
    server.over.wait()


def reset(connection, server):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def stream(head, piece, pause=0):
    """The head, then the same piece for as long as the peer takes it."""
    def run(connection, server):
        connection.sendall(head)
        while not server.over.wait(pause):
            connection.sendall(piece)
    return run


OK = b"HTTP/1.1 200 OK\r\n"
BULK = (MARKER.encode() * 1024)[:16384]
CHUNK = b"4000\r\n" + BULK + b"\r\n"

BEHAVIOURS = {
    "grant": say(grant),
    "grant-ending": say(lambda: grant(ends_in=20)),
    "grant-behind": say(lambda: grant(skew=-412)),
    "grant-garbage": say(lambda: answer(f'{{"grant": "{MARKER}')),
    "grant-empty": say(lambda: answer("")),
    "grant-no-account": say(lambda: grant(account_id=f'","{MARKER}":"')),
    "grant-refused": say(lambda: answer(json.dumps({"error": {
        "kind": "no-session", "message": "ended by ann", "next": "jitctl status"}}),
        "409 Conflict")),
    "grant-down": say(lambda: answer(MARKER, "503 Service Unavailable")),
    "sts": say(credentials),
    "sts-over": say(lambda: credentials(expires_in=-10)),
    "sts-elsewhen": say(lambda: credentials(expires_in=-1800, skew=-3600)),
    "sts-garbage": say(lambda: answer(MARKER)),
    "sts-half-xml": say(lambda: answer(credentials().split(b"\r\n\r\n")[1][:150])),
    "sts-empty": say(lambda: answer("")),
    "sts-throttled": say(lambda: refusal("400 Bad Request", "Throttling", "Rate exceeded")),
    "sts-5xx": say(lambda: answer(MARKER, "500 Internal Server Error")),
    "sts-idp": say(lambda: refusal("400 Bad Request", "IDPCommunicationError", "no answer")),
    "sts-expired": say(lambda: refusal("400 Bad Request", "ExpiredTokenException",
                                       "Token expired")),
    "sts-denied": say(lambda: refusal("403 Forbidden", "AccessDenied", "Not authorized")),
    "nothing": lambda connection, server: None,
    "reset": reset,
    "stall": stall,
    "garbage": say(b"\x00\x01\x02 " + MARKER.encode() + b"\r\n\r\n"),
    "half-head": say(OK + b"Content-Le"),
    "half-body": say(OK + b"Content-Length: 1000\r\n\r\n" + MARKER.encode()),
    "half-chunk": say(OK + b"Transfer-Encoding: chunked\r\n\r\nff\r\n" + MARKER.encode()),
    "redirect": say(lambda: answer(MARKER, "302 Found", Location="/trap")),
    "trap": say(lambda: answer(MARKER)),
    "huge": stream(OK + b"Content-Length: 10485760\r\n\r\n", BULK),
    "huge-chunked": stream(OK + b"Transfer-Encoding: chunked\r\n\r\n", CHUNK),
    "huge-endless": stream(OK + b"\r\n", BULK),
    "huge-head": stream(OK, b"X-Filler: " + BULK[:1000] + b"\r\n"),
    "huge-interim": stream(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "lying-short": say(OK + b"Content-Length: 4\r\n\r\n<R/>" + BULK),
    "drip": stream(OK + b"Content-Length: 1000\r\n\r\n", b"x", 0.05),
    "drip-head": stream(OK, b"X", 0.05),
}


class Server:
    """Listens at url until close(); context makes it speak TLS."""

    def __init__(self, context=None):
        self.context = context
        self.counts, self.bodies = {}, {}
        self.over, self.stalled = threading.Event(), threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        scheme = "https" if context else "http"
        self.url = f"{scheme}://127.0.0.1:{self.listener.getsockname()[1]}/"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            connection.settimeout(60)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection:
                name, body = self._read(connection)
                self.counts[name] = self.counts.get(name, 0) + 1
                self.bodies[name] = body
                self._behaviour(name)(connection, self)
        except (OSError, ssl.SSLError):
            pass

    @staticmethod
    def _read(connection):
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                raise OSError("gone")
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n")[1:]:
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        while len(body) < length:
            body += connection.recv(65536)
        target = head.split(b" ")[1].decode()
        return target.rsplit("/", 1)[1], body

    def _behaviour(self, name):
        if name.endswith("-then-good"):
            good = "grant" if name.startswith("grant") else "sts"
            bad = name[:-len("-then-good")]
            return BEHAVIOURS[bad if self.counts[name] <= 2 else good]
        return BEHAVIOURS[name]

    def close(self):
        self.over.set()
        self.listener.close()
