# SPDX-License-Identifier: MIT
"""A reverse proxy in front of a broker that may lie about its grants, for radosgw.sh:
what STS must refuse however it came to be.

radosgw_issuer.py UPSTREAM-FILE KEYS-FILE MODE-FILE GRANT-FILE

Prints its URL.  UPSTREAM-FILE has the broker's URL, KEYS-FILE its signing keys; MODE-FILE
has a word for each grant that passes: "honest", or the name of a function below.  The
last one that passed is in GRANT-FILE."""
import base64
import http.client
import http.server
import json
import sys
import time
import urllib.parse

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

UPSTREAM, KEYS, MODE, GRANT = sys.argv[1:]


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def read(path):
    with open(path, encoding="ascii") as file:
        return file.read().strip()


def broker_key():
    jwk = json.loads(read(KEYS))["keys"][0]["jwk"]
    return ec.derive_private_key(int.from_bytes(unb64(jwk["d"]), "big"), ec.SECP256R1())


def sign(key, header, claims):
    text = b64(json.dumps(header).encode()) + "." + b64(json.dumps(claims).encode())
    r, s = utils.decode_dss_signature(key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return text + "." + b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def parts(grant):
    header, claims, signature = grant.split(".")
    return json.loads(unb64(header)), json.loads(unb64(claims)), signature


def with_claims(grant, **changed):
    """By the broker's own key: only the claims can give it away."""
    header, claims, _ = parts(grant)
    return sign(broker_key(), header, {**claims, **changed})


def forged(grant):
    header, claims, _ = parts(grant)
    return sign(ec.generate_private_key(ec.SECP256R1()), header, claims)


def altered(grant):
    header, claims, signature = parts(grant)
    claims["https://aws.amazon.com/tags"]["principal_tags"]["tenant"] = ["zeta"]
    return b64(json.dumps(header).encode()) + "." + b64(json.dumps(claims).encode()) + "." + signature


def unsigned(grant):
    _, claims, _ = parts(grant)
    return b64(b'{"alg":"none","typ":"JWT"}') + "." + b64(json.dumps(claims).encode()) + "."


def expired(grant):
    now = int(time.time())
    return with_claims(grant, iat=now - 3900, nbf=now - 3900, exp=now - 3600)


def audience(grant):
    return with_claims(grant, aud="sts.elsewhere.example")


def issuer(grant):
    return with_claims(grant, iss=parts(grant)[1]["iss"] + "/elsewhere")


def subject(grant):
    return with_claims(grant, sub="profile:other:user:ann")


def honest(grant):
    return grant


LIES = {lie.__name__: lie for lie in (honest, forged, altered, unsigned, expired, audience,
                                      issuer, subject)}


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def pass_on(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        upstream = urllib.parse.urlsplit(read(UPSTREAM)).netloc
        connection = http.client.HTTPConnection(upstream, timeout=70)
        connection.request(self.command, self.path, body or None,
                           {name: value for name, value in self.headers.items()
                            if name.lower() != "connection"})
        response = connection.getresponse()
        answer = response.read()
        if response.status == 200 and self.path.endswith("/grant"):
            answer = json.loads(answer)
            answer["grant"] = LIES[read(MODE)](answer["grant"])
            with open(GRANT, "w", encoding="ascii") as file:
                file.write(answer["grant"])
            answer = json.dumps(answer).encode()
        self.send_response(response.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        try:
            self.wfile.write(answer)
        except BrokenPipeError:
            pass  # an agent that has nothing to wait for any more
        connection.close()

    do_GET = do_POST = pass_on

    def log_message(self, format, *args):
        print(format % args, file=sys.stderr)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
print("http://127.0.0.1:%d" % server.server_port, flush=True)
server.serve_forever()
