#!/bin/bash
# SPDX-License-Identifier: MIT
# Of AWS keys that the broker had no byte is left in it once it has others: not in what
# libcurl let go of, nor in its own buffers and stacks.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || skip "only root may read another process's memory here"
! is_sanitized || skip "sanitizers keep copies of their own, and terabytes to look through"
start_moto
make_orders
init_broker
set_line "$BROKER_DIR/broker.conf" iam on

# Other keys at each call of AWS, since they are always about to expire.
cat >"$tree/keys" <<'END'
#!/bin/sh
secret=$(od -An -N 24 -v -tx1 /dev/urandom | tr -d ' \n')
token=$(od -An -N 90 -v -tx1 /dev/urandom | tr -d ' \n')
printf '{"Version":1,"AccessKeyId":"AKIABROKER000000","SecretAccessKey":"%s","SessionToken":"%s","Expiration":"%s"}\n' \
	"$secret" "$token" "$(date -u -d '+200 seconds' +%Y-%m-%dT%H:%M:%SZ)" | tee -a "$1"
END
chmod +x "$tree/keys"
set_line "$BROKER_DIR/broker.conf" aws_credentials_process "$tree/keys $tree/given"
serve_broker
for name in ann bob; do
	start_agent "$name"
	enroll "$name"
done
session_for ann bob orders-support tenant=acme >/dev/null
count=$(wc -l <"$tree/given")
session_for ann bob orders-support tenant=acme >/dev/null
session_for ann bob orders-support tenant=acme >/dev/null
[ "$(wc -l <"$tree/given")" -gt $((count + 2)) ] || fail "the keys were not fetched anew"

# Needles are one document; the scanner itself has them, the broker must not.
for line in $(seq 1 "$count"); do
	sed -n "${line}p" "$tree/given" >"$tree/needles"
	expect_status 0 /usr/bin/python3 "$root/tests/e2e/memory_scan.py" "$tree/needles" \
		--alive "${pid_of[broker]}"
done
sed -n '$p' "$tree/given" >"$tree/needles"
expect_status 1 /usr/bin/python3 "$root/tests/e2e/memory_scan.py" "$tree/needles" "${pid_of[broker]}"
