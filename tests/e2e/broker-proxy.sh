#!/bin/bash
# SPDX-License-Identifier: MIT
# Behind a reverse proxy: with trusted_proxy each caller has five guesses of its own and its
# address in the audit, whatever else it says of itself; without, nobody is believed.
. "$(dirname "$0")/lib.sh"
init_broker
set_line "$BROKER_DIR/broker.conf" trusted_proxy proxy.example.com
expect_status 2 jit-broker check "$BROKER_DIR"
contains "$out" "trusted_proxy is the IP address"
set_line "$BROKER_DIR/broker.conf" trusted_proxy 127.0.0.1
serve_broker
cat >"$tree/run.py" <<'END'
import sys
sys.path.insert(0, sys.argv[1])
from broker_client import *
url, trusted, code = sys.argv[2:]
def enroll(code, *forwarded):
    """With those lines of X-Forwarded-For."""
    device = Device(url)
    body = json.dumps({"code": code, "public_key": b64url(device.public)}).encode()
    connection = device.connect()
    connection.putrequest("POST", "/v1/enroll")
    for name, value in device.sign("POST", "/v1/enroll", body).items():
        connection.putheader(name, value)
    for value in forwarded:
        connection.putheader("X-Forwarded-For", value)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    response = connection.getresponse()
    return response.status, json.loads(response.read())
# A guesser that calls itself another each time, in its own line and in the proxy's.
for guess in range(5):
    forbidden(enroll("0000-0000", "203.0.113.%d" % guess, "203.0.113.9%d, 198.51.100.7" % guess), "no such code")
forbidden(enroll("0000-0000", "198.51.100.8", "198.51.100.7"), "too many")
if trusted == "yes":
    assert ok(enroll(code, "198.51.100.8"))["user"] == "ann"
else:
    forbidden(enroll(code, "198.51.100.8"), "too many")
END
run() { python "$tree/run.py" "$root/tests/e2e" "$BROKER_URL" "$1" "$(invite ann)"; }
addresses() { jit-broker audit "$BROKER_DIR" --json | jq -r 'select(.event | startswith("enroll")).address' | uniq -c | xargs; }
run yes
equals "$(addresses)" "6 198.51.100.7 1 198.51.100.8"
sed -i /^trusted_proxy/d "$BROKER_DIR/broker.conf"
stop broker
serve_broker
run no
equals "$(addresses)" "6 198.51.100.7 1 198.51.100.8 6 127.0.0.1"
