/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/text.h"
#include "broker/terraform-parts.h"
#include "policy/meaning.h"

/*
 * The role of a profile, who may become it, and what it may do.  Its policy is
 * a resource of its own, so one that the broker adds for a while (the end of a
 * session) is neither seen nor removed by Terraform.
 */
#define ROLE_SECONDS_LEAST 3600
#define ROLE_SECONDS_MOST 43200
#define DESCRIPTION_MAX 1000 /* IAM, CreateRole */

/* Stands for the issuer until Terraform knows it; no name can hold it. */
#define ISSUER_MARK "\x1f"

static int no_memory(struct error *error)
{
	return error_set(error, ERROR_INTERNAL, "out of memory");
}

static void comment_words(struct hcl *hcl, const struct profile *profile)
{
	struct buffer line = BUFFER_WITH_LIMIT(64U << 10);

	if (buffer_print(&line, "%s: %s", profile->name, profile->summary) == 0)
		hcl_comment(hcl, line.bytes);
	buffer_done(&line);
	for (size_t i = 0; i < policy_statement_count(profile->access); i++) {
		int r = buffer_print(&line, "- ");

		if (r == 0)
			r = policy_statement_words(profile->access, i, NULL, 0, &line);
		if (r == 0)
			hcl_comment(hcl, line.bytes);
		buffer_done(&line);
	}
}

/* IAM takes Latin-1 in a description: [\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]. */
static int describe(const struct profile *profile, struct buffer *out)
{
	const char *next = profile->summary;
	int r = buffer_print(out, "jit-broker, profile %s%s", profile->name,
			     *next ? ": " : "");

	while (r == 0 && *next && out->used < DESCRIPTION_MAX) {
		uint32_t number = 0;
		size_t length = text_character(next, &number);
		bool may_stay = length > 0 && ((number >= 0x20 && number <= 0x7e) ||
					       (number >= 0xa1 && number <= 0xff));

		length = length ? length : 1;
		r = may_stay ? buffer_add(out, next, length) : buffer_add(out, "?", 1);
		next += length;
	}
	return r;
}

static int write_trust(struct hcl *hcl, const struct terraform_account *account,
		       const struct profile *profile, struct error *error)
{
	const struct trust trust = { .issuer = "https://" ISSUER_MARK,
				     .profile = profile->name };
	scoped(buffer_done) struct buffer provider = BUFFER_WITH_LIMIT(256);
	json_auto_t *json = NULL;
	char *text = NULL;
	int r = policy_trust(&trust, &account->place, &text, error);

	if (r < 0)
		return r;
	json = terraform_document(text);
	if (!json || buffer_print(&provider, "arn:%s:iam::%s:oidc-provider/" ISSUER_MARK,
				  partition_of(account->place.region),
				  account->place.account_id) < 0)
		return no_memory(error);
	hcl_json(hcl, "assume_role_policy", json,
		 (struct hcl_reference[]){ { provider.bytes, "local.oidc_provider" },
					   { ISSUER_MARK, "local.issuer" },
					   { NULL, NULL } });
	return 0;
}

static int64_t role_seconds(const struct profile *profile)
{
	int64_t longest = profile->longest_seconds;

	if (longest < ROLE_SECONDS_LEAST)
		return ROLE_SECONDS_LEAST;
	return longest > ROLE_SECONDS_MOST ? ROLE_SECONDS_MOST : longest;
}

static int write_role(struct hcl *hcl, const struct terraform_account *account,
		      const struct profile *profile, const char *identifier,
		      struct error *error)
{
	scoped(buffer_done) struct buffer description = BUFFER_WITH_LIMIT(
	    DESCRIPTION_MAX + 200);
	int r;

	if (describe(profile, &description) < 0)
		return no_memory(error);
	hcl_block(hcl, "resource", "aws_iam_role", identifier);
	hcl_string(hcl, "name", profile->role);
	hcl_string(hcl, "description", description.bytes);
	hcl_integer(hcl, "max_session_duration", role_seconds(profile));
	hcl_expression(hcl, "permissions_boundary", "var.permissions_boundary");
	hcl_expression(hcl, "tags", "var.tags");
	hcl_blank(hcl);
	r = write_trust(hcl, account, profile, error);
	hcl_end(hcl);
	return r;
}

static int write_policy(struct hcl *hcl, const struct terraform_account *account,
			const struct profile *profile, const char *identifier,
			struct error *error)
{
	json_auto_t *json = NULL;
	struct error why = { .kind = ERROR_NONE };
	char *text = NULL;
	int r = policy_role(profile->access, &account->place, 0, &text, &why);

	if (r < 0)
		return error_set(error, why.kind, "%s: %s", profile->name, why.text);
	json = terraform_document(text);
	if (!json)
		return no_memory(error);
	hcl_block(hcl, "resource", "aws_iam_role_policy", identifier);
	hcl_string(hcl, "name", "jit-access");
	hcl_expression(hcl, "role", "aws_iam_role.%s.name", identifier);
	hcl_blank(hcl);
	hcl_json(hcl, "policy", json, NULL);
	hcl_end(hcl);
	return 0;
}

int terraform_profile(struct hcl *hcl, const struct terraform_account *account,
		      const struct profile *profile, struct error *error)
{
	char identifier[HCL_IDENTIFIER_SIZE];
	int r;

	hcl_identifier(profile->name, identifier);
	comment_words(hcl, profile);
	hcl_blank(hcl);
	r = write_role(hcl, account, profile, identifier, error);
	if (r < 0)
		return r;
	hcl_blank(hcl);
	return write_policy(hcl, account, profile, identifier, error);
}
