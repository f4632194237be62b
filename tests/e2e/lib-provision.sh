# SPDX-License-Identifier: MIT
# shellcheck shell=bash
#
# Sourced behind lib.sh: a broker that makes a role for each session, behind a proxy
# that writes down its calls of AWS and makes their weather.

weather=$tree/weather
mkdir -p "$weather"

# start_weather [UPSTREAM]: in front of moto, or of that; sets WEATHER_URL.
start_weather() {
	start weather "$venv/bin/python" "$root/tests/e2e/aws_weather.py" "${1:-$MOTO_URL}" "$weather" "$MOTO_URL"
	WEATHER_URL=$(wait_for_line "$tree/weather.log" '^http://')
}

# plan RULE...: JSON objects; none: fair weather.
plan() {
	local IFS=,
	echo "[$*]" >"$weather/plan.new"
	mv "$weather/plan.new" "$weather/plan"
}

# calls [PATTERN]: how many there were like that.
calls() {
	touch "$weather/calls"
	grep -cE -- "${1:-.}" "$weather/calls" || true
}

# init_provisioning: a broker with the profile tables-scaling, iam = on.
init_provisioning() {
	start_moto
	start_weather
	init_broker
	cat >"$BROKER_DIR/profiles.yaml" <<-END
		version: 1
		accounts:
		  production: { id: "123456789012", region: eu-west-1, boundary: jit-boundary }
		people:
		  ann:  { groups: [support] }
		  bob:  { groups: [support] }
		  dora: { groups: [dba] }
		roles:
		  support: [ask, approve]
		  dba: [ask, approve, revoke]
		profiles:
		  tables-scaling:
		    summary: Scale the tables, never read them
		    account: production
		    provision: { path: /jit/ }
		    who: [support]
		    longest: 8h
		    usual: 1h
		    approval: { peer: { group: support } }
		    access:
		      - dynamodb: { table: "*", actions: [UpdateTable, DescribeTable, ListTables] }
		      - deny: { dynamodb: { table: payroll } }
	END
	set_line "$BROKER_DIR/broker.conf" iam on
	set_line "$BROKER_DIR/broker.conf" iam_url "$WEATHER_URL"
	set_line "$BROKER_DIR/broker.conf" sts_url "$WEATHER_URL"
	# What a boundary names has to be there.
	aws_admin iam create-policy --policy-name jit-boundary --policy-document \
		'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}]}' >/dev/null
}

# serve_provisioning: the broker, whose pid the proxy knows.
serve_provisioning() {
	serve_broker
	echo "${pid_of[broker]}" >"$weather/pid"
}

# roles [JQ]: those under /jit/, by name; of each what JQ says.
roles() {
	aws_admin iam list-roles --path-prefix /jit/ | jq -r ".Roles[] | ${1:-.RoleName}" | sort
}

no_roles() {
	[ -z "$(roles)" ]
}

# rows COLUMN...: of the store's own table.
rows() {
	python -c 'import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute("SELECT " + sys.argv[2] + " FROM provisions ORDER BY request"):
    print(*row)' "$BROKER_DIR/broker.db" "$*"
}

# audited ID: the events of that request, one a line.
audited() {
	jit-broker audit "$BROKER_DIR" --json | jq -r --arg id "$1" 'select(.request == $id) | .event'
}

# lives WHAT ARGUMENT...: of provision_life.py.
lives() {
	BROKER_URL=$BROKER_URL BROKER_DIR=$BROKER_DIR MOTO_URL=$MOTO_URL WEATHER=$weather \
		STATE=$tree PYTHONPATH=$root/tests/e2e python "$root/tests/e2e/provision_life.py" "$@"
}

# enroll_lives: ann's and bob's devices of provision_life.py.
enroll_lives() {
	lives enroll "$(invite ann)" "$(invite bob)"
}
