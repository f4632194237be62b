#!/bin/bash
# SPDX-License-Identifier: MIT
# A broker behind TLS: the agent trusts it by ca_file, refuses it without, and
# refuses a certificate for another name, an expired one, and plain http to a
# host that isn't this one.
. "$(dirname "$0")/lib.sh"

need openssl openssl
start_moto
make_orders

# certificate NAME SUBJECT-ALTERNATIVE-NAME [OPTION...]: signed by the CA.
certificate() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$tree/$1.key" \
		-out "$tree/$1.csr" -subj "/CN=$1" 2>>"$tree/openssl.log"
	openssl x509 -req -in "$tree/$1.csr" -CA "$tree/ca.crt" -CAkey "$tree/ca.key" -CAcreateserial \
		-out "$tree/$1.crt" -extfile <(echo "subjectAltName=$2") "${@:3}" 2>>"$tree/openssl.log"
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$tree/ca.key" \
	-out "$tree/ca.crt" -days 2 -subj "/CN=a test CA" 2>>"$tree/openssl.log"
certificate good IP:127.0.0.1 -days 2
certificate other DNS:other.example -days 2
certificate old IP:127.0.0.1 -days -1 || certificate old IP:127.0.0.1 -not_after 20200101000000Z

# broker_with NAME: the broker serves that certificate.
broker_with() {
	stop broker
	set_line "$BROKER_DIR/broker.conf" tls_certificate "$tree/$1.crt"
	set_line "$BROKER_DIR/broker.conf" tls_key "$tree/$1.key"
	serve_broker
}

init_broker
broker_with good
case $BROKER_URL in
https://127.0.0.1:*) ;;
*) fail "not https: $BROKER_URL" ;;
esac

start_agent ann
start_agent bob
code=$(invite ann)
expect_status 9 as ann jitctl enroll --broker "$BROKER_URL" --code "$code" --keystore memory
contains "$err" "certificate"
enroll ann memory --ca-file "$tree/ca.crt"
enroll bob memory --ca-file "$tree/ca.crt"
session_for ann bob orders-support tenant=acme >/dev/null

for name in other old; do
	broker_with $name
	expect_status 9 as ann jitctl profiles
	contains "$err" "certificate"
done
broker_with good
expect_status 0 as ann jitctl profiles

expect_status 2 as ann jitctl enroll --broker http://jit.example.com --code "$code" --keystore memory
contains "$err" "http"
