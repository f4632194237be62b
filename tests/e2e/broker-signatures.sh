#!/bin/bash
# SPDX-License-Identifier: MIT
# Signed calls by a client that shares no code with the broker: replayed, altered,
# unsigned, an hour old or meant for another broker they are 401, and in the audit.
. "$(dirname "$0")/lib.sh"
start_broker
cat >"$tree/run.py" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
from broker_client import *
url, ann_code, bob_code = sys.argv[2:]
ann, bob = Device(url), Device(url)
assert ok(ann.enroll(ann_code))["user"] == "ann"
assert ok(bob.enroll(bob_code))["user"] == "bob"
body = json.dumps({"profile": "orders-support", "parameters": {"tenant": "acme"},
                   "reason": "x", "key": secrets.token_hex(16)}).encode()
headers = ann.sign("POST", "/v1/requests", body)
request = ok(ann.send("POST", "/v1/requests", body, headers))["request"]
unauthenticated(ann.send("POST", "/v1/requests", body, headers))              # replayed
headers = ann.sign("POST", "/v1/requests", body)
unauthenticated(ann.send("POST", "/v1/requests", body.replace(b"acme", b"zeta"), headers))
unauthenticated(ann.send("GET", "/v1/profiles"))                              # unsigned
unauthenticated(ann.call("GET", "/v1/profiles", created=int(time.time()) - 3600))
unauthenticated(ann.send("GET", "/v1/profiles",
                         headers=ann.sign("GET", "https://elsewhere.example/v1/profiles")))
unauthenticated(Device(url).call("GET", "/v1/profiles"))                      # a stranger
forbidden(ann.decide(request["id"]))
assert ok(bob.decide(request["id"]))["request"]["state"] == "approved"
again = ok(bob.decide(request["id"]))["request"]
assert len(again["decisions"]) == 1
forbidden(bob.decide(request["id"], "deny"))

# Bytes that are no URI, from somebody without an account, get nowhere.
import socket
host, port = url.split("//")[1].split(":")
for target in b"/v1/enroll?\xff", b"/v1/profiles?\x1b]0;x\x07", b"/\x9b31m":
    with socket.create_connection((host, int(port))) as stranger:
        stranger.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\n\r\n" % target)
        assert stranger.recv(4096).startswith(b"HTTP/1.1 400 "), target

# The grant, by an implementation of ES256 that is not libjose.
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
jwks = ok(ann.send("GET", "/jwks.json"))
grant = ok(ann.grant(request["id"]))
header, claims, signature = grant["grant"].split(".")
key = next(k for k in jwks["keys"] if k["kid"] == json.loads(unb64(header))["kid"])
assert "d" not in key
public = ec.EllipticCurvePublicNumbers(int.from_bytes(unb64(key["x"]), "big"),
    int.from_bytes(unb64(key["y"]), "big"), ec.SECP256R1()).public_key()
raw = unb64(signature)
public.verify(utils.encode_dss_signature(int.from_bytes(raw[:32], "big"),
    int.from_bytes(raw[32:], "big")), (header + "." + claims).encode(),
    ec.ECDSA(hashes.SHA256()))
certificate = x509.load_der_x509_certificate(base64.b64decode(key["x5c"][0]))
assert certificate.public_key().public_numbers() == public.public_numbers()
claims = json.loads(unb64(claims))
assert claims["iss"] == url and claims["sub"] == "profile:orders-support:user:ann"
END
python "$tree/run.py" "$root/tests/e2e" "$BROKER_URL" "$(invite ann)" "$(invite bob)"
equals "$(jit-broker audit "$BROKER_DIR" --json | jq -r .event | grep -c '^unauthenticated$')" 6
equals "$(jit-broker audit "$BROKER_DIR" --json | jq -r .event | grep -c '^approved$')" 1
