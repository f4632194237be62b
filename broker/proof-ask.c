/* SPDX-License-Identifier: MIT */
#include "broker/proof-ask.h"

#include <stdlib.h>
#include <string.h>

#include "aws/describe-limits.h"
#include "base/cleanup.h"
#include "broker/probe.h"
#include "broker/provision-name.h"

#define ASK_MS 5000

/* All that what STS gives may do: the question, of which the answer is thrown away. */
#define QUESTION_ONLY                                                       \
	"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\"," \
	"\"Action\":\"" DESCRIBE_LIMITS_ACTION "\",\"Resource\":\"*\"}]}"

void proof_try_done(struct proof_try *try)
{
	free(try->grant);
	free(try->other_grant);
	*try = (struct proof_try){ .grant = NULL };
}

/* The session as its grants said it, for a grant that is good for a moment. */
static struct request briefly(const struct duty_site *site, const struct request *request)
{
	struct request brief = *request;

	brief.ends_at = clock_wall_seconds(site->clock) + PROOF_GRANT_SECONDS;
	return brief;
}

/* What the role with that request's tag hears of AWS. */
static enum limits_answer ask(struct duty_site *site, const struct request *request,
			      const char *session, char **grant, struct error *error)
{
	scoped(sts_credentials_wipe) struct sts_credentials credentials = {
		.expires_at_seconds = 0
	};
	scoped(http_freep) struct http *http = http_new();
	const struct iam_access *access = site->account.access;
	const struct probe probe = { request, session, QUESTION_ONLY };
	const struct limits_request question = {
		.url = access->dynamodb_url,
		.region = request->region,
		.credentials = &credentials,
		.deadline_ms = ASK_MS,
		.stop = &access->is_stopping,
	};
	struct sts_outcome outcome;

	if (!http) {
		error_set(error, ERROR_INTERNAL, "out of memory");
		return LIMITS_LOST;
	}
	if (probe_assume(site, &probe, &credentials, &outcome, grant, error) == 0)
		return limits_ask(http, &question, error);
	return error->kind == ERROR_REFUSED_BY_AWS && outcome.retry_seconds < 0
		   ? LIMITS_UNCLEAR
		   : LIMITS_LOST;
}

static enum proof_outcome say(struct proof_try *try, enum proof_outcome outcome,
			      const char *words)
{
	error_set(&try->words, ERROR_REFUSED_BY_AWS, "%s", words);
	return outcome;
}

/* The same role, another tag: whether the Deny is about the session. */
static enum proof_outcome ask_with_another_tag(struct duty_site *site,
					       const struct request *brief,
					       struct proof_try *try)
{
	struct request other = *brief;

	id_make('p', other.id);
	switch (ask(site, &other, brief->id, &try->other_grant, &try->words)) {
	case LIMITS_ALLOWED:
	case LIMITS_NOT_ALLOWED:
		try->words.kind = ERROR_NONE;
		return PROOF_SHOWN;
	case LIMITS_DENIED:
		return say(try, PROOF_MASKED,
			   "another Deny of the role refuses the broker's question "
			   "whoever asks it");
	case LIMITS_UNCLEAR:
		return PROOF_UNCLEAR;
	default:
		return PROOF_LOST;
	}
}

static enum proof_outcome ask_role(struct duty_site *site, const struct request *brief,
				   struct proof_try *try)
{
	switch (ask(site, brief, brief->id, &try->grant, &try->words)) {
	case LIMITS_DENIED:
		return ask_with_another_tag(site, brief, try);
	case LIMITS_ALLOWED:
		return say(try, PROOF_NOT_YET, "DynamoDB let the session in");
	case LIMITS_NOT_ALLOWED:
		return PROOF_NOT_YET;
	case LIMITS_UNCLEAR:
		return PROOF_UNCLEAR;
	default:
		return PROOF_LOST;
	}
}

/* STS says the same of a role that is gone and of one that trusts somebody else. */
static enum proof_outcome ask_for_own_role(struct duty_site *site,
					   const struct request *brief,
					   struct proof_try *try)
{
	scoped(sts_credentials_wipe) struct sts_credentials unwanted = {
		.expires_at_seconds = 0
	};
	const struct probe probe = { brief, brief->id, QUESTION_ONLY };
	struct sts_outcome outcome;

	if (probe_assume(site, &probe, &unwanted, &outcome, &try->grant, &try->words) ==
	    0)
		return say(try, PROOF_NOT_YET, "STS still gives the role");
	if (try->words.kind != ERROR_REFUSED_BY_AWS || outcome.retry_seconds >= 0)
		return PROOF_LOST;
	if (strcmp(outcome.code, "AccessDenied") != 0)
		return PROOF_UNCLEAR;
	try->words.kind = ERROR_NONE;
	return PROOF_SHOWN;
}

enum proof_outcome proof_ask(struct duty_site *site, const struct request *request,
			     struct proof_try *try)
{
	struct request brief = briefly(site, request);

	*try = (struct proof_try){ .grant = NULL };
	return provision_is_own(request) ? ask_for_own_role(site, &brief, try)
					 : ask_role(site, &brief, try);
}
