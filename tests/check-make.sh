#!/bin/bash
# SPDX-License-Identifier: MIT
# make help knows every target that a person may ask for.
set -u
cd "$(dirname "$0")/.." || exit 1
bad=0
helped=$(make -s help | sed -nE 's/^make ([a-z0-9-]+).*/\1/p' | sort)
named=$(make -pqn 2>/dev/null | sed -nE 's/^\.PHONY: //p' | tr ' ' '\n' | grep -v -- '-installed$' | sort)
[ -n "$named" ] || { echo "make says no target"; exit 1; }
missing=$(comm -13 <(echo "$helped") <(echo "$named"))
[ -z "$missing" ] || { echo "make help lacks:" $missing; bad=1; }
gone=$(comm -23 <(echo "$helped") <(echo "$named"))
[ -z "$gone" ] || { echo "no .PHONY target:" $gone; bad=1; }
exit $bad
