/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "broker/terraform-parts.h"

/*
 * The policies of VPC endpoints: one for each, made of every profile that
 * names it, of other accounts too, since an endpoint has one policy.
 */

static int no_memory(struct error *error)
{
	return error_set(error, ERROR_INTERNAL, "out of memory");
}

/* The profile's role, or each that is made for a session of it; caller frees. */
static char *role_arn_of(const struct profile *profile, const struct place *place)
{
	scoped(buffer_done) struct buffer name = BUFFER_WITH_LIMIT(256);

	if (profile->role)
		return policy_role_arn(place, profile->role);
	if (buffer_print(&name, "%s*", profile->provision->path + 1) < 0)
		return NULL;
	return policy_role_arn(place, name.bytes);
}

/* What this profile lets through; nothing for one that does not name the endpoint. */
static int add_profile(json_t *statements, const struct profile *profile,
		       const char *endpoint, struct error *error)
{
	const struct place place = { profile->account->region, profile->account->id };
	scoped(words_done) struct words named = { 0 };
	scoped(freep) char *role_arn = NULL;
	json_auto_t *document = NULL;
	char *text = NULL;
	int r;

	if (scope_endpoints(profile->access, &named) < 0)
		return no_memory(error);
	if (!words_have(&named, endpoint))
		return 0;
	role_arn = role_arn_of(profile, &place);
	if (!role_arn)
		return no_memory(error);
	r = policy_endpoint(profile->access, &place, endpoint, role_arn, &text, error);
	if (r < 0)
		return r;
	document = terraform_document(text);
	if (json_array_extend(statements, json_object_get(document, "Statement")) < 0)
		return no_memory(error);
	return 0;
}

static int check_size(const json_t *statements, const char *endpoint, struct error *error)
{
	scoped(json_text_freep) char *text = NULL;
	json_auto_t *document = json_pack("{s:s, s:O}", "Version", "2012-10-17",
					  "Statement", statements);

	text = document ? json_text(document) : NULL;
	if (!text)
		return no_memory(error);
	if (strlen(text) <= POLICY_ENDPOINT_MAX)
		return 0;
	return error_set(error, ERROR_LIMIT,
			 "the policy of the endpoint %s is a text of %zu characters, AWS "
			 "takes %d; name it in fewer profiles",
			 endpoint, strlen(text), POLICY_ENDPOINT_MAX);
}

static int write_endpoint(struct hcl *hcl, const struct terraform_plan *plan,
			  const char *endpoint, struct error *error)
{
	scoped(buffer_done) struct buffer key = BUFFER_WITH_LIMIT(512);
	json_auto_t *statements = json_array();
	int r = statements && hcl_quote_key(&key, endpoint, NULL) == 0 ? 0 : -ENOMEM;

	if (r < 0)
		return no_memory(error);
	for (size_t i = 0; r == 0 && i < plan->profile_count; i++)
		r = add_profile(statements, plan->profiles[i], endpoint, error);
	if (r == 0)
		r = check_size(statements, endpoint, error);
	if (r < 0)
		return r;
	hcl_open(hcl, key.bytes, "[");
	hcl_json_items(hcl, statements, NULL);
	hcl_close(hcl, "]");
	return 0;
}

int terraform_account_endpoints(struct hcl *hcl, const struct terraform_plan *plan,
				const struct terraform_account *account,
				struct error *error)
{
	hcl_block(hcl, "locals", NULL, NULL);
	hcl_open(hcl, "endpoint_statements", "{");
	for (size_t i = 0; i < account->endpoints.count; i++) {
		int r = write_endpoint(hcl, plan, account->endpoints.list[i], error);

		if (r < 0)
			return r;
	}
	hcl_end(hcl);
	hcl_blank(hcl);
	hcl_open(hcl, "endpoint_policies", "{");
	hcl_open(hcl, NULL,
		 "for id, statements in local.endpoint_statements : id => jsonencode({");
	hcl_string(hcl, "Version", "2012-10-17");
	hcl_open(hcl, "Statement", "concat(statements, flatten([");
	hcl_expression(hcl, NULL,
		       "[for document in try(var.endpoints[id].keep[*], []) : "
		       "jsondecode(document).Statement]");
	hcl_close(hcl, "]))");
	hcl_close(hcl, "})");
	hcl_end(hcl);
	hcl_end(hcl);
	hcl_blank(hcl);
	hcl_block(hcl, "resource", "aws_vpc_endpoint_policy", "profiles");
	hcl_expression(hcl, "for_each", "var.endpoints");
	hcl_expression(hcl, "vpc_endpoint_id", "each.key");
	hcl_expression(hcl, "policy", "local.endpoint_policies[each.key]");
	hcl_end(hcl);
	return 0;
}
