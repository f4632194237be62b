/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/cleanup.h"
#include "broker/terraform-parts.h"
#include "policy/meaning.h"

/*
 * What the broker itself may do in the account: put and take the policy that
 * ends sessions on the roles of profiles, and make and destroy the roles of
 * those that have one for each session.
 */

/* A managed policy holds 6,144 characters, the ARN of a role has up to 110. */
#define ROLES_OF_A_POLICY 50

/* Stand for what only Terraform knows; no name can hold them. */
#define BOUNDARY_MARK "\x1f_boundary"
#define ROLES_MARK "\x1f_roles"

static const struct hcl_reference references[] = {
	{ BOUNDARY_MARK, "local.boundary" },
	{ ROLES_MARK, "local.role_lists[count.index]" },
	{ NULL, NULL },
};

static int no_memory(struct error *error)
{
	return error_set(error, ERROR_INTERNAL, "out of memory");
}

/* Takes the statements over. */
static int write_policy(struct hcl *hcl, const struct terraform_account *account,
			const char *name, const char *description, json_t *statements)
{
	json_auto_t *json = statements ? json_pack("{s:s, s:o}", "Version", "2012-10-17",
						   "Statement", statements)
				       : NULL;

	if (!json)
		return -1;
	hcl_expression(hcl, "name", "\"jit-broker-%s-%s\"", account->account->name, name);
	hcl_string(hcl, "description", description);
	hcl_expression(hcl, "tags", "var.tags");
	hcl_blank(hcl);
	hcl_json(hcl, "policy", json, references);
	return 0;
}

static int write_ends(struct hcl *hcl, const struct terraform_account *account,
		      struct error *error)
{
	json_t *statements = json_pack(
	    "[{s:s, s:[s,s,s], s:s}, {s:s, s:[s,s], s:s, s:s}]",
	    /* to look before it changes anything */
	    "Effect", "Allow", "Action", "iam:GetRole", "iam:GetRolePolicy",
	    "iam:ListRolePolicies", "Resource", ROLES_MARK,
	    /* the policy that ends sessions */
	    "Effect", "Allow", "Action", "iam:DeleteRolePolicy", "iam:PutRolePolicy",
	    "Resource", ROLES_MARK, "Condition", BOUNDARY_MARK);

	hcl_blank(hcl);
	hcl_block(hcl, "resource", "aws_iam_policy", "ends");
	hcl_expression(hcl, "count", "length(local.role_lists)");
	if (write_policy(hcl, account, "ends-${count.index + 1}",
			 "What jit-broker needs to end sessions on the roles of profiles",
			 statements) < 0)
		return no_memory(error);
	hcl_end(hcl);
	return 0;
}

/* Every role under the paths of the account's profiles, each path once. */
static json_t *provision_roles(const struct terraform_account *account)
{
	json_t *list = json_array();
	json_auto_t *seen = json_object();

	for (size_t i = 0; list && i < account->count; i++) {
		const struct provision *provision = account->profiles[i]->provision;

		if (!provision || json_object_get(seen, provision->path))
			continue;
		if (json_object_set_new(seen, provision->path, json_true()) < 0 ||
		    json_array_append_new(
			list, json_sprintf("arn:%s:iam::%s:role%s*",
					   partition_of(account->place.region),
					   account->place.account_id, provision->path)) <
			0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static int write_provision(struct hcl *hcl, const struct terraform_account *account,
			   struct error *error)
{
	json_auto_t *roles = provision_roles(account);
	json_t *statements = json_pack(
	    "[{s:s, s:[s,s], s:O, s:s}, {s:s, s:[s,s,s,s,s,s,s], s:O}, {s:s, s:s, s:s}]",
	    /* to make a role, within the boundary */
	    "Effect", "Allow", "Action", "iam:CreateRole", "iam:PutRolePolicy",
	    "Resource", roles, "Condition", BOUNDARY_MARK,
	    /* to know it again and to destroy it */
	    "Effect", "Allow", "Action", "iam:DeleteRole", "iam:DeleteRolePolicy",
	    "iam:GetRole", "iam:GetRolePolicy", "iam:ListRolePolicies",
	    "iam:ListRoleTags", "iam:TagRole", "Resource", roles,
	    /* to find what a crash left; AWS knows no narrower resource */
	    "Effect", "Allow", "Action", "iam:ListRoles", "Resource", "*");

	hcl_blank(hcl);
	hcl_comment(hcl, "Without a permissions boundary the broker may make roles here "
			 "that may do anything.");
	hcl_block(hcl, "resource", "aws_iam_policy", "provision");
	if (write_policy(hcl, account, "provision",
			 "What jit-broker needs to make roles for sessions and to "
			 "destroy them",
			 statements) < 0)
		return no_memory(error);
	hcl_end(hcl);
	return 0;
}

static int write_managers(struct hcl *hcl, const struct terraform_account *account,
			  json_t *managers, struct error *error)
{
	json_t *statements = json_pack("[{s:s, s:s, s:O}]", "Effect", "Allow", "Action",
				       "sts:AssumeRole", "Resource", managers);

	hcl_blank(hcl);
	hcl_block(hcl, "resource", "aws_iam_policy", "managers");
	if (write_policy(hcl, account, "managers",
			 "What jit-broker needs to write to IAM in other accounts",
			 statements) < 0)
		return no_memory(error);
	hcl_end(hcl);
	return 0;
}

static void write_role_arns(struct hcl *hcl, const struct terraform_account *account)
{
	hcl_open(hcl, "role_arns", "[");
	for (size_t i = 0; i < account->count; i++) {
		char identifier[HCL_IDENTIFIER_SIZE];

		if (account->profiles[i]->role)
			hcl_expression(
			    hcl, NULL, "aws_iam_role.%s.arn",
			    hcl_identifier(account->profiles[i]->name, identifier));
	}
	hcl_close(hcl, "]");
	hcl_blank(hcl);
	hcl_comment(hcl, "As many as one policy can name.");
	hcl_expression(hcl, "role_lists", "chunklist(local.role_arns, %d)",
		       ROLES_OF_A_POLICY);
	hcl_blank(hcl);
}

static void write_locals(struct hcl *hcl, const struct terraform_account *account,
			 bool has_managers)
{
	const char *manager = terraform_manager_name(account->account);

	hcl_block(hcl, "locals", NULL, NULL);
	if (terraform_has_roles(account))
		write_role_arns(hcl, account);
	hcl_comment(hcl, "No condition where there is no boundary.");
	hcl_expression(hcl, "boundary",
		       "{ for arn in var.permissions_boundary[*] : \"StringEquals\" => { "
		       "\"iam:PermissionsBoundary\" = arn } }");
	hcl_blank(hcl);
	hcl_open(hcl, "broker_policies", "concat(");
	if (terraform_has_roles(account))
		hcl_expression(hcl, NULL, "aws_iam_policy.ends[*].arn");
	if (terraform_has_provision(account))
		hcl_expression(hcl, NULL, "[aws_iam_policy.provision.arn]");
	if (has_managers)
		hcl_expression(hcl, NULL, "[aws_iam_policy.managers.arn]");
	hcl_close(hcl, ")");
	if (manager)
		hcl_expression(hcl, "broker_roles",
			       "setunion(var.broker_roles, [\"%s\"])", manager);
	else
		hcl_expression(hcl, "broker_roles", "var.broker_roles");
	hcl_end(hcl);
}

static void write_attachments(struct hcl *hcl, const struct terraform_plan *plan,
			      const struct terraform_account *account)
{
	hcl_blank(hcl);
	hcl_block(hcl, "resource", "aws_iam_role_policy_attachment", "broker");
	hcl_expression(
	    hcl, "for_each",
	    "{ for pair in setproduct(local.broker_roles, "
	    "range(length(local.broker_policies))) : \"${pair[0]}/${pair[1]}\" "
	    "=> pair }");
	hcl_expression(hcl, "role", "each.value[0]");
	hcl_expression(hcl, "policy_arn", "local.broker_policies[each.value[1]]");
	if (terraform_makes_manager(plan, account)) {
		hcl_blank(hcl);
		hcl_expression(hcl, "depends_on", "[aws_iam_role._manager]");
	}
	hcl_end(hcl);
}

int terraform_account_rights(struct hcl *hcl, const struct terraform_plan *plan,
			     const struct terraform_account *account, struct error *error)
{
	json_auto_t *managers = terraform_managers(plan, account);
	bool has_managers = json_array_size(managers) > 0;
	int r = 0;

	if (!managers)
		return no_memory(error);
	write_locals(hcl, account, has_managers);
	if (terraform_has_roles(account))
		r = write_ends(hcl, account, error);
	if (r == 0 && terraform_has_provision(account))
		r = write_provision(hcl, account, error);
	if (r == 0 && has_managers)
		r = write_managers(hcl, account, managers, error);
	if (r < 0)
		return r;
	write_attachments(hcl, plan, account);
	return 0;
}
