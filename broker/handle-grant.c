/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "broker/ends-grant.h"
#include "broker/grants.h"
#include "broker/keys.h"
#include "broker/provision-session.h"
#include "broker/routes.h"
#include "broker/terms.h"

struct granting {
	struct broker *broker;
	struct call *call;
	int64_t now_seconds;
	struct request *request;
	char jti[ID_SIZE];
	char *token;
	char *kid;
	char *policy;
	int64_t granted_until;
	bool must_confirm; /* that AWS has the Deny for the end */
	bool has_own_role; /* made for this session */
	bool must_wait;    /* until AWS has it */
};

static void granting_done(struct granting *granting)
{
	request_free(granting->request);
	keys_token_free(granting->token);
	free(granting->kid);
	json_text_free(granting->policy);
}

static int find(struct transaction *transaction, void *data, struct error *error)
{
	struct granting *granting = data;
	int r = store_request(transaction, granting->call->id, &granting->request, error);

	if (r == 0)
		return error_set(error, ERROR_NOT_FOUND, "there is no request %s",
				 granting->call->id);
	return r < 0 ? r : 0;
}

static int check_live(const struct request *request, int64_t now_seconds,
		      struct error *error)
{
	static const enum error_kind kinds[REQUEST_STATES] = {
		[REQUEST_PENDING] = ERROR_PENDING,
		[REQUEST_DENIED] = ERROR_DENIED,
		[REQUEST_EXPIRED] = ERROR_NO_SESSION,
		[REQUEST_WITHDRAWN] = ERROR_NO_SESSION,
		[REQUEST_ENDED] = ERROR_NO_SESSION,
	};
	enum request_state state = request_state_at(request, now_seconds);

	if (state == REQUEST_APPROVED)
		return 0;
	if (state == REQUEST_ENDED && request->end_reason)
		return error_set(error, kinds[state], "%s is ended: %s", request->id,
				 TEXT_ESCAPED(request->end_reason));
	return error_set(error, kinds[state], "%s is %s", request->id,
			 request_state_name(state));
}

/* A session outlives a change of the profiles only as far as they still allow it. */
static int check_profile(const struct granting *granting, const struct profile **profile,
			 struct error *error)
{
	const struct call *call = granting->call;
	const struct request *request = granting->request;

	if (strcasecmp(request->user, call->user) != 0)
		return error_set(error, ERROR_FORBIDDEN, "%s is not your session",
				 request->id);
	*profile = profiles_profile(call->profiles, request->profile);
	if (!*profile || !profile_may_be_asked_by(*profile, call->person))
		return error_set(error, ERROR_FORBIDDEN, "%s may not have %s any more",
				 call->user, request->profile);
	return check_live(request, granting->now_seconds, error);
}

/* First of all a role made beforehand must deny the session from its end on, one of its
 * own be there. */
static int admit(struct granting *granting, const struct profile *profile,
		 struct error *error)
{
	int r;

	granting->granted_until = granting->now_seconds + GRANT_LIFETIME_SECONDS;
	granting->has_own_role = provision_is_own(granting->request);
	if (granting->has_own_role) {
		r = provision_admit(granting->broker, granting->call, granting->request,
				    error);
		granting->must_wait = r == 0;
		return r < 0 ? r : 0;
	}
	if (!granting->broker->enforcer)
		return 0;
	granting->must_confirm = true;
	r = ends_admit(granting->broker, granting->call, granting->request, profile,
		       granting->granted_until, error);
	granting->must_wait = r == 0;
	return r < 0 ? r : 0;
}

/* Signing is slow: it is done before the transaction, which looks again. */
static int prepare(struct granting *granting, struct error *error)
{
	struct broker *broker = granting->broker;
	const struct profile *profile = NULL;
	json_auto_t *claims = NULL;
	int r = store_read(broker->store, find, granting, error);

	if (r == 0)
		r = check_profile(granting, &profile, error);
	assert(r < 0 || profile);
	if (r == 0)
		r = admit(granting, profile, error);
	if (r < 0 || granting->must_wait)
		return r;
	if (r == 0)
		r = terms_session_policy(profile, granting->request->ends_at,
					 &granting->policy, error);
	if (r < 0)
		return r;
	id_make('g', granting->jti);
	claims = grant_claims(broker->issuer, granting->request, granting->jti,
			      granting->now_seconds);
	if (!claims)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return keys_sign(broker->keys, claims, &granting->token, &granting->kid, error);
}

static int grant(struct transaction *transaction, struct change *change,
		 struct error *error)
{
	struct granting *granting = change->data;
	scoped(request_freep) struct request *now = NULL;
	int r = store_request(transaction, granting->call->id, &now, error);

	if (r < 0)
		return r;
	r = check_live(now, change->acting.now_seconds, error);
	if (r == 0 && granting->has_own_role)
		r = provision_confirm(transaction, now->id, error);
	if (r == 0 && granting->must_confirm)
		r = ends_confirm(transaction, now->id, granting->granted_until, error);
	if (r < 0)
		return r;
	return audit_note(transaction, &change->acting.origin, change->acting.now_seconds,
			  AUDIT_GRANTED, now->id, error, "grant %s by key %s",
			  granting->jti, granting->kid);
}

static json_t *grant_json(const struct granting *granting)
{
	const struct request *request = granting->request;
	char ends_at[TIME_TEXT_SIZE];

	return json_pack(
	    "{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:s}", "grant", granting->token,
	    "role_arn", request->role_arn, "region", request->region, "account_id",
	    request->account_id, "session_name", request->id, "duration_seconds",
	    (json_int_t)grant_duration(request, granting->now_seconds), "session_policy",
	    granting->policy, "ends_at", time_format(request->ends_at, ends_at));
}

int handle_grant(struct broker *broker, struct call *call, json_t **answer,
		 struct error *error)
{
	json_auto_t *body = call_body(call, error);
	scoped(granting_done) struct granting granting = {
		.broker = broker,
		.call = call,
		.now_seconds = clock_wall_seconds(broker->clock),
	};
	struct change change = { .work = grant, .data = &granting };
	int r;

	change.prepared = body ? json_read(body, error, "{!}") : -EINVAL;
	if (change.prepared == 0)
		change.prepared = prepare(&granting, error);
	if (change.prepared == 0 && granting.must_wait)
		return 0;
	r = call_change(broker, call, &change, answer, error);
	if (r < 0)
		return r;
	return call_answered(answer, grant_json(&granting), error);
}
