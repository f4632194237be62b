#!/bin/bash
# SPDX-License-Identifier: MIT
# jitctl configure: the right file, with its mode, in one step; what would win
# over the profile is said; --remove brings the old bytes back.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/client.sh"

helper=$JIT_BUILD/bin/jit-credentials
case $helper in *' '*) value="\"$helper\"" ;; *) value=$helper ;; esac
known='{"Status":[{"parameters":{"sessions":['"$session"']}}],
	"Profiles":[{"parameters":{"profiles":[{"name":"orders"},{"name":"other"}]}}]}'
fake "$known"

# A home without ~/.aws: made for its owner alone, with the session's region.
expect_status 0 jitctl configure orders
equals "$(cat "$HOME/.aws/config")" "# added by: jitctl configure
[profile orders]
region = eu-west-1
credential_process = $value orders"
equals "$(stat -c %a "$HOME/.aws" "$HOME/.aws/config" | tr '\n' ' ')" "700 600 "
equals "$err" ""
contains "$out" "aws --profile orders"
[ ! -e "$HOME/.aws/credentials" ] || fail "credentials was touched"

# Another name, another file by option or environment; the mode stays.
printf '[default]\r\noutput = json' >"$tree/before"
install -m 640 "$tree/before" "$tree/config"
expect_status 0 jitctl configure other --name mine --region us-west-2 --file "$tree/config" --json
equals "$(jq -r '.file, .aws_profile, .credential_process, .region, (.warnings | length)' <<<"$out")" \
	"$tree/config
mine
$value other
us-west-2
0"
equals "$(stat -c %a "$tree/config")" 640
cp "$tree/config" "$tree/once"
expect_status 0 env AWS_CONFIG_FILE="$tree/config" jitctl configure other --name mine
cmp "$tree/once" "$tree/config"
expect_status 0 env AWS_CONFIG_FILE="$tree/config" jitctl configure other --name mine --remove
cmp "$tree/before" "$tree/config"
expect_status 13 jitctl configure other --name mine --remove --file "$tree/config"
contains "$err" "added nothing for profile mine"

# A link stays a link.
ln -s config "$tree/link"
expect_status 0 jitctl configure orders --file "$tree/link"
[ -L "$tree/link" ] || fail "the link was replaced"
grep -q credential_process "$tree/config"

# What would win.
printf '[orders]\naws_access_key_id = x\n' >"$HOME/.aws/credentials"
cp "$HOME/.aws/credentials" "$tree/credentials"
expect_status 0 env AWS_ACCESS_KEY_ID=x jitctl configure orders
contains "$err" "$HOME/.aws/credentials has [orders] and wins"
contains "$err" "AWS_ACCESS_KEY_ID is set and wins"
cmp "$tree/credentials" "$HOME/.aws/credentials"

# Refused, and then not a byte is changed.
printf '[profile orders]\nrole_arn = x\n' >"$tree/foreign"
cp "$tree/foreign" "$tree/foreign.before"
expect_status 11 jitctl configure orders --file "$tree/foreign"
contains "$err" "profile orders gets its credentials by role_arn already"
cmp "$tree/foreign" "$tree/foreign.before"
expect_status 13 jitctl configure nonsense
contains "$err" "there is no profile nonsense; run: jitctl profiles"
expect_status 2 jitctl configure orders --file "$tree"
expect_status 2 jitctl configure orders --name "a]b"
expect_status 2 jitctl configure orders --region "eu west"

# A broker's region is a region, and no line of its own choice.
evil='"region":"eu-west-1\ncredential_process = /tmp/evil"'
for known in '{"Status":[{"parameters":{"sessions":[{"profile":"orders",'"$evil"'}]}}]}' \
	'{"Status":[{"parameters":{"sessions":[]}}],"Profiles":[{"parameters":{"profiles":[{"name":"orders",'"$evil"'}]}}]}'; do
	fake "$known"
	expect_status 1 jitctl configure orders --file "$tree/evil"
	contains "$err" 'is no region; run: jitctl configure orders --region REGION'
	[ ! -e "$tree/evil" ] || fail "written: $(cat "$tree/evil")"
done
expect_status 0 jitctl configure orders --region eu-west-1 --file "$tree/evil"
lacks "$(cat "$tree/evil")" /tmp/evil

# What is not to be written, or is not there to be, is left as it is.
install -m 444 "$tree/before" "$tree/readonly"
expect_status 11 jitctl configure orders --region x --file "$tree/readonly"
contains "$err" "$tree/readonly is read-only"
cmp "$tree/before" "$tree/readonly"
expect_status 2 jitctl configure orders --json --file "$tree/"$'\xff'
contains "$err" 'is no file that JSON can name'
ln -s nowhere "$tree/dangling"
expect_status 2 jitctl configure orders --region x --file "$tree/dangling"
contains "$err" "is a link to a file that is not there"
[ -L "$tree/dangling" ] || fail "the link was replaced"
printf '\xef\xbb\xbf[default]\n' >"$tree/mark"
expect_status 2 jitctl configure orders --region x --file "$tree/mark"
contains "$err" "$tree/mark: it begins with a byte order mark"

# Many at once: none undoes what another wrote, and none makes a directory to remove.
names=$(seq -f 'many-%g' 30)
for name in $names; do
	start "configure-$name" jitctl configure orders --region x --name "$name" --file "$tree/many/config"
done
for name in $names; do
	finished "configure-$name" || fail "$name: $(cat "$tree/configure-$name.log")"
done
for name in $names; do
	grep -qxF "[profile $name]" "$tree/many/config" || fail "$name is lost"
done
expect_status 13 jitctl configure orders --remove --file "$tree/nowhere/config"
[ ! -e "$tree/nowhere" ] || fail "a directory was made"

# Without an agent the file is written all the same.
stop fake
expect_status 0 jitctl configure anything --file "$tree/new"
equals "$out" "$tree/new: profile anything; use it with: AWS_CONFIG_FILE=$tree/new aws --profile anything"
expect_status 0 env AWS_CONFIG_FILE="$tree/new" jitctl configure anything
equals "$out" "$tree/new: profile anything; use it with: aws --profile anything"
grep -qx "credential_process = $value anything" "$tree/new"
