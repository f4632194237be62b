/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "broker/terraform-parts.h"
#include "policy/meaning.h"

/*
 * The module of an account: its variables and outputs, and the broker as an
 * identity provider.  It names no provider, so it can be called from any root.
 */

static void endpoints_variable(struct hcl *hcl, const struct terraform_account *account)
{
	hcl_blank(hcl);
	hcl_comment(hcl, "An endpoint's policy takes the place of the one that is there, "
			 "for everybody who uses the");
	hcl_comment(hcl, "endpoint: so none is touched unless it is named here.  keep: a "
			 "policy document (JSON) whose");
	hcl_comment(hcl, "statements stay beside those of the profiles.");
	terraform_variable(hcl, "endpoints", "VPC endpoints whose policy is set, by id.",
			   "map(object({ keep = optional(string) }))");
	hcl_expression(hcl, "default", "{}");
	hcl_blank(hcl);
	hcl_block(hcl, "validation", NULL, NULL);
	hcl_open(hcl, "condition", "length(setsubtract(keys(var.endpoints), [");
	for (size_t i = 0; i < account->endpoints.count; i++)
		hcl_string(hcl, NULL, account->endpoints.list[i]);
	hcl_close(hcl, "])) == 0");
	hcl_string(hcl, "error_message",
		   "endpoints has the id of an endpoint that no profile of this account "
		   "names.");
	hcl_end(hcl);
	hcl_end(hcl);
}

/* What profiles.yaml says, also for null, which is what the root passes on. */
static int boundary_variable(struct hcl *hcl, const struct terraform_account *account,
			     struct error *error)
{
	const char *boundary = account->account->boundary;
	scoped(freep) char *arn = NULL;

	if (boundary)
		arn = strncmp(boundary, "arn:", 4) == 0
			  ? strdup(boundary)
			  : policy_managed_arn(&account->place, boundary);
	if (boundary && !arn)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	terraform_variable(hcl, "permissions_boundary",
			   "ARN of the policy that bounds the roles, and without which "
			   "the broker may change none.",
			   "string");
	if (arn) {
		hcl_string(hcl, "default", arn);
		hcl_expression(hcl, "nullable", "false");
	} else {
		hcl_expression(hcl, "default", "null");
	}
	hcl_end(hcl);
	return 0;
}

int terraform_account_variables(struct hcl *hcl, const struct terraform_plan *plan,
				const struct terraform_account *account,
				struct error *error)
{
	terraform_common_variables(hcl, NULL);
	hcl_blank(hcl);
	terraform_variable(hcl, "oidc_provider",
			   "Whether the broker is made known to AWS here; false where "
			   "the account knows it already.",
			   "bool");
	hcl_expression(hcl, "default", "true");
	hcl_end(hcl);
	hcl_blank(hcl);
	if (boundary_variable(hcl, account, error) < 0)
		return -ENOMEM;
	hcl_blank(hcl);
	terraform_variable(hcl, "broker_roles",
			   "Names of roles of this account as which the broker runs; "
			   "they get its policies.",
			   "set(string)");
	hcl_expression(hcl, "default", "[]");
	hcl_end(hcl);
	if (terraform_makes_manager(plan, account)) {
		hcl_blank(hcl);
		terraform_variable(hcl, "broker_principals",
				   "ARNs of who the broker is elsewhere: they may become "
				   "the manager, which is made here if there are any.",
				   "list(string)");
		hcl_expression(hcl, "default", "[]");
		hcl_end(hcl);
	}
	if (account->endpoints.count > 0)
		endpoints_variable(hcl, account);
	return 0;
}

int terraform_account_oidc(struct hcl *hcl, const struct terraform_plan *plan,
			   const struct terraform_account *account, struct error *error)
{
	(void)plan;
	(void)error;
	hcl_block(hcl, "data", "aws_caller_identity", "here");
	hcl_block(hcl, "lifecycle", NULL, NULL);
	hcl_block(hcl, "postcondition", NULL, NULL);
	hcl_expression(hcl, "condition", "self.account_id == \"%s\"",
		       account->account->id);
	hcl_expression(hcl, "error_message",
		       "\"These are the roles of account %s (%s).\"",
		       account->account->id, account->account->name);
	hcl_end(hcl);
	hcl_end(hcl);
	hcl_end(hcl);
	hcl_blank(hcl);
	hcl_block(hcl, "locals", NULL, NULL);
	hcl_comment(hcl, "As IAM names it in conditions.");
	hcl_expression(hcl, "issuer", "trimprefix(var.issuer, \"https://\")");
	hcl_blank(hcl);
	hcl_expression(
	    hcl, "oidc_provider",
	    "var.oidc_provider ? aws_iam_openid_connect_provider.broker[0].arn "
	    ": \"arn:%s:iam::%s:oidc-provider/${local.issuer}\"",
	    partition_of(account->place.region), account->place.account_id);
	hcl_end(hcl);
	hcl_blank(hcl);
	hcl_block(hcl, "resource", "aws_iam_openid_connect_provider", "broker");
	hcl_expression(hcl, "count", "var.oidc_provider ? 1 : 0");
	hcl_expression(hcl, "url", "var.issuer");
	hcl_expression(hcl, "client_id_list", "[\"sts.amazonaws.com\"]");
	hcl_expression(hcl, "thumbprint_list", "var.thumbprints");
	hcl_expression(hcl, "tags", "var.tags");
	hcl_end(hcl);
	return 0;
}

static void output(struct hcl *hcl, const char *name, const char *description,
		   const char *value)
{
	hcl_blank(hcl);
	hcl_block(hcl, "output", name, NULL);
	hcl_string(hcl, "description", description);
	hcl_expression(hcl, "value", "%s", value);
	hcl_end(hcl);
}

int terraform_account_outputs(struct hcl *hcl, const struct terraform_plan *plan,
			      const struct terraform_account *account,
			      struct error *error)
{
	(void)plan;
	(void)error;
	hcl_block(hcl, "output", "roles", NULL);
	hcl_string(hcl, "description", "By profile: the ARN of its role.");
	hcl_open(hcl, "value", "{");
	for (size_t i = 0; i < account->count; i++) {
		char key[80], identifier[HCL_IDENTIFIER_SIZE];

		if (!account->profiles[i]->role)
			continue;
		snprintf(key, sizeof(key), "\"%s\"", account->profiles[i]->name);
		hcl_expression(hcl, key, "aws_iam_role.%s.arn",
			       hcl_identifier(account->profiles[i]->name, identifier));
	}
	hcl_end(hcl);
	hcl_end(hcl);
	output(hcl, "oidc_provider", "The ARN of the broker as AWS knows it.",
	       "local.oidc_provider");
	output(hcl, "broker_policies",
	       "The ARNs of the policies that the broker itself needs.",
	       "local.broker_policies");
	if (account->endpoints.count > 0)
		output(hcl, "endpoint_policies",
		       "By VPC endpoint: the policy that lets the profiles through.",
		       "local.endpoint_policies");
	return 0;
}
