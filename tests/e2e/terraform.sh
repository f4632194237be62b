#!/bin/bash
# SPDX-License-Identifier: MIT
#
# jit-broker terraform: what it writes is what terraform would format, applies,
# and stays as it is while the broker puts and takes policies of its own.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$0")/lib.sh"

command -v terraform >/dev/null || skip "terraform is not installed"

# terraform in a directory, with nothing of the caller's but where its providers are.
config=${TF_CLI_CONFIG_FILE:-${HOME:-}/.terraformrc}
environment_of admin
terraform_in() {
	env -i "${environment[@]}" TF_CLI_CONFIG_FILE="$config" CHECKPOINT_DISABLE=1 \
		TF_IN_AUTOMATION=1 TF_INPUT=0 TF_CLI_ARGS=-no-color \
		AWS_ACCESS_KEY_ID=admin AWS_SECRET_ACCESS_KEY=admin \
		AWS_EC2_METADATA_DISABLED=true AWS_ENDPOINT_URL="$MOTO_URL" \
		terraform -chdir="$1" "${@:2}"
}

# --- what the writer writes -------------------------------------------------

mkdir "$tree/texts" "$tree/probe"
cp "$root"/tests/vectors/hcl/*.tf "$tree/texts"
expect_status 0 terraform_in "$tree" fmt -check -diff "$tree/texts"
rm "$tree/texts/golden.tf" # is about things that are not there
expect_status 0 terraform_in "$tree/texts" apply -auto-approve
equals "$(terraform_in "$tree/texts" output -raw odd 2>/dev/null | jq -cS .)" \
	"$(jq -cS . "$root/tests/vectors/hcl/odd.json")"

printf 'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n' \
	>"$tree/probe/probe.tf"
terraform_in "$tree/probe" init >/dev/null 2>&1 ||
	skip "terraform finds no AWS provider (TF_CLI_CONFIG_FILE names no mirror of it)"

start_moto
init_broker
cp "$root/tests/e2e/terraform.yaml" "$BROKER_DIR/profiles.yaml"
set_line "$BROKER_DIR/broker.conf" url https://jit.example.com/broker
endpoint=$(aws_admin ec2 create-vpc-endpoint --service-name com.amazonaws.eu-west-1.dynamodb \
	--vpc-id "$(aws_admin ec2 describe-vpcs --query 'Vpcs[0].VpcId' --output text)" \
	--query VpcEndpoint.VpcEndpointId --output text)
sed -i "s/vpce-0123456789abcdef0/$endpoint/" "$BROKER_DIR/profiles.yaml"
out_dir=$tree/out

# What the broker finds where it looks at the roles in AWS.
check_roles() {
	sed 's/^iam *=.*//; $a iam = on' "$BROKER_DIR/broker.conf" >"$tree/iam-broker/broker.conf"
	env AWS_ACCESS_KEY_ID=broker AWS_SECRET_ACCESS_KEY=broker \
		jit-broker check "$tree/iam-broker" --json
}
said_of_roles() {
	jq -r '.findings[].message | select(test("no role|trust policy|looked at|MaxSession|^account"))' <<<"$out"
}
cp -r "$BROKER_DIR" "$tree/iam-broker"
module=$out_dir/production

# --- the text ---------------------------------------------------------------

expect_status 0 jit-broker terraform "$BROKER_DIR" "$out_dir"
contains "$out" "27 files written, 0 unchanged, 0 removed"
expect_status 0 terraform_in "$tree" fmt -check -diff -recursive "$out_dir"

# The same again writes nothing; elsewhere, and from a file in another order,
# it is the same bytes.
expect_status 0 jit-broker terraform "$BROKER_DIR" "$out_dir" --json
equals "$(jq -c '[.written, .unchanged, .removed, .issuer]' <<<"$out")" \
	'[0,27,0,"https://jit.example.com/broker"]'
python - "$BROKER_DIR/profiles.yaml" <<'END'
import sys, yaml
path = sys.argv[1]
tree = yaml.safe_load(open(path))
for key in ("profiles", "accounts", "people"):
    tree[key] = dict(reversed(tree[key].items()))
yaml.safe_dump(tree, open(path + ".other", "w"), sort_keys=False, allow_unicode=True)
END
cp -r "$BROKER_DIR" "$tree/other-broker"
mv "$tree/other-broker/profiles.yaml.other" "$tree/other-broker/profiles.yaml"
rm "$BROKER_DIR/profiles.yaml.other"
expect_status 0 jit-broker terraform "$tree/other-broker" "$tree/other"
expect_status 0 diff -r "$out_dir" "$tree/other"

expect_status 2 check_roles
contains "$(said_of_roles)" "there is no role jit-orders-support in account 123456789012"
contains "$(said_of_roles)" "there is no role jit-staging-admin in account 222222222222"

# --- applied ----------------------------------------------------------------

# Two accounts, a boundary, the broker's own role, and somebody else's statement
# that stays on the endpoint.
boundary=$(aws_admin iam create-policy --policy-name jit-boundary --query Policy.Arn --output text \
	--policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}')
aws_admin iam create-role --role-name jit-broker --assume-role-policy-document \
	'{"Version":"2012-10-17","Statement":[]}' >/dev/null
cat >"$out_dir/terraform.tfvars" <<END
tags = { team = "platform" }
accounts = {
  production = {
    permissions_boundary = "$boundary"
    broker_roles         = ["jit-broker"]
    endpoints            = { "$endpoint" = { keep = "{\\"Statement\\":{\\"Sid\\":\\"Theirs\\",\\"Effect\\":\\"Allow\\",\\"Principal\\":\\"*\\",\\"Action\\":\\"s3:*\\",\\"Resource\\":\\"*\\"}}" } }
  }
  "2nd.staging" = {
    assume_role       = "arn:aws:iam::222222222222:role/deploy"
    broker_principals = ["arn:aws:iam::123456789012:role/jit-broker"]
  }
}
END
# A role that somebody made by hand before is taken over.
aws_admin iam create-role --role-name jit-invoices --assume-role-policy-document \
	'{"Version":"2012-10-17","Statement":[]}' >/dev/null
aws_admin iam put-role-policy --role-name jit-invoices --policy-name jit-access --policy-document \
	'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}]}'
cat >"$out_dir/imports.tf" <<'END'
import {
  to = module.production.aws_iam_role.invoices_overrid_x65_
  id = "jit-invoices"
}

import {
  to = module.production.aws_iam_role_policy.invoices_overrid_x65_
  id = "jit-invoices:jit-access"
}
END
expect_status 0 terraform_in "$out_dir" init
expect_status 0 terraform_in "$out_dir" validate
expect_status 0 terraform_in "$out_dir" apply -auto-approve
contains "$out" "2 imported"
rm "$out_dir/imports.tf"

# What AWS has now is what the profiles say.
document_of() {
	aws_admin iam get-role-policy --role-name "$1" --policy-name "$2" --query PolicyDocument | jq -cS .
}
equals "$(document_of jit-2nd-line jit-access)" "$(jq -cS . <<'END'
{"Version": "2012-10-17", "Statement": [{"Sid": "Odd", "Effect": "Allow", "Action": "s3:GetObject",
 "Resource": "arn:aws:s3:::bucket/a\"b\\c $${*} ${aws:username} %{ if true } \u00e9 <&>",
 "Condition": {"Bool": {"aws:SecureTransport": true}}}]}
END
)"
equals "$(document_of jit-orders-support jit-access)" \
	"$(jit-broker policy "$BROKER_DIR" orders-support --role | jq -cS .)"
role_of() {
	aws_admin iam get-role --role-name "$1" --query Role | jq -cS "$2"
}
equals "$(role_of jit-orders-support '[.MaxSessionDuration, .Tags, .PermissionsBoundary.PermissionsBoundaryArn]')" \
	"[7200,[{\"Key\":\"team\",\"Value\":\"platform\"}],\"$boundary\"]"
equals "$(role_of jit-invoices .MaxSessionDuration) $(role_of jit-2nd-line .MaxSessionDuration)" "3600 43200"
equals "$(role_of jit-invoices .Description)" \
	'"jit-broker, profile invoices_override: Rechnungen ? ü, ??, \"quoted\" and ${not.an.expression} %{if}"'
equals "$(role_of jit-2nd-line '.AssumeRolePolicyDocument.Statement[0] | [.Principal.Federated, .Condition]')" \
	'["arn:aws:iam::123456789012:oidc-provider/jit.example.com/broker",{"StringEquals":{"jit.example.com/broker:aud":"sts.amazonaws.com"},"StringLike":{"jit.example.com/broker:sub":"profile:2nd.line@night:user:*"}}]'

# One policy for the endpoint, of both profiles that name it, beside the other's.
policy=$(aws_admin ec2 describe-vpc-endpoints --vpc-endpoint-ids "$endpoint" \
	--query 'VpcEndpoints[0].PolicyDocument' --output text)
equals "$(jq -c '[.Statement[] | [.Effect, .Condition.ArnLike["aws:PrincipalArn"] // .Sid]]' <<<"$policy")" \
	'[["Allow","arn:aws:iam::123456789012:role/jit-invoices"],["Deny","arn:aws:iam::123456789012:role/jit-invoices"],["Allow","arn:aws:iam::123456789012:role/jit-orders-support"],["Allow","Theirs"]]'

# The broker's own rights: on these roles and under that path, within the boundary.
attached=$(aws_admin iam list-attached-role-policies --role-name jit-broker \
	--query 'AttachedPolicies[].PolicyName' --output text)
equals "$(tr '\t' '\n' <<<"$attached" | sort | tr '\n' ' ')" "jit-broker-production-ends-1 jit-broker-production-managers jit-broker-production-provision "
managed() {
	aws_admin iam get-policy-version --version-id v1 --query PolicyVersion.Document \
		--policy-arn "arn:aws:iam::123456789012:policy/$1" | jq -cS "$2"
}
equals "$(managed jit-broker-production-ends-1 '.Statement[1]')" \
	"{\"Action\":[\"iam:DeleteRolePolicy\",\"iam:PutRolePolicy\"],\"Condition\":{\"StringEquals\":{\"iam:PermissionsBoundary\":\"$boundary\"}},\"Effect\":\"Allow\",\"Resource\":[\"arn:aws:iam::123456789012:role/jit-2nd-line\",\"arn:aws:iam::123456789012:role/jit-invoices\",\"arn:aws:iam::123456789012:role/jit-orders-support\"]}"
equals "$(managed jit-broker-production-provision '[.Statement[].Resource]')" \
	'[["arn:aws:iam::123456789012:role/jit/*"],["arn:aws:iam::123456789012:role/jit/*"],"*"]'

# The same account by another name has the same provider and its own region.
contains "$(document_of jit-orders-us jit-access)" '"arn:aws:dynamodb:us-east-1:123456789012:table/orders"'
equals "$(role_of jit-orders-us '.AssumeRolePolicyDocument.Statement[0].Principal.Federated')" \
	'"arn:aws:iam::123456789012:oidc-provider/jit.example.com/broker"'

# The other account has its own, and this one has nothing of it.
lacks "$(aws_admin iam list-roles --query 'Roles[].RoleName' --output text)" jit-staging-admin
contains "$(terraform_in "$out_dir" output -json roles 2>/dev/null)" \
	'"2nd.staging":{"staging-admin":"arn:aws:iam::222222222222:role/jit-staging-admin"}'

# There the broker is the manager, which it may become from here.
equals "$(managed jit-broker-production-managers '.Statement[0] | [.Action, .Resource]')" \
	'["sts:AssumeRole",["arn:aws:iam::222222222222:role/jit-broker-manager"]]'
read -r id secret token < <(aws_admin sts assume-role --role-arn arn:aws:iam::222222222222:role/deploy \
	--role-session-name look --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
in_staging() {
	as admin env AWS_ACCESS_KEY_ID="$id" AWS_SECRET_ACCESS_KEY="$secret" AWS_SESSION_TOKEN="$token" \
		AWS_DEFAULT_REGION=eu-west-1 AWS_PAGER= "$aws_program" --endpoint-url "$MOTO_URL" "$@"
}
equals "$(in_staging iam get-role --role-name jit-broker-manager --query Role.AssumeRolePolicyDocument |
	jq -c '.Statement[0].Principal.AWS')" '["arn:aws:iam::123456789012:role/jit-broker"]'
equals "$(in_staging iam list-attached-role-policies --role-name jit-broker-manager \
	--query 'AttachedPolicies[].PolicyName' --output text)" jit-broker-2nd.staging-ends-1

# The broker, looking at the roles in both accounts, has nothing to say of them now.
expect_status 0 check_roles
equals "$(said_of_roles)" ""

# --- beside the broker ------------------------------------------------------

# The policy that ends sessions comes and goes while Terraform looks away.
ends='{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/jit_request":["r-0123456789"]}}}]}'
aws_admin iam put-role-policy --role-name jit-orders-support --policy-name jit-broker-ends --policy-document "$ends"
expect_status 0 terraform_in "$out_dir" plan -detailed-exitcode

# Somebody who widens a role by hand is put right.
aws_admin iam put-role-policy --role-name jit-orders-us --policy-name jit-access --policy-document \
	'{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
expect_status 0 terraform_in "$out_dir" apply -auto-approve
contains "$out" "0 added, 1 changed, 0 destroyed"
lacks "$(document_of jit-orders-us jit-access)" '"Action":"*"'
equals "$(document_of jit-orders-support jit-broker-ends)" "$(jq -cS . <<<"$ends")"

# A profile that is gone takes its file and its role with it, and nothing else;
# without a boundary the broker's rights have no such condition.
printf 'locals {}\n' >"$out_dir/ours.tf"
sed -i '/permissions_boundary/d' "$out_dir/terraform.tfvars"
python - "$BROKER_DIR/profiles.yaml" <<'END'
import sys, yaml
path = sys.argv[1]
tree = yaml.safe_load(open(path))
del tree["profiles"]["invoices_override"]
yaml.safe_dump(tree, open(path, "w"), sort_keys=False, allow_unicode=True)
END
expect_status 0 jit-broker terraform "$BROKER_DIR" "$out_dir"
contains "$out" "3 files written, 23 unchanged, 1 removed"
[ -f "$out_dir/ours.tf" ] && [ -f "$out_dir/terraform.tfstate" ] || fail "it removed what is not its own"
expect_status 0 terraform_in "$out_dir" apply -auto-approve
contains "$out" "2 destroyed"
equals "$(document_of jit-orders-support jit-broker-ends)" "$(jq -cS . <<<"$ends")"
equals "$(aws_admin iam get-policy-version --version-id v2 --query PolicyVersion.Document --policy-arn \
	arn:aws:iam::123456789012:policy/jit-broker-production-ends-1 | jq -c '.Statement[1].Condition')" '{}'
lacks "$(aws_admin iam list-roles --query 'Roles[].RoleName' --output text)" jit-invoices

# The module of an account needs no root of ours.
expect_status 0 terraform_in "$module" init -backend=false
expect_status 0 terraform_in "$module" validate

# --- refused ----------------------------------------------------------------

# The wrong account, and an account that no profile uses.
expect_status 1 terraform_in "$out_dir" plan -var 'accounts={production={assume_role="arn:aws:iam::222222222222:role/deploy"}}'
contains "$err" "222222222222"
expect_status 1 terraform_in "$out_dir" plan -var 'accounts={prodction={}}'
contains "$err" "accounts has the name of an account that no profile uses"

# http:// is no issuer for AWS.
expect_status 1 terraform_in "$out_dir" plan -var issuer=http://127.0.0.1:8440
contains "$err" "AWS takes an https:// URL"
