/* SPDX-License-Identifier: MIT */
#include "agent/fetch-grant.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

/* The API reference of AssumeRoleWithWebIdentity has these. */
#define TOKEN_MAX 20000
#define ROLE_ARN_MAX 2048
#define NAME_MAX_64 64
#define POLICY_MAX 2048
#define LEAST_SECONDS 900
#define MOST_SECONDS 43200

static void json_freep(json_t **json)
{
	json_decref(*json);
}

static int refuse_with_status(int status, struct error *error)
{
	if (status >= 300 && status < 400)
		return error_set(error, ERROR_UNREACHABLE,
				 "the broker answered with a redirect (%d), which is not "
				 "followed",
				 status);
	return error_set(error, ERROR_UNREACHABLE, "the broker answered with status %d",
			 status);
}

/* {"error": {"kind", "message", "next"}}; anything else is told by its status. */
static int read_refusal(int status, const char *body, size_t length, struct error *error)
{
	scoped(json_freep) json_t *json = json_parse_object(body, length, NULL);
	const char *kind_name, *message, *next;
	enum error_kind kind;
	char shown[300];
	int r;

	if (!json || json_unpack(json, "{s:{s:s, s:s, s:s}}", "error", "kind", &kind_name,
				 "message", &message, "next", &next) < 0)
		return refuse_with_status(status, error);
	kind = error_kind_from_name(kind_name);
	if (kind == ERROR_NONE)
		kind = ERROR_INTERNAL;
	r = error_set(error, kind, "%s", text_escape(message, shown, sizeof(shown)));
	error_next(error, "%s", TEXT_ESCAPED(next));
	return r;
}

static bool is_printable(const char *text, size_t least, size_t most)
{
	size_t length = strlen(text);

	for (const char *next = text; *next; next++)
		if (*next <= ' ' || *next > '~')
			return false;
	return length >= least && length <= most;
}

static const char *find_flaw(const struct fetch_grant *grant)
{
	if (!is_printable(grant->token, 4, TOKEN_MAX))
		return "grant";
	if (!is_printable(grant->role_arn, 20, ROLE_ARN_MAX))
		return "role_arn";
	if (!is_printable(grant->session_name, 2, NAME_MAX_64))
		return "session_name";
	if (strlen(grant->account_id) != 12 ||
	    strspn(grant->account_id, "0123456789") != 12)
		return "account_id";
	if (strlen(grant->session_policy) > POLICY_MAX)
		return "session_policy";
	if (grant->duration_seconds < LEAST_SECONDS ||
	    grant->duration_seconds > MOST_SECONDS)
		return "duration_seconds";
	return NULL;
}

static int read_members(struct fetch_grant *grant, struct error *error)
{
	json_int_t duration_seconds;
	const char *ends_at, *flaw;

	if (json_unpack(grant->json, "{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s}", "grant",
			&grant->token, "role_arn", &grant->role_arn, "region",
			&grant->region, "account_id", &grant->account_id, "session_name",
			&grant->session_name, "session_policy", &grant->session_policy,
			"duration_seconds", &duration_seconds, "ends_at", &ends_at) < 0)
		return error_set(error, ERROR_UNREACHABLE,
				 "the broker's answer is not a grant");
	grant->duration_seconds = duration_seconds;
	flaw = find_flaw(grant);
	if (!flaw && time_parse(ends_at, &grant->ends_at_seconds) < 0)
		flaw = "ends_at";
	if (flaw)
		return error_set(error, ERROR_UNREACHABLE,
				 "the broker's grant has a malformed %s", flaw);
	return 0;
}

int fetch_grant_read(int status, const char *body, size_t length,
		     struct fetch_grant *grant, struct error *error)
{
	struct fetch_grant read = { .json = NULL };
	int r;

	if (status != 200)
		return read_refusal(status, body, length, error);
	read.json = json_parse_object(body, length, NULL);
	if (!read.json)
		return error_set(error, ERROR_UNREACHABLE,
				 "the broker's answer is not well-formed JSON");
	r = read_members(&read, error);
	if (r < 0)
		fetch_grant_done(&read);
	else
		*grant = read;
	return r;
}

void fetch_grant_done(struct fetch_grant *grant)
{
	json_decref(take(grant->json));
}
