/* SPDX-License-Identifier: MIT */
#include "broker/terraform-parts.h"

/* The variables that the root module has and hands on to each account's. */

void terraform_variable(struct hcl *hcl, const char *name, const char *description,
			const char *type)
{
	hcl_block(hcl, "variable", name, NULL);
	hcl_string(hcl, "description", description);
	hcl_expression(hcl, "type", "%s", type);
}

static void issuer_is_checked(struct hcl *hcl)
{
	hcl_blank(hcl);
	hcl_block(hcl, "validation", NULL, NULL);
	hcl_expression(hcl, "condition",
		       "can(regex(\"^https://[^/?#]+(/[^?#]*[^/?#])?$\", var.issuer))");
	hcl_string(hcl, "error_message",
		   "AWS takes an https:// URL without a query or a slash at its end.");
	hcl_end(hcl);
}

void terraform_common_variables(struct hcl *hcl, const struct terraform_plan *root)
{
	terraform_variable(hcl, "issuer",
			   "What the broker signs as: url in its broker.conf.", "string");
	if (!root)
		issuer_is_checked(hcl);
	else if (root->issuer)
		hcl_string(hcl, "default", root->issuer);
	hcl_end(hcl);
	hcl_blank(hcl);
	terraform_variable(hcl, "thumbprints",
			   "SHA-1 of the certificate that signed the issuer's, where AWS "
			   "does not trust it by itself.",
			   "list(string)");
	hcl_expression(hcl, "default", "null");
	hcl_end(hcl);
	hcl_blank(hcl);
	terraform_variable(hcl, "tags", "Tags of everything that is made.",
			   "map(string)");
	hcl_expression(hcl, "default", "{}");
	hcl_end(hcl);
}
