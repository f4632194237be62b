#!/bin/bash
# SPDX-License-Identifier: MIT
# systemd reads every unit without a complaint, and finds the services tight.
set -u
cd "$(dirname "$0")/.." || exit 1
command -v systemd-analyze >/dev/null || { echo "systemd-analyze is not installed (Debian: systemd)"; exit 77; }
compgen -G 'systemd/*.*' >/dev/null || { echo "there are no units"; exit 1; }
scratch=$(mktemp -d /tmp/jit-units.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/run"
export XDG_RUNTIME_DIR=$scratch/run
status=0

# The programs of an installed system are stood in for by /bin/true.
for unit in systemd/*.service systemd/*.socket; do
	sed -E 's,^(Exec[A-Za-z]*=[-+!:]*)[^ ]+,\1/bin/true,' "$unit" >"$scratch/${unit##*/}"
done
for unit in "$scratch"/*.service "$scratch"/*.socket; do
	scope=--user
	case $unit in *jit-broker*) scope=--system ;; esac
	systemd-analyze verify $scope --man=no "$unit" >"$scratch/out" 2>&1
	if [ -s "$scratch/out" ]; then
		echo "${unit##*/}:"
		cat "$scratch/out"
		status=1
	fi
done
for unit in "$scratch"/*.service; do
	scope=--user
	case $unit in *jit-broker*) scope=--system ;; esac
	systemd-analyze security $scope --offline=yes --threshold=40 --no-pager "$unit" >"$scratch/out" 2>&1 || {
		grep -E '✗|exposure' "$scratch/out"
		echo "${unit##*/}: exposed more than 4.0"
		status=1
	}
done
exit $status
