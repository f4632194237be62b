/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "broker/terraform-parts.h"

/*
 * The root module: an AWS provider and a module for each account.  Only the
 * account's own module says what is made, so a team may as well call that one
 * from a root of its own.
 */

int terraform_versions(struct hcl *hcl, const struct terraform_plan *plan,
		       const struct terraform_account *account, struct error *error)
{
	(void)plan;
	(void)account;
	(void)error;
	hcl_block(hcl, "terraform", NULL, NULL);
	hcl_string(hcl, "required_version", ">= 1.3");
	hcl_blank(hcl);
	hcl_block(hcl, "required_providers", NULL, NULL);
	hcl_open(hcl, "aws", "{");
	hcl_string(hcl, "source", "hashicorp/aws");
	hcl_string(hcl, "version", ">= 5.81");
	hcl_end(hcl);
	hcl_end(hcl);
	hcl_end(hcl);
	return 0;
}

static void provider(struct hcl *hcl, const struct terraform_account *account)
{
	hcl_block(hcl, "provider", "aws", NULL);
	hcl_string(hcl, "alias", account->identifier);
	hcl_string(hcl, "region", account->account->region);
	hcl_expression(hcl, "allowed_account_ids", "[\"%s\"]", account->account->id);
	hcl_blank(hcl);
	hcl_block(hcl, "dynamic", "assume_role", NULL);
	hcl_expression(hcl, "for_each", "try(var.accounts[\"%s\"].assume_role[*], [])",
		       account->account->name);
	hcl_blank(hcl);
	hcl_block(hcl, "content", NULL, NULL);
	hcl_expression(hcl, "role_arn", "assume_role.value");
	hcl_end(hcl);
	hcl_end(hcl);
	hcl_end(hcl);
}

int terraform_root_providers(struct hcl *hcl, const struct terraform_plan *plan,
			     const struct terraform_account *account, struct error *error)
{
	(void)account;
	(void)error;
	for (size_t i = 0; i < plan->count; i++) {
		if (i > 0)
			hcl_blank(hcl);
		provider(hcl, &plan->accounts[i]);
	}
	return 0;
}

/* A misspelled account would silently get nothing of what it was to get. */
static void accounts_are_known(struct hcl *hcl, const struct terraform_plan *plan)
{
	hcl_blank(hcl);
	hcl_block(hcl, "validation", NULL, NULL);
	hcl_open(hcl, "condition", "length(setsubtract(keys(var.accounts), [");
	for (size_t i = 0; i < plan->count; i++)
		hcl_string(hcl, NULL, plan->accounts[i].account->name);
	hcl_close(hcl, "])) == 0");
	hcl_string(hcl, "error_message",
		   "accounts has the name of an account that no profile uses.");
	hcl_end(hcl);
}

int terraform_root_variables(struct hcl *hcl, const struct terraform_plan *plan,
			     const struct terraform_account *account, struct error *error)
{
	(void)account;
	(void)error;
	terraform_common_variables(hcl, plan);
	hcl_blank(hcl);
	hcl_comment(hcl, "assume_role: the role with which Terraform works in the "
			 "account; else as who it is started.");
	hcl_comment(hcl, "The others are the variables of the account's module.");
	hcl_block(hcl, "variable", "accounts", NULL);
	hcl_string(hcl, "description", "What is different in an account, by its name.");
	hcl_open(hcl, "type", "map(object({");
	hcl_expression(hcl, "assume_role", "optional(string)");
	hcl_expression(hcl, "oidc_provider", "optional(bool, true)");
	hcl_expression(hcl, "permissions_boundary", "optional(string)");
	hcl_expression(hcl, "broker_roles", "optional(set(string), [])");
	hcl_expression(hcl, "broker_principals", "optional(list(string), [])");
	hcl_expression(hcl, "endpoints",
		       "optional(map(object({ keep = optional(string) })), {})");
	hcl_close(hcl, "}))");
	hcl_expression(hcl, "default", "{}");
	accounts_are_known(hcl, plan);
	hcl_end(hcl);
	return 0;
}

static void module(struct hcl *hcl, const struct terraform_plan *plan,
		   const struct terraform_account *account)
{
	const char *name = account->account->name;

	hcl_block(hcl, "module", account->identifier, NULL);
	hcl_expression(hcl, "source", "\"./%s\"", account->identifier);
	hcl_blank(hcl);
	hcl_open(hcl, "providers", "{");
	hcl_expression(hcl, "aws", "aws.%s", account->identifier);
	hcl_end(hcl);
	hcl_blank(hcl);
	hcl_expression(hcl, "issuer", "var.issuer");
	hcl_expression(hcl, "thumbprints", "var.thumbprints");
	hcl_expression(hcl, "tags", "var.tags");
	if (account->twin)
		hcl_expression(hcl, "oidc_provider", "false");
	else
		hcl_expression(hcl, "oidc_provider",
			       "try(var.accounts[\"%s\"].oidc_provider, true)", name);
	hcl_expression(hcl, "permissions_boundary",
		       "try(var.accounts[\"%s\"].permissions_boundary, null)", name);
	hcl_expression(hcl, "broker_roles", "try(var.accounts[\"%s\"].broker_roles, [])",
		       name);
	if (terraform_makes_manager(plan, account))
		hcl_expression(hcl, "broker_principals",
			       "try(var.accounts[\"%s\"].broker_principals, [])", name);
	if (account->endpoints.count > 0)
		hcl_expression(hcl, "endpoints",
			       "try(var.accounts[\"%s\"].endpoints, {})", name);
	if (account->twin) {
		hcl_blank(hcl);
		hcl_comment(hcl, "The same account as that, which makes the provider.");
		hcl_expression(hcl, "depends_on", "[module.%s.oidc_provider]",
			       account->twin->identifier);
	}
	hcl_end(hcl);
}

int terraform_root_main(struct hcl *hcl, const struct terraform_plan *plan,
			const struct terraform_account *account, struct error *error)
{
	(void)account;
	(void)error;
	for (size_t i = 0; i < plan->count; i++) {
		if (i > 0)
			hcl_blank(hcl);
		module(hcl, plan, &plan->accounts[i]);
	}
	return 0;
}

/* An output of all modules, by account. */
static void output(struct hcl *hcl, const struct terraform_plan *plan, const char *name,
		   const char *description, bool is_of_endpoints)
{
	hcl_block(hcl, "output", name, NULL);
	hcl_string(hcl, "description", description);
	hcl_open(hcl, "value", "{");
	for (size_t i = 0; i < plan->count; i++) {
		const struct terraform_account *account = &plan->accounts[i];
		char key[80];

		if (is_of_endpoints && account->endpoints.count == 0)
			continue;
		snprintf(key, sizeof(key), "\"%s\"", account->account->name);
		hcl_expression(hcl, key, "module.%s.%s", account->identifier, name);
	}
	hcl_end(hcl);
	hcl_end(hcl);
}

static bool has_endpoints(const struct terraform_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->accounts[i].endpoints.count > 0)
			return true;
	return false;
}

int terraform_root_outputs(struct hcl *hcl, const struct terraform_plan *plan,
			   const struct terraform_account *account, struct error *error)
{
	(void)account;
	(void)error;
	output(hcl, plan, "oidc_provider",
	       "By account: the ARN of the broker as AWS knows it.", false);
	hcl_blank(hcl);
	output(hcl, plan, "roles", "By account and profile: the ARN of its role.", false);
	hcl_blank(hcl);
	output(hcl, plan, "broker_policies",
	       "By account: the ARNs of the policies that the broker itself needs.",
	       false);
	if (has_endpoints(plan)) {
		hcl_blank(hcl);
		output(hcl, plan, "endpoint_policies",
		       "By account and VPC endpoint: the policy that lets the profiles "
		       "through.",
		       true);
	}
	return 0;
}
