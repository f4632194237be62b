/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "broker/approvals-rules.h"

/* Fewer than one transaction can tell its listener of. */
#define SWEEP_MAX 200

struct ids {
	char (*list)[ID_SIZE];
	size_t count;
	const struct acting *acting;
};

static void ids_done(struct ids *ids)
{
	free(ids->list);
}

static int collect(void *data, const struct request *request)
{
	struct ids *ids = data;

	memcpy(ids->list[ids->count++], request->id, ID_SIZE);
	return ids->count == SWEEP_MAX;
}

/* Those of which the rules say something new by now. */
static int collect_settled(void *data, const struct request *request)
{
	struct ids *ids = data;
	const struct acting *acting = ids->acting;
	const struct profile *profile = profiles_profile(acting->profiles,
							 request->profile);
	scoped(ruling_done) struct ruling ruling = { .count = 0 };

	if (!profile || approvals_judge(acting->profiles, profile, request,
					acting->now_seconds, &ruling, NULL) < 0)
		return 0;
	if ((ruling.outcome != OUTCOME_APPROVED && ruling.outcome != OUTCOME_DENIED) ||
	    !approvals_is_as_asked(acting->profiles, request))
		return 0;
	return collect(data, request);
}

static int lapse(struct transaction *transaction, const struct acting *acting,
		 struct request *request, struct error *error)
{
	request->state = REQUEST_EXPIRED;
	request->ended_at = request->expires_at;
	return audit_note(transaction, &acting->origin, acting->now_seconds,
			  AUDIT_EXPIRED, request->id, error, "nobody decided in time");
}

static int finish(struct transaction *transaction, const struct acting *acting,
		  struct request *request, struct error *error)
{
	request->end_reason = strdup(REQUEST_TIME_WAS_OVER);
	if (!request->end_reason)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	request->state = REQUEST_ENDED;
	request->ended_at = request->ends_at;
	return audit_note(transaction, &acting->origin, acting->now_seconds, AUDIT_ENDED,
			  request->id, error, "%s", request->end_reason);
}

int approvals_break_off(struct transaction *transaction, struct request *request,
			int64_t now_seconds, const char *reason, struct error *error)
{
	static const struct audit_origin broker = { .address = NULL };
	int r;

	free(request->end_reason);
	request->end_reason = strdup(reason);
	if (!request->end_reason)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	request->state = REQUEST_ENDED;
	request->ended_at = now_seconds;
	r = store_request_update(transaction, request, error);
	return r < 0 ? r
		     : audit_note(transaction, &broker, now_seconds, AUDIT_ENDED,
				  request->id, error, "%s", reason);
}

static int write_down(struct transaction *transaction, const struct acting *acting,
		      const char *id, struct error *error)
{
	scoped(request_freep) struct request *request = NULL;
	int r = store_request(transaction, id, &request, error);

	if (r <= 0)
		return r;
	r = request->state == REQUEST_PENDING
		? lapse(transaction, acting, request, error)
		: finish(transaction, acting, request, error);
	if (r == 0)
		r = store_request_update(transaction, request, error);
	return r < 0 ? r : 1;
}

static int judge_again(struct transaction *transaction, const struct acting *acting,
		       const char *id, struct error *error)
{
	scoped(request_freep) struct request *request = NULL;
	int r = store_request(transaction, id, &request, error);

	return r <= 0 ? r : approvals_settle(transaction, acting, request, false, error);
}

typedef int sweeper(struct transaction *transaction, const struct acting *acting,
		    const char *id, struct error *error);

static int sweep_all(struct transaction *transaction, const struct acting *acting,
		     const struct ids *ids, sweeper *sweep, struct error *error)
{
	int changed = 0;

	for (size_t i = 0; i < ids->count; i++) {
		int r = sweep(transaction, acting, ids->list[i], error);

		if (r < 0)
			return r;
		changed += r;
	}
	return changed;
}

int approvals_sweep(struct transaction *transaction, const struct acting *acting,
		    bool rules_too, struct error *error)
{
	scoped(ids_done) struct ids overdue = { calloc(SWEEP_MAX, ID_SIZE), 0, acting };
	scoped(ids_done) struct ids pending = { calloc(SWEEP_MAX, ID_SIZE), 0, acting };
	int changed, r;

	if (!overdue.list || !pending.list)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	r = store_requests_overdue(transaction, acting->now_seconds, collect, &overdue,
				   error);
	if (r < 0)
		return r;
	changed = sweep_all(transaction, acting, &overdue, write_down, error);
	if (changed < 0 || !rules_too)
		return changed;
	r = store_requests_pending(transaction, acting->now_seconds, collect_settled,
				   &pending, error);
	if (r >= 0)
		r = sweep_all(transaction, acting, &pending, judge_again, error);
	return r < 0 ? r : changed + r;
}
