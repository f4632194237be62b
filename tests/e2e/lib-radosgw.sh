# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Sourced behind lib.sh: Ceph's radosgw as an STS and S3 of our own, which fetches an
# issuer's keys, checks every token, and enforces trust, tags and session policies.
#
#	RADOSGW_URL   once start_radosgw is back
#	ACCOUNT       the tenant in which everything is made: AWS's account id
#
# One monitor and one OSD in memory, on loopback, all in $tree.
ACCOUNT=123456789012
RADOSGW_URL=
ceph_directory=$tree/ceph

need radosgw radosgw ceph-mon ceph-osd ceph-common
for program in ceph ceph-mon ceph-osd monmaptool radosgw-admin; do
	need $program radosgw ceph-mon ceph-osd ceph-common
done

ceph_() {
	timeout "$(seconds 30)" ceph -c "$ceph_directory/ceph.conf" "$@"
}

# free_ports N: that many, all free a moment ago.
free_ports() {
	/usr/bin/python3 - "$1" <<'END'
import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(s.getsockname()[1] for s in held))
END
}

write_ceph_conf() {
	cat >"$ceph_directory/ceph.conf" <<END
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon_initial_members = a
mon_host = v1:127.0.0.1:$1
ms_bind_msgr2 = false
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
osd_pool_default_size = 1
osd_pool_default_min_size = 1
mon_allow_pool_size_one = true
osd_pool_default_pg_num = 2
osd_pool_default_pgp_num = 2
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
osd_objectstore = memstore
memstore_device_bytes = 1073741824
mon_data = $ceph_directory/mon
mon_data_avail_warn = 1
mon_data_avail_crit = 1
osd_data = $ceph_directory/osd
run_dir = $ceph_directory
pid_file =
admin_socket = $ceph_directory/\$name.asok
log_file = $ceph_directory/\$name.log
[client.rgw]
rgw_frontends = beast endpoint=127.0.0.1:$2
rgw_sts_key = abcdefghijklmnop
rgw_s3_auth_use_sts = true
debug_rgw = 10
END
}

# new_osd UUID: leaves its id in $tree/osd-id; asked again, it is the same one.
new_osd() {
	ceph_ osd new "$1" >"$tree/osd-id"
}

osd_is_up() {
	[ "$(ceph_ osd stat -f json 2>/dev/null | jq .num_up_osds)" = 1 ]
}

# It gives up at once with 'wrong fsid' now and then, also several times running:
# before it has the monitor's map it knows no other than none.
start_osd() {
	local deadline=$((SECONDS + $(seconds 60))) patience
	while [ $SECONDS -lt $deadline ]; do
		start osd ceph-osd -f -c "$ceph_directory/ceph.conf" -i "$1"
		patience=$((SECONDS + $(seconds 20)))
		while is_running osd && [ $SECONDS -lt $patience ]; do
			! osd_is_up || return 0
		done
		stop osd
	done
	fail "the OSD did not come up in time"
}

# start_radosgw: sets RADOSGW_URL; its admin may do everything in the tenant.
start_radosgw() {
	local monitor port uuid id
	read -r monitor port < <(free_ports 2)
	mkdir -p "$ceph_directory"/{mon,osd}
	write_ceph_conf "$monitor" "$port"
	(
		cd "$ceph_directory"
		monmaptool --create --clobber --addv a "v1:127.0.0.1:$monitor" \
			--fsid "$(sed -n 's/^fsid = //p' ceph.conf)" monmap
		ceph-mon -c ceph.conf -i a --mkfs --monmap monmap
	) >>"$tree/ceph.log" 2>&1
	start monitor ceph-mon -f -c "$ceph_directory/ceph.conf" -i a
	uuid=$(cat /proc/sys/kernel/random/uuid)
	poll 30 new_osd "$uuid"
	id=$(<"$tree/osd-id")
	ceph-osd -c "$ceph_directory/ceph.conf" -i "$id" --mkfs --osd-uuid "$uuid" >>"$tree/ceph.log" 2>&1
	start_osd "$id"
	start radosgw radosgw -f -c "$ceph_directory/ceph.conf" -n client.rgw
	RADOSGW_URL=http://127.0.0.1:$port
	poll 60 curl -s -o /dev/null "$RADOSGW_URL/"
	radosgw-admin -c "$ceph_directory/ceph.conf" -n client.rgw user create --tenant $ACCOUNT \
		--uid admin --display-name admin --access-key ADMINACCESSKEY --secret adminsecretkey \
		--caps "oidc-provider=*;roles=*" >>"$tree/ceph.log" 2>&1
}

# radosgw_as NAME ARGUMENT...: that person's AWS CLI, talking to radosgw.
radosgw_as() {
	local name=$1
	shift
	as "$name" AWS_EC2_METADATA_DISABLED=true AWS_PAGER= AWS_DEFAULT_REGION=us-east-1 \
		AWS_MAX_ATTEMPTS=1 "$aws_program" --endpoint-url "$RADOSGW_URL" "$@"
}

# radosgw_admin ARGUMENT...
radosgw_admin() {
	radosgw_as rgwadmin "$@"
}
mkdir -p "$tree/rgwadmin/.aws"
printf '[default]\naws_access_key_id = ADMINACCESSKEY\naws_secret_access_key = adminsecretkey\n' \
	>"$tree/rgwadmin/.aws/credentials"

# trust_issuer URL: with the thumbprint of the certificate of each key that it publishes.
trust_issuer() {
	local thumbprints
	mapfile -t thumbprints < <(curl -sf "$1/jwks.json" | jq -r '.keys[].x5c[0]' |
		while read -r certificate; do
			base64 -d <<<"$certificate" | sha1sum | cut -c1-40 | tr a-f A-F
		done)
	[ ${#thumbprints[@]} -gt 0 ] || fail "$1 publishes no certificate"
	radosgw_admin iam create-open-id-connect-provider --url "$1" \
		--client-id-list sts.amazonaws.com --thumbprint-list "${thumbprints[@]}" >/dev/null
}

# without_spaces: radosgw's parser of policies knows none.
without_spaces() {
	jq -c .
}

# use_iam STS-URL IAM-URL: the broker's configuration, as radosgw's admin.
use_iam() {
	set_line "$BROKER_DIR/broker.conf" sts_url "$1"
	set_line "$BROKER_DIR/broker.conf" iam_url "$2"
	set_line "$BROKER_DIR/broker.conf" iam on
	set_line "$BROKER_DIR/broker.conf" aws_credentials_file "$tree/rgwadmin/.aws/credentials"
}

# put_reports KEY...: a bucket with a report at each, which says its key.
put_reports() {
	local key
	radosgw_admin s3api create-bucket --bucket reports >/dev/null
	for key in "$@"; do
		echo "$key" >"$tree/object"
		radosgw_admin s3api put-object --bucket reports --key "$key/report" --body "$tree/object" >/dev/null
	done
}

# keys_of PERSON: has the keys of the JSON on standard input from now on.
keys_of() {
	mkdir -p "$tree/$1/.aws"
	jq -r '"[default]
aws_access_key_id = \(.AccessKeyId)
aws_secret_access_key = \(.SecretAccessKey)
aws_session_token = \(.SessionToken)"' >"$tree/$1/.aws/credentials"
}

# reads PERSON KEY [OPTION...]: whether that person may read the report.
reads() {
	radosgw_as "$1" "${@:3}" s3api head-object --bucket reports --key "$2/report"
}

# denied PERSON KEY [OPTION...]: and that it is for want of permission.
denied() {
	expect_status 254 reads "$@"
	contains "$err" "(403)"
}

# stop_radosgw: nothing worth a clean end, and it takes its time.
stop_radosgw() {
	local name
	for name in radosgw osd monitor; do stop $name KILL; done 2>/dev/null
}
