#!/bin/bash
# SPDX-License-Identifier: MIT
# What scripts rely on of jit-broker: what init writes and with which modes, the first line
# of serve, the issuer, the form of a code, every mistake with its file and line, JSON, help
# and the exit status of each command.
. "$(dirname "$0")/lib.sh"

# is_utc: of each time on standard input.
is_utc() {
	local time
	while read -r time; do
		[[ $time =~ ^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z$ ]] ||
			fail "'$time' is no time in UTC"
	done
}

# --- init: a directory that works as it is
dir=$tree/made
(umask 022 && jit-broker init "$dir" >"$tree/said")
contains "$(cat "$tree/said")" "jit-broker serve $dir"
equals "$(stat -c '%a %n' "$dir" "$dir"/* | sed "s|$tree/||" | tr '\n' ' ')" \
	"700 made 600 made/broker.conf 600 made/broker.db 600 made/profiles.yaml 600 made/signing-keys.json "
expect_status 0 jit-broker check "$dir"
equals "$(tail -n 1 <<<"$out")" ok
before=$(sha256sum "$dir"/*)
expect_status 2 jit-broker init "$dir"
contains "$err" "is there already"
equals "$(sha256sum "$dir"/*)" "$before"
expect_status 0 jit-broker init "$tree/other" --json
equals "$out" "{\"directory\":\"$tree/other\"}"

# --- serve: the first line of stdout, and the kernel's port in the issuer
sed -i '/^listen/d' "$dir/broker.conf"
echo 'listen = 127.0.0.1:0' >>"$dir/broker.conf"
start broker bash -c 'exec "$0" serve "$1" 2>/dev/null' "$JIT_BUILD/bin/jit-broker" "$dir"
url=$(wait_for_line "$tree/broker.log" '^listening on http://127\.0\.0\.1:[0-9]+$')
equals "$(head -n 1 "$tree/broker.log")" "$url"
url=${url#listening on }
equals "$(curl -sf "$url/.well-known/openid-configuration" | jq -r '.issuer, .jwks_uri' | tr '\n' ' ')" \
	"$url $url/jwks.json "
stop broker
equals $stop_status 0
echo 'url = https://jit.example.com/team' >>"$dir/broker.conf"
: >"$tree/broker.log"
start broker bash -c 'exec "$0" serve "$1" --json 2>/dev/null' "$JIT_BUILD/bin/jit-broker" "$dir"
line=$(wait_for_line "$tree/broker.log" listening)
equals "$(jq -r .issuer <<<"$line")" https://jit.example.com/team
url=$(jq -r .listening <<<"$line")
equals "$(curl -sf "$url/team/.well-known/openid-configuration" | jq -r .issuer)" https://jit.example.com/team

# --- invite: a code on stdout and nothing else
expect_status 0 jit-broker invite "$dir" ann
[[ $out =~ ^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$ ]] || fail "no code: $out"
contains "$err" "10 minutes"
expect_status 0 jit-broker invite "$dir" ANN --json
equals "$(jq -c 'keys_unsorted, .user, .expires_in_seconds' <<<"$out" | tr '\n' ' ')" \
	'["user","code","expires_in_seconds"] "ann" 600 '
expect_status 13 jit-broker invite "$dir" nobody
equals "$out" ""
contains "$err" "nobody is not among \`people\`"
expect_status 13 jit-broker invite "$dir" nobody --json
equals "$(jq -c '.error | keys_unsorted, .kind' <<<"$err" | tr '\n' ' ')" '["kind","message","next"] "not-found" '

# --- audit: each row in both forms
expect_status 0 jit-broker audit "$dir"
equals "$(wc -l <<<"$out")" 2
cut -d' ' -f1 <<<"$out" | is_utc
expect_status 0 jit-broker audit "$dir" --json
equals "$(jq -r .event <<<"$out" | tr '\n' ' ')" "invited invited "
jq -r .at <<<"$out" | is_utc

# --- check: every mistake, not the first alone, with its file and line
cat >"$dir/broker.conf" <<'END'
# a comment
listn = 127.0.0.1:0
listen = 127.0.0.1:99999
url = https://jit.example.com/
nonsense
store = postgresql://db
tls_certificate = /nowhere/tls.crt
tls_key = /nowhere/tls.key
sts_url = http://sts.example.com
END
sed -i -e 's/^    longest: 2h/    longst: 2h/' -e 's/^    who: \[support\]/    who: [suport]/' "$dir/profiles.yaml"
expect_status 2 jit-broker check "$dir"
for where in broker.conf:{2,3,4,5,6,7,8,9} profiles.yaml:{"$(grep -n longst "$dir/profiles.yaml" | cut -d: -f1)","$(grep -n suport "$dir/profiles.yaml" | cut -d: -f1)"}; do
	contains "$out" "$dir/$where: error: "
done
contains "$err" "$dir has "
equals "$(wc -l <"$tree/.err")" 1
lines=$(grep -c ': error: ' <<<"$out")
expect_status 2 jit-broker check "$dir" --json
equals "$(jq '[.findings[] | select(.level == "error")] | length' <<<"$out")" "$lines"
jq -e '.findings | all(has("file") and has("line") and has("message"))' <<<"$out" >/dev/null
equals "$(jq -r .error.kind <<<"$err")" usage
# What serve says of the first is the same.
expect_status 2 jit-broker serve "$dir"
equals "$out" ""
contains "$err" "$dir/broker.conf:2: unknown key 'listn'"
# Keys that others can read, and a file that holds none.
chmod 644 "$tree/other/signing-keys.json"
expect_status 2 jit-broker check "$tree/other"
contains "$out" "$tree/other/signing-keys.json:1: error: others can read the signing keys; instead: chmod 600"
(umask 077 && echo '{}' >"$tree/other/signing-keys.json")
chmod 600 "$tree/other/signing-keys.json"
expect_status 2 jit-broker check "$tree/other"
contains "$out" "signing-keys.json is no file of keys"

# --- nothing there, nothing said
for command in check serve audit rotate-key; do
	expect_status 2 jit-broker $command "$tree/nowhere"
	equals "$out" ""
	contains "$err" "; run: jit-broker init $tree/nowhere"
	expect_status 0 jit-broker $command --help
	contains "$out" "$command"
	expect_status 2 jit-broker $command
	equals "$out" ""
done
expect_status 2 jit-broker nonsense --json
equals "$(jq -c .error.next <<<"$err")" '"jit-broker help"'
