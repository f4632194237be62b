/* SPDX-License-Identifier: MIT */
#include "broker/approvals.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "broker/approvals-rules.h"
#include "broker/proof.h"
#include "broker/store-ends.h"
#include "broker/store-proofs.h"
#include "broker/store-provisions.h"

/* What becomes of a request that is there: decided on, withdrawn, ended. */

static int out_of_memory(struct error *error)
{
	return error_set(error, ERROR_INTERNAL, "out of memory");
}

/* The request, or ERROR_NOT_FOUND. */
static int find_request(struct transaction *transaction, const char *id,
			struct request **request, struct error *error)
{
	int r = store_request(transaction, id, request, error);

	if (r == 0)
		return error_set(error, ERROR_NOT_FOUND, "there is no request %s", id);
	assert(r < 0 || *request);
	return r < 0 ? r : 0;
}

static int check_decision(const struct acting *acting, const struct request *request,
			  const char *user, struct error *error)
{
	enum request_state state = request_state_at(request, acting->now_seconds);

	if (strcmp(user, request->user) == 0)
		return error_set(error, ERROR_FORBIDDEN,
				 "nobody decides on a request of their own");
	if (!approvals_may_see(acting->profiles, acting->person, request,
			       acting->now_seconds))
		return error_set(error, ERROR_FORBIDDEN, "%s is not for you to decide on",
				 request->id);
	if (state != REQUEST_PENDING)
		return error_set(error, ERROR_FORBIDDEN, "%s is %s already", request->id,
				 request_state_name(state));
	if (!approvals_is_as_asked(acting->profiles, request))
		return error_set(error, ERROR_FORBIDDEN,
				 "%s was changed after %s was asked for; it must be "
				 "asked for anew",
				 request->profile, request->id);
	if (request_decision_of(request, user))
		return error_set(error, ERROR_FORBIDDEN, "you have decided on %s already",
				 request->id);
	if (!approvals_may_decide(acting->profiles, acting->person, request,
				  acting->now_seconds))
		return error_set(error, ERROR_FORBIDDEN, "%s is not for you to decide on",
				 request->id);
	return 0;
}

/* Adds the decision to both, and lets the rules say what comes of it. */
static int apply_decision(struct transaction *transaction, const struct acting *acting,
			  struct request *request, const struct decision *decision,
			  const char *reason, struct error *error)
{
	static const char *const words[] = {
		[VERDICT_APPROVE] = "approves", [VERDICT_DENY] = "denies"
	};
	int r = request_add_decision(request, decision, reason);

	if (r < 0)
		return error_set(error, ERROR_LIMIT, "too many decisions on %s",
				 request->id);
	r = store_decision_add(transaction, request->id, decision, reason, error);
	if (r == 0)
		r = audit_note(transaction, &acting->origin, acting->now_seconds,
			       AUDIT_DECIDED, request->id, error, "%s %s%s%s",
			       decision->user, words[decision->verdict],
			       reason ? ": " : "", reason ? reason : "");
	if (r == 0)
		r = approvals_settle(transaction, acting, request, true, error);
	return r < 0 ? r : 0;
}

int approvals_decide(struct transaction *transaction, const struct acting *acting,
		     const char *id, enum verdict verdict, const char *reason,
		     struct request **request, struct error *error)
{
	scoped(request_freep) struct request *found = NULL;
	scoped(freep) char *user = name_lower(acting->person->name);
	struct decision decision = { user, verdict, acting->now_seconds };
	const struct decision *before;
	int r = user ? find_request(transaction, id, &found, error)
		     : out_of_memory(error);

	if (r < 0)
		return r;
	assert(found);
	before = request_decision_of(found, user);
	if (!before || before->verdict != verdict) {
		r = check_decision(acting, found, user, error);
		if (r < 0)
			error_next(error, "jitctl pending");
		else
			r = apply_decision(transaction, acting, found, &decision, reason,
					   error);
	}
	if (r == 0)
		*request = take(found);
	return r;
}

static int end_words(struct request *request, const struct acting *acting, bool is_owner,
		     const char *reason)
{
	free(request->end_reason);
	if (asprintf(&request->end_reason, "%s by %s%s%s", is_owner ? "ended" : "revoked",
		     acting->person->name, reason ? ": " : "",
		     reason ? reason : "") < 0) {
		request->end_reason = NULL;
		return -ENOMEM;
	}
	return 0;
}

static int end_now(struct transaction *transaction, const struct acting *acting,
		   struct request *request, bool is_owner, const char *reason,
		   struct error *error)
{
	bool was_pending = request->state == REQUEST_PENDING;
	enum audit_event event = was_pending ? AUDIT_WITHDRAWN
				 : is_owner  ? AUDIT_ENDED
					     : AUDIT_REVOKED;
	int r;

	if (end_words(request, acting, is_owner, reason) < 0)
		return out_of_memory(error);
	request->state = was_pending ? REQUEST_WITHDRAWN : REQUEST_ENDED;
	request->ended_at = acting->now_seconds;
	r = store_request_update(transaction, request, error);
	if (r == 0)
		r = store_ends_over(transaction, request->id, acting->now_seconds, error);
	if (r == 0)
		r = store_provision_over(transaction, request->id, acting->now_seconds,
					 error);
	if (r == 0 && !was_pending)
		r = store_proof_want(transaction, request->id, acting->now_seconds,
				     acting->now_seconds + PROOF_PATIENCE_SECONDS, error);
	if (r == 1)
		request->proven_at = REQUEST_PROOF_AWAITED;
	return r < 0 ? r
		     : audit_note(transaction, &acting->origin, acting->now_seconds,
				  event, request->id, error, "%s", request->end_reason);
}

int approvals_end(struct transaction *transaction, const struct acting *acting,
		  const char *id, const char *reason, struct request **request,
		  struct error *error)
{
	scoped(request_freep) struct request *found = NULL;
	enum request_state state;
	bool is_owner;
	int r = find_request(transaction, id, &found, error);

	if (r < 0)
		return r;
	is_owner = strcasecmp(acting->person->name, found->user) == 0;
	if (!is_owner && !person_may(acting->person, CAPABILITY_REVOKE))
		return error_set(error, ERROR_FORBIDDEN, "%s is not yours to end", id);
	state = request_state_at(found, acting->now_seconds);
	if (state == REQUEST_PENDING || state == REQUEST_APPROVED)
		r = end_now(transaction, acting, found, is_owner, reason, error);
	if (r == 0)
		*request = take(found);
	return r;
}
