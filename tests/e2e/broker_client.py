# SPDX-License-Identifier: MIT
"""A client of the broker that shares no code with it: RFC 9421 and RFC 9530 from the
text, Ed25519 by `cryptography`, HTTP by the standard library."""
import base64
import hashlib
import http.client
import json
import secrets
import ssl
import time
import urllib.parse

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Device:
    """One device key, and the calls that it signs."""

    def __init__(self, url, seed=None, ca=None):
        self.url = url.rstrip("/")
        self.key = (ed25519.Ed25519PrivateKey.from_private_bytes(seed) if seed
                    else ed25519.Ed25519PrivateKey.generate())
        self.public = self.key.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.keyid = b64url(hashlib.sha256(self.public).digest())
        self.ca = ca

    @classmethod
    def load(cls, url, path):
        """The device of a file; made where there is none yet."""
        try:
            with open(path, "rb") as file:
                return cls(url, file.read())
        except FileNotFoundError:
            device = cls(url)
            with open(path, "wb") as file:
                file.write(device.key.private_bytes(
                    serialization.Encoding.Raw, serialization.PrivateFormat.Raw,
                    serialization.NoEncryption()))
            return device

    def sign(self, method, target, body=b"", created=None, nonce=None):
        """The three headers for a call; target is path and query, or a whole URI."""
        uri = target if "://" in target else self.url + target
        created = int(time.time()) if created is None else created
        nonce = nonce or secrets.token_hex(16)
        digest = "sha-256=:%s:" % base64.b64encode(hashlib.sha256(body).digest()).decode()
        parameters = ('("@method" "@target-uri" "content-digest");created=%d;nonce="%s"'
                      ';keyid="%s";alg="ed25519"' % (created, nonce, self.keyid))
        base = ('"@method": %s\n"@target-uri": %s\n"content-digest": %s\n'
                '"@signature-params": %s' % (method, uri, digest, parameters))
        signature = base64.b64encode(self.key.sign(base.encode())).decode()
        return {"Content-Digest": digest, "Signature-Input": "jit=" + parameters,
                "Signature": "jit=:%s:" % signature}

    def connect(self, timeout=70):
        parts = urllib.parse.urlsplit(self.url)
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=self.ca)
            return http.client.HTTPSConnection(parts.netloc, timeout=timeout, context=context)
        return http.client.HTTPConnection(parts.netloc, timeout=timeout)

    def send(self, method, target, body=b"", headers=None):
        """As it is: status and JSON."""
        connection = self.connect()
        try:
            connection.request(method, target, body=body or None, headers=headers or {})
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text else None
        finally:
            connection.close()

    def call(self, method, target, body=None, **signing):
        data = b"" if body is None else json.dumps(body).encode()
        return self.send(method, target, data, self.sign(method, target, data, **signing))

    def enroll(self, code):
        return self.call("POST", "/v1/enroll",
                         {"code": code, "public_key": b64url(self.public)})

    def ask(self, profile="orders-support", reason="a test", key=None, **parameters):
        body = {"profile": profile, "parameters": parameters.pop("parameters", {"tenant": "acme"}),
                "reason": reason, "key": key or secrets.token_hex(16), **parameters}
        return self.call("POST", "/v1/requests", body)

    def decide(self, request, verdict="approve", **more):
        return self.call("POST", "/v1/requests/%s/decision" % request,
                         {"verdict": verdict, **more})

    def end(self, request, **more):
        return self.call("POST", "/v1/requests/%s/end" % request, more)

    def grant(self, request):
        return self.call("POST", "/v1/requests/%s/grant" % request, {})

    def request(self, request):
        return self.call("GET", "/v1/requests/%s" % request)

    def events(self, since=0, wait=0):
        return self.call("GET", "/v1/events?since=%d&wait=%d" % (since, wait))


def ok(answer):
    """The JSON of an answer that must be 200."""
    status, body = answer
    assert status == 200, "%s: %s" % (status, body)
    return body


def refused(answer, status, kind, part=""):
    """The message of an answer that must be that refusal."""
    assert answer[0] == status, answer
    error = answer[1]["error"]
    assert error["kind"] == kind and part in error["message"], answer
    return error["message"]


def unauthenticated(answer, part=""):
    return refused(answer, 401, "unauthenticated", part)


def forbidden(answer, part=""):
    return refused(answer, 403, "forbidden", part)
