/* SPDX-License-Identifier: MIT */
#include "broker/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"

/* clang-format off */
static const char *const state_names[REQUEST_STATES] = {
	[REQUEST_PENDING]   = "pending",
	[REQUEST_DENIED]    = "denied",
	[REQUEST_EXPIRED]   = "expired",
	[REQUEST_WITHDRAWN] = "withdrawn",
	[REQUEST_APPROVED]  = "approved",
	[REQUEST_ENDED]     = "ended",
};
/* clang-format on */

void request_free(struct request *request)
{
	if (!request)
		return;
	for (size_t i = 0; i < request->decision_count; i++) {
		free((char *)request->decisions[i].user);
		free(request->decision_reasons[i]);
	}
	free(request->decisions);
	free(request->decision_reasons);
	free(request->user);
	free(request->profile);
	free(request->reason);
	free(request->account_id);
	free(request->role_arn);
	free(request->region);
	free(request->end_reason);
	json_decref(request->parameters);
	json_decref(request->access);
	json_decref(request->approved_by);
	free(request);
}

static int make_room(struct request *request)
{
	size_t count = request->decision_count + 1;
	struct decision *decisions;
	char **reasons;

	if (count > REQUEST_DECISIONS_MAX)
		return -EDQUOT;
	decisions = reallocarray(request->decisions, count, sizeof(*decisions));
	if (!decisions)
		return -ENOMEM;
	request->decisions = decisions;
	reasons = reallocarray(request->decision_reasons, count, sizeof(*reasons));
	if (!reasons)
		return -ENOMEM;
	request->decision_reasons = reasons;
	return 0;
}

int request_add_decision(struct request *request, const struct decision *decision,
			 const char *reason)
{
	scoped(freep) char *user = strdup(decision->user);
	scoped(freep) char *copy = reason ? strdup(reason) : NULL;
	int r = make_room(request);

	if (r < 0)
		return r;
	if (!user || (reason && !copy))
		return -ENOMEM;
	request->decisions[request->decision_count] = *decision;
	request->decisions[request->decision_count].user = take(user);
	request->decision_reasons[request->decision_count] = take(copy);
	request->decision_count++;
	return 0;
}

const struct decision *request_decision_of(const struct request *request,
					   const char *user)
{
	for (size_t i = 0; i < request->decision_count; i++)
		if (strcmp(request->decisions[i].user, user) == 0)
			return &request->decisions[i];
	return NULL;
}

enum request_state request_state_at(const struct request *request, int64_t now_seconds)
{
	if (request->state == REQUEST_PENDING && now_seconds >= request->expires_at)
		return REQUEST_EXPIRED;
	if (request->state == REQUEST_APPROVED && now_seconds >= request->ends_at)
		return REQUEST_ENDED;
	return request->state;
}

const char *request_state_name(enum request_state state)
{
	return state_names[state];
}

int request_state_from_name(const char *name, enum request_state *state)
{
	for (enum request_state i = REQUEST_PENDING; i < REQUEST_STATES; i++) {
		if (strcmp(state_names[i], name) == 0) {
			*state = i;
			return 0;
		}
	}
	return -EINVAL;
}

static json_t *time_json(int64_t seconds)
{
	return json_string(time_format(seconds, (char[TIME_TEXT_SIZE]){ 0 }));
}

static json_t *decisions_json(const struct request *request)
{
	json_t *list = json_array();

	for (size_t i = 0; i < request->decision_count; i++) {
		const struct decision *decision = &request->decisions[i];

		json_array_append_new(
		    list,
		    json_pack("{s:s, s:s, s:o, s:s*}", "user", decision->user, "verdict",
			      decision->verdict == VERDICT_APPROVE ? "approve" : "deny",
			      "at", time_json(decision->at_seconds), "reason",
			      request->decision_reasons[i]));
	}
	return list;
}

static const char *proof_name(const struct request *request)
{
	if (request->proven_at == REQUEST_PROOF_NONE)
		return NULL;
	if (request->proven_at == REQUEST_PROOF_AWAITED)
		return "awaited";
	return request->proven_at == REQUEST_PROOF_FAILED ? "not-shown" : "shown";
}

/* From the end until AWS was seen to refuse it. */
static json_t *dead_after(const struct request *request)
{
	return request->proven_at > 0
		   ? json_integer(request->proven_at - request->ended_at)
		   : NULL;
}

static json_t *session_json(const struct request *request, int64_t now_seconds)
{
	int64_t ended_at = request->ended_at;
	const char *end_reason = request->end_reason;

	if (!request->account_id)
		return NULL;
	if (ended_at == 0 && now_seconds >= request->ends_at) {
		ended_at = request->ends_at;
		end_reason = REQUEST_TIME_WAS_OVER;
	}
	return json_pack(
	    "{s:s, s:s, s:s, s:O, s:o, s:o, s:o*, s:s*, s:s*, s:o*}", "account_id",
	    request->account_id, "role_arn", request->role_arn, "region", request->region,
	    "approved_by", request->approved_by, "approved_at",
	    time_json(request->approved_at), "ends_at", time_json(request->ends_at),
	    "ended_at", ended_at ? time_json(ended_at) : NULL, "end_reason", end_reason,
	    "proof", proof_name(request), "dead_after_seconds", dead_after(request));
}

json_t *request_json(const struct request *request, json_t *still_needed, json_t *account,
		     int64_t now_seconds)
{
	enum request_state state = request_state_at(request, now_seconds);
	bool is_waiting = state == REQUEST_PENDING && still_needed;

	return json_pack(
	    "{s:s, s:s, s:s, s:O, s:s, s:s, s:I, s:o, s:o, s:o, s:O, s:O*, s:o, s:o*}",
	    "id", request->id, "user", request->user, "profile", request->profile,
	    "parameters", request->parameters, "state", request_state_name(state),
	    "reason", request->reason, "duration_seconds",
	    (json_int_t)request->duration_seconds, "requested_at",
	    time_json(request->requested_at), "expires_at",
	    time_json(request->expires_at), "still_needed",
	    is_waiting ? json_incref(still_needed) : json_array(), "access",
	    request->access, "account", account, "decisions", decisions_json(request),
	    "session", session_json(request, now_seconds));
}
