/* SPDX-License-Identifier: MIT */
#include "broker/approvals-rules.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "broker/provision-session.h"
#include "broker/terms.h"

char *name_lower(const char *name)
{
	char *lower = strdup(name);

	for (char *at = lower; at && *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return lower;
}

static struct rule_facts facts_of(const struct profiles *profiles,
				  const struct profile *profile,
				  const struct request *request, int64_t now_seconds)
{
	return (struct rule_facts){
		.profiles = profiles,
		.profile = profile,
		.requester = request->user,
		.decisions = request->decisions,
		.decision_count = request->decision_count,
		.now_seconds = now_seconds,
	};
}

int approvals_judge(const struct profiles *profiles, const struct profile *profile,
		    const struct request *request, int64_t now_seconds,
		    struct ruling *ruling, struct error *error)
{
	struct rule_facts facts = facts_of(profiles, profile, request, now_seconds);

	if (rules_judge(&facts, ruling) < 0)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return 0;
}

/* The same account, role and policy; a request of an older store names none. */
static bool is_same_digest(const struct profile *profile, const struct request *request)
{
	return !request->digest[0] || strcmp(profile->digest, request->digest) == 0;
}

bool approvals_is_as_asked(const struct profiles *profiles, const struct request *request)
{
	const struct profile *profile = profiles_profile(profiles, request->profile);
	const struct person *person = profiles_person(profiles, request->user);
	json_auto_t *access = NULL;

	return profile && person && profile_may_be_asked_by(profile, person) &&
	       request->duration_seconds <= profile->longest_seconds &&
	       is_same_digest(profile, request) &&
	       terms_check_parameters(profile, request->parameters, NULL) == 0 &&
	       terms_access(profile, request->parameters, &access, NULL) == 0 &&
	       json_equal(access, request->access);
}

static json_t *words_json(const struct ruling *ruling)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ruling->count; i++)
		json_array_append_new(list, json_string(ruling->words[i]));
	return list;
}

int approvals_begin(struct request *request, const struct profile *profile,
		    const struct ruling *ruling, int64_t now_seconds, struct error *error)
{
	int r = terms_place(profile, request, error);

	if (r < 0)
		return r;
	request->approved_by = words_json(ruling);
	if (!request->approved_by)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	request->state = REQUEST_APPROVED;
	request->approved_at = now_seconds;
	request->ends_at = now_seconds + request->duration_seconds;
	return 0;
}

int approvals_note_begin(struct transaction *transaction, const struct acting *acting,
			 const struct request *request, const struct profile *profile,
			 struct error *error)
{
	struct audit_origin broker = { .address = NULL };
	char end[TIME_TEXT_SIZE];
	int r = audit_note(transaction, &broker, acting->now_seconds, AUDIT_APPROVED,
			   request->id, error, "%s has %s until %s", request->user,
			   request->profile, time_format(request->ends_at, end));

	if (r < 0)
		return r;
	r = provision_want(transaction, request, profile, acting->now_seconds, error);
	/* The approval is written already: no refusal, but something that undoes it. */
	if (r < 0 && error)
		error->kind = ERROR_INTERNAL;
	return r;
}

static int deny(struct transaction *transaction, const struct acting *acting,
		struct request *request, struct error *error)
{
	struct audit_origin broker = { .address = NULL };
	int r;

	request->state = REQUEST_DENIED;
	request->ended_at = acting->now_seconds;
	r = store_request_update(transaction, request, error);
	return r < 0 ? r
		     : audit_note(transaction, &broker, acting->now_seconds, AUDIT_DENIED,
				  request->id, error, "%s does not get %s", request->user,
				  request->profile);
}

static int approve(struct transaction *transaction, const struct acting *acting,
		   struct request *request, const struct profile *profile,
		   const struct ruling *ruling, struct error *error)
{
	int r = approvals_begin(request, profile, ruling, acting->now_seconds, error);

	if (r == 0)
		r = store_request_update(transaction, request, error);
	return r < 0 ? r
		     : approvals_note_begin(transaction, acting, request, profile, error);
}

int approvals_settle(struct transaction *transaction, const struct acting *acting,
		     struct request *request, bool has_changed, struct error *error)
{
	const struct profile *profile = profiles_profile(acting->profiles,
							 request->profile);
	scoped(ruling_done) struct ruling ruling = { .count = 0 };
	int r;

	if (!profile)
		return 0;
	if (!approvals_is_as_asked(acting->profiles, request))
		return has_changed ? store_request_update(transaction, request, error)
				   : 0;
	r = approvals_judge(acting->profiles, profile, request, acting->now_seconds,
			    &ruling, error);
	if (r < 0)
		return r;
	if (ruling.outcome == OUTCOME_APPROVED)
		r = approve(transaction, acting, request, profile, &ruling, error);
	else if (ruling.outcome == OUTCOME_DENIED)
		r = deny(transaction, acting, request, error);
	else
		return has_changed ? store_request_update(transaction, request, error)
				   : 0;
	return r < 0 ? r : 1;
}

bool approvals_may_decide(const struct profiles *profiles, const struct person *person,
			  const struct request *request, int64_t now_seconds)
{
	const struct profile *profile = profiles_profile(profiles, request->profile);
	struct rule_facts facts = facts_of(profiles, profile, request, now_seconds);

	return profile && person_may(person, CAPABILITY_APPROVE) &&
	       request_state_at(request, now_seconds) == REQUEST_PENDING &&
	       rules_may_decide(&facts, person) &&
	       approvals_is_as_asked(profiles, request);
}

bool approvals_may_see(const struct profiles *profiles, const struct person *person,
		       const struct request *request, int64_t now_seconds)
{
	const struct profile *profile = profiles_profile(profiles, request->profile);
	struct rule_facts facts = facts_of(profiles, profile, request, now_seconds);
	scoped(freep) char *name = name_lower(person->name);

	if (!name)
		return false;
	if (strcmp(name, request->user) == 0 || request_decision_of(request, name) ||
	    person_may(person, CAPABILITY_REVOKE) ||
	    person_may(person, CAPABILITY_READ_AUDIT))
		return true;
	/* As it was before anybody decided: what was shown stays visible. */
	facts.decisions = NULL;
	facts.decision_count = 0;
	return profile && person_may(person, CAPABILITY_APPROVE) &&
	       rules_may_decide(&facts, person);
}

/* What a pending request still needs; NULL for nothing. */
static json_t *needed_json(const struct profiles *profiles, const struct profile *profile,
			   const struct request *request, int64_t now_seconds)
{
	scoped(ruling_done) struct ruling ruling = { .count = 0 };

	if (approvals_judge(profiles, profile, request, now_seconds, &ruling, NULL) < 0 ||
	    ruling.outcome != OUTCOME_PENDING)
		return NULL;
	return words_json(&ruling);
}

static json_t *account_json(const struct account *account)
{
	return json_pack("{s:s, s:s, s:s}", "name", account->name, "id", account->id,
			 "region", account->region);
}

json_t *approvals_show(const struct profiles *profiles, const struct request *request,
		       int64_t now_seconds)
{
	const struct profile *profile = profiles_profile(profiles, request->profile);
	json_auto_t *needed = NULL, *account = NULL;

	if (!profile || request_state_at(request, now_seconds) != REQUEST_PENDING)
		return request_json(request, NULL, NULL, now_seconds);
	if (approvals_is_as_asked(profiles, request)) {
		needed = needed_json(profiles, profile, request, now_seconds);
		account = account_json(profile->account);
	} else {
		needed = json_pack("[s]",
				   "to be asked for anew: the profile was changed");
	}
	return request_json(request, needed, account, now_seconds);
}
