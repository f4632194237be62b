#!/bin/bash
# SPDX-License-Identifier: MIT
# rotate-key while the broker serves: new grants are signed by the new key, those of the old
# one verify as long as one can live, and then it is gone from jwks.json; the audit has it.
. "$(dirname "$0")/lib.sh"
need faketime faketime
start_broker
cat >"$tree/run.py" <<'END'
import subprocess
import sys
sys.path.insert(0, sys.argv[1])
from broker_client import *
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
url, directory, ann_code, bob_code = sys.argv[2:]
ann, bob = Device(url), Device(url)
ok(ann.enroll(ann_code)), ok(bob.enroll(bob_code))
request = ok(ann.ask())["request"]["id"]
ok(bob.decide(request))
def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
def kid_of(grant):
    return json.loads(unb64(grant.split(".")[0]))["kid"]
def published():
    return [key["kid"] for key in ok(ann.send("GET", "/jwks.json"))["keys"]]
def verify(grant):
    """With the key that its kid names, as a stranger gets it."""
    key = next(k for k in ok(ann.send("GET", "/jwks.json"))["keys"] if k["kid"] == kid_of(grant))
    public = ec.EllipticCurvePublicNumbers(int.from_bytes(unb64(key["x"]), "big"),
        int.from_bytes(unb64(key["y"]), "big"), ec.SECP256R1()).public_key()
    text, _, signature = grant.rpartition(".")
    raw = unb64(signature)
    public.verify(utils.encode_dss_signature(int.from_bytes(raw[:32], "big"),
        int.from_bytes(raw[32:], "big")), text.encode(), ec.ECDSA(hashes.SHA256()))
def rotate(*wrapped):
    answer = subprocess.run([*wrapped, "jit-broker", "rotate-key", directory, "--json"],
                            check=True, capture_output=True).stdout
    return json.loads(answer)["kid"]
old = ok(ann.grant(request))["grant"]
verify(old)
first = kid_of(old)
second = rotate()
assert published() == [second, first], published()
new = ok(ann.grant(request))["grant"]
assert kid_of(new) == second != first
verify(old), verify(new)
try:
    verify(new.rpartition(".")[0] + "." + old.rpartition(".")[2])
    raise AssertionError("another grant's signature verifies")
except InvalidSignature:
    pass
# A week later the first is dropped; the second is retired at a time that is to come.
third = rotate("faketime", "-f", "+7d")
assert published() == [third, second], published()
verify(new)
END
python "$tree/run.py" "$root/tests/e2e" "$BROKER_URL" "$BROKER_DIR" "$(invite ann)" "$(invite bob)"
equals "$(stat -c %a "$BROKER_DIR/signing-keys.json")" 600
equals "$(jit-broker audit "$BROKER_DIR" --json | jq -r .event | grep -c '^key-rotated$')" 2

# Of several at once each adds its own key, and none is lost.
keys() {
	jq '.keys | length' "$BROKER_DIR/signing-keys.json"
}
before=$(keys)
for i in 1 2 3 4 5 6; do
	start "rotate$i" jit-broker rotate-key "$BROKER_DIR"
done
for i in 1 2 3 4 5 6; do
	finished "rotate$i" || fail "rotate-key $i: $(cat "$tree/rotate$i.log")"
done
equals "$(keys)" $((before + 6))
