#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Whatever a broker or STS sends, the fetch worker answers with one whole
# answer or one clear sentence, in time, and leaves.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"
need openssl openssl

expect_status 0 /usr/bin/python3 -W ignore::DeprecationWarning "$root/tests/faults/fetch_faults.py" \
	"$JIT_BUILD/libexec/jit-agent-fetch" "$tree"
