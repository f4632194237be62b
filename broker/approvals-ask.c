/* SPDX-License-Identifier: MIT */
#include "broker/approvals.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "broker/approvals-rules.h"
#include "broker/grants.h"
#include "broker/terms.h"

static int out_of_memory(struct error *error)
{
	return error_set(error, ERROR_INTERNAL, "out of memory");
}

static bool is_blank(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	return *text == '\0';
}

static int check_reason(const char *reason, struct error *error)
{
	if (is_blank(reason))
		return error_set(error, ERROR_USAGE, "a request needs a reason");
	if (strlen(reason) > REQUEST_REASON_MAX)
		return error_set(error, ERROR_LIMIT, "the reason is longer than %d bytes",
				 REQUEST_REASON_MAX);
	return 0;
}

static int64_t duration_of(const struct asking *asking)
{
	return asking->duration_seconds ? asking->duration_seconds
					: asking->profile->usual_seconds;
}

static int check_duration(const struct asking *asking, struct error *error)
{
	const struct profile *profile = asking->profile;
	char limit[DURATION_TEXT_SIZE];

	if (duration_of(asking) > profile->longest_seconds)
		return error_set(error, ERROR_LIMIT, "%s is for at most %s",
				 profile->name,
				 duration_format(profile->longest_seconds, limit));
	if (duration_of(asking) < REQUEST_SECONDS_LEAST)
		return error_set(error, ERROR_LIMIT,
				 "a session is at least %s long: its credentials are "
				 "given up 30 s before its end",
				 duration_format(REQUEST_SECONDS_LEAST, limit));
	return 0;
}

int approvals_check(const struct asking *asking, struct error *error)
{
	const struct profile *profile = asking->profile;
	int r;

	if (!profile_may_be_asked_by(profile, asking->person)) {
		r = error_set(error, ERROR_FORBIDDEN, "%s may not ask for %s",
			      asking->person->name, profile->name);
	} else {
		r = terms_check_parameters(profile, asking->parameters, error);
		if (r == 0)
			r = check_duration(asking, error);
	}
	if (r < 0) {
		error_next(error, "jitctl profiles");
		return r;
	}
	r = terms_check_role(profile, asking->has_iam, error);
	if (r == 0)
		r = check_reason(asking->reason, error);
	if (r < 0)
		return r;
	return grant_check(asking->person->name, profile->name, asking->parameters,
			   error);
}

static int new_request(const struct acting *acting, const struct asking *asking,
		       struct request **request, struct error *error)
{
	scoped(request_freep) struct request *new = calloc(1, sizeof(*new));

	if (!new)
		return out_of_memory(error);
	id_make('r', new->id);
	new->user = name_lower(asking->person->name);
	new->profile = strdup(asking->profile->name);
	new->parameters = json_incref(asking->parameters);
	new->reason = strdup(asking->reason);
	new->duration_seconds = duration_of(asking);
	snprintf(new->key, sizeof(new->key), "%s", asking->key);
	new->access = json_incref(asking->access);
	memcpy(new->digest, asking->profile->digest, sizeof(new->digest));
	new->requested_at = acting->now_seconds;
	new->expires_at = acting->now_seconds + REQUEST_PENDING_SECONDS;
	if (!new->user || !new->profile || !new->reason)
		return out_of_memory(error);
	*request = take(new);
	return 0;
}

/* A key that was used before: the same request, if it was for the same. */
static int same_again(const struct request *before, const struct asking *asking,
		      struct error *error)
{
	if (strcmp(before->profile, asking->profile->name) == 0 &&
	    strcmp(before->reason, asking->reason) == 0 &&
	    before->duration_seconds == duration_of(asking) &&
	    json_equal(before->parameters, asking->parameters))
		return 0;
	return error_set(error, ERROR_USAGE, "the key was used for another request, %s",
			 before->id);
}

static int check_room(struct transaction *transaction, const struct acting *acting,
		      const char *user, struct error *error)
{
	int64_t count = 0;
	int r = store_pending_count(transaction, user, acting->now_seconds, &count,
				    error);

	if (r == 0 && count >= REQUEST_PENDING_MAX)
		r = error_set(error, ERROR_LIMIT,
			      "%d requests of yours are pending already; withdraw some",
			      (int)count);
	return r;
}

static int add_request(struct transaction *transaction, const struct acting *acting,
		       struct request *request, struct error *error)
{
	int r = store_request_add(transaction, request, error);

	if (r < 0)
		return r;
	return audit_note(transaction, &acting->origin, acting->now_seconds, AUDIT_ASKED,
			  request->id, error, "%s asked for %s: %s", request->user,
			  request->profile, request->reason);
}

/* 1 and *request where the key was used for the same before, else 0. */
static int find_repeated(struct transaction *transaction, const struct asking *asking,
			 const char *user, struct request **request, struct error *error)
{
	scoped(request_freep) struct request *before = NULL;
	int r = store_request_by_key(transaction, user, asking->key, &before, error);

	if (r <= 0)
		return r;
	assert(before);
	r = same_again(before, asking, error);
	if (r < 0)
		return r;
	*request = take(before);
	return 1;
}

static int nobody_could(const struct request *request, const struct profile *profile,
			struct error *error)
{
	scoped(buffer_done) struct buffer words = BUFFER_WITH_LIMIT(RULE_TEXT_MAX);

	if (rules_describe(profile->approval, &words) < 0)
		return out_of_memory(error);
	return error_set(error, ERROR_FORBIDDEN,
			 "nobody there is could approve %s for %s: it needs %.160s",
			 request->profile, request->user, words.bytes);
}

/* Judges a new request and writes it down as it comes out. */
static int judge_and_add(struct transaction *transaction, const struct acting *acting,
			 const struct asking *asking, struct request *new,
			 struct error *error)
{
	scoped(ruling_done) struct ruling ruling = { .count = 0 };
	int r = approvals_judge(acting->profiles, asking->profile, new,
				acting->now_seconds, &ruling, error);

	if (r < 0)
		return r;
	if (ruling.outcome == OUTCOME_IMPOSSIBLE || ruling.outcome == OUTCOME_DENIED)
		return nobody_could(new, asking->profile, error);
	if (ruling.outcome == OUTCOME_APPROVED)
		r = approvals_begin(new, asking->profile, &ruling, acting->now_seconds,
				    error);
	if (r == 0)
		r = add_request(transaction, acting, new, error);
	if (r == 0 && ruling.outcome == OUTCOME_APPROVED)
		r = approvals_note_begin(transaction, acting, new, asking->profile,
					 error);
	return r;
}

int approvals_ask(struct transaction *transaction, const struct acting *acting,
		  const struct asking *asking, struct request **request,
		  struct error *error)
{
	scoped(request_freep) struct request *new = NULL;
	int r = new_request(acting, asking, &new, error);

	if (r < 0)
		return r;
	assert(new);
	r = find_repeated(transaction, asking, new->user, request, error);
	if (r != 0)
		return r < 0 ? r : 0;
	r = check_room(transaction, acting, new->user, error);
	if (r == 0)
		r = judge_and_add(transaction, acting, asking, new, error);
	if (r == 0)
		*request = take(new);
	return r;
}
