#!/bin/bash
# SPDX-License-Identifier: MIT
# A long audit trail: every row once and in order, a page at a time; and where a row or the
# output is no good, what was said before and then an error.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
init_broker
jit-broker invite "$BROKER_DIR" ann >/dev/null 2>&1

sql() {
	python -c 'import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute(sys.argv[2])
connection.commit()' "$BROKER_DIR/broker.db" "$1"
}
sql "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 20500)
	INSERT INTO audit (at, event, text) SELECT 1795521600, 'refused', 'row ' || i FROM n"
jit-broker audit "$BROKER_DIR" --json >"$tree/json"
equals "$(jq -r .sequence "$tree/json" | cksum)" "$(seq 20500 | cksum)"
jit-broker audit "$BROKER_DIR" >"$tree/text"
equals "$(wc -l <"$tree/text")" 20500
contains "$(tail -1 "$tree/text")" "row 20500"

# As many writes as the text has blocks, not one for each row.
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	# LeakSanitizer will not look at a program that is traced.
	ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 strace -qq -e trace=write -o "$tree/writes" "$JIT_BUILD/bin/jit-broker" audit "$BROKER_DIR" --json >"$tree/json2"
	cmp "$tree/json" "$tree/json2"
	[ "$(wc -l <"$tree/writes")" -lt 2000 ] || fail "$(wc -l <"$tree/writes") writes"
fi

for json in "" --json; do
	status=0
	# shellcheck disable=SC2086
	jit-broker audit "$BROKER_DIR" $json >/dev/full 2>"$tree/full" || status=$?
	equals "$status" 1
	contains "$(cat "$tree/full")" "cannot write the output: No space left on device"
done

# One that is not UTF-8 is shown escaped, and hides none of those behind it.
sql "INSERT INTO audit (at, event, text) VALUES (1795521600, 'refused', CAST(x'72ff' AS TEXT))"
sql "INSERT INTO audit (at, event, text) VALUES (1795521600, 'refused', 'row 20502')"
expect_status 0 jit-broker audit "$BROKER_DIR" --json
equals "$(tail -2 "$tree/.out" | jq -r .text)" 'r\xff
row 20502'
expect_status 0 jit-broker audit "$BROKER_DIR"
contains "$out" 'r\xff'

# A text is shown to its end.
sql "INSERT INTO audit (at, event, text) VALUES (1795521600, 'asked', printf('%.500c', 'a') || ' to the end')"
expect_status 0 jit-broker audit "$BROKER_DIR"
contains "$out" 'aaa to the end'
