/* SPDX-License-Identifier: MIT */
#include "broker/ends-grant.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "broker/ends-plan.h"
#include "broker/enforcer.h"
#include "broker/keys.h"
#include "broker/provision-name.h"
#include "broker/store-proofs.h"

/* FNV-1a; two roles of one number would wake each other's calls, no more. */
void ends_topic(const char *role_arn, char topic[static CALL_TOPIC_SIZE])
{
	uint64_t hash = 14695981039346656037U;

	for (; *role_arn; role_arn++)
		hash = (hash ^ (unsigned char)*role_arn) * 1099511628211U;
	snprintf(topic, CALL_TOPIC_SIZE, "#%016" PRIx64, hash);
}

struct admitting {
	const struct request *request;
	struct ends_role role; /* to write down; then as it is */
	struct end end;
	int64_t granted_until;
	int64_t now_seconds;
	bool has_row, has_role;
};

static bool is_denied_in_time(const struct admitting *admitting)
{
	return admitting->has_row && admitting->end.denied_from >= 0;
}

static int look_up(struct transaction *transaction, void *data, struct error *error)
{
	struct admitting *admitting = data;
	int r = store_ends_find(transaction, admitting->request->id, &admitting->end,
				&admitting->role, error);

	if (r < 0)
		return r;
	admitting->has_row = r == 1;
	if (!admitting->has_row)
		r = store_ends_role(transaction, admitting->request->role_arn,
				    &admitting->role, error);
	admitting->has_role = r == 1;
	return r < 0 ? r : 0;
}

static int want(struct transaction *transaction, void *data, struct error *error)
{
	struct admitting *admitting = data;
	int r = store_ends_want(transaction, &admitting->role, admitting->request->id,
				admitting->request->ends_at, admitting->granted_until,
				admitting->now_seconds, error);

	return r < 0 ? r : look_up(transaction, admitting, error);
}

static int describe_role(const struct request *request, const struct account *account,
			 struct ends_role *role, struct error *error)
{
	const char *manager = account->manager ? account->manager : "";

	if (strlen(request->role_arn) >= sizeof(role->arn) ||
	    strlen(request->account_id) >= sizeof(role->account_id) ||
	    strlen(request->region) >= sizeof(role->region) ||
	    strlen(manager) >= sizeof(role->manager))
		return error_set(error, ERROR_LIMIT, "the name of %s's role is too long",
				 request->profile);
	*role = (struct ends_role){ .due_at = ENDS_NEVER };
	snprintf(role->arn, sizeof(role->arn), "%s", request->role_arn);
	snprintf(role->account_id, sizeof(role->account_id), "%s", request->account_id);
	snprintf(role->region, sizeof(role->region), "%s", request->region);
	snprintf(role->manager, sizeof(role->manager), "%s", manager);
	return 0;
}

static int wait_for_turn(struct call *call, const struct admitting *admitting)
{
	ends_topic(admitting->role.arn, call->wait_topic);
	call->wait_since = admitting->role.turn;
	call->wait_seconds = call->wait_until - admitting->now_seconds;
	return 0;
}

/* The first time: it is written down, and whoever writes to that account is woken. */
static int begin_waiting(struct broker *broker, struct call *call,
			 struct admitting *admitting, const struct profile *profile,
			 struct error *error)
{
	int r = describe_role(admitting->request, profile->account, &admitting->role,
			      error);

	if (r == 0)
		r = store_write(broker->store, want, admitting, error);
	if (r < 0)
		return r;
	if (is_denied_in_time(admitting))
		return 1;
	call->wait_until = admitting->now_seconds + ENDS_WAIT_SECONDS;
	call->wait_turn = admitting->role.turn;
	enforcer_wake(broker->enforcer, admitting->request->account_id);
	return wait_for_turn(call, admitting);
}

/* Why it is not in force: what the last try said, if one came to an end. */
static int explain(const struct admitting *admitting, struct error *error)
{
	const struct error *why = &admitting->role.error;

	if (admitting->has_role && why->kind == ERROR_LIMIT)
		return error_set(error, ERROR_LIMIT, "%s", why->text);
	if (admitting->has_role && why->kind != ERROR_NONE)
		return error_set(
		    error, why->kind == ERROR_USAGE ? ERROR_INTERNAL : why->kind,
		    "no grant before AWS has the Deny for its end: %.220s", why->text);
	return error_set(error, ERROR_UNREACHABLE,
			 "no grant before AWS has the Deny for its end, and IAM has not "
			 "taken it yet; it is tried on");
}

int ends_admit(struct broker *broker, struct call *call, const struct request *request,
	       const struct profile *profile, int64_t granted_until, struct error *error)
{
	struct admitting admitting = {
		.request = request,
		.granted_until = granted_until,
		.now_seconds = clock_wall_seconds(broker->clock),
	};
	bool has_ended;
	int r = store_read(broker->store, look_up, &admitting, error);

	if (r < 0)
		return r;
	if (is_denied_in_time(&admitting))
		return 1;
	if (call->wait_until == 0)
		return begin_waiting(broker, call, &admitting, profile, error);
	has_ended = admitting.role.error.kind != ERROR_NONE &&
		    admitting.role.turn > call->wait_turn;
	if (!admitting.has_row || has_ended || call->cannot_wait ||
	    admitting.now_seconds >= call->wait_until)
		return explain(&admitting, error);
	return wait_for_turn(call, &admitting);
}

int ends_confirm(struct transaction *transaction, const char *request,
		 int64_t granted_until, struct error *error)
{
	struct end end;
	int r = store_ends_find(transaction, request, &end, NULL, error);

	if (r == 1 && end.denied_from >= 0)
		return store_ends_granted(transaction, request, granted_until, error);
	return r < 0 ? r
		     : error_set(error, ERROR_UNREACHABLE,
				 "the Deny for the end of %s is being written anew; try "
				 "again",
				 request);
}

struct adopting {
	struct transaction *transaction;
	const struct profiles *profiles;
	int64_t now_seconds;
	int count;
	struct error *error;
};

static int adopt_one(void *data, const struct request *request)
{
	struct adopting *adopting = data;
	const struct profile *profile = profiles_profile(adopting->profiles,
							 request->profile);
	int64_t over = request->ended_at ? request->ended_at : request->ends_at;
	struct ends_role role;
	int r;

	if (!profile || !profile->role || !profile->account || provision_is_own(request))
		return 0;
	r = describe_role(request, profile->account, &role, adopting->error);
	if (r == 0)
		r = store_ends_adopt(
		    adopting->transaction, &role, request->id,
		    over < request->ends_at ? over : request->ends_at,
		    (over < adopting->now_seconds ? over : adopting->now_seconds) +
			GRANT_LIFETIME_SECONDS,
		    adopting->now_seconds, adopting->error);
	adopting->count += r == 0;
	return r;
}

static int adopt_all(struct transaction *transaction, void *data, struct error *error)
{
	struct adopting *adopting = data;
	int64_t since,
	    over_after = adopting->now_seconds - ENDS_LONGEST_MOST - ENDS_MARGIN_SECONDS;
	int r = store_ends_marked(transaction, &since, error);

	if (r != 0)
		return r < 0 ? r : 0;
	adopting->transaction = transaction;
	adopting->error = error;
	r = store_ends_regrant(transaction, adopting->now_seconds, GRANT_LIFETIME_SECONDS,
			       error);
	if (r == 0)
		r = store_ends_orphans(transaction, over_after, adopt_one, adopting,
				       error);
	return r < 0 ? r : store_ends_mark(transaction, adopting->now_seconds, error);
}

int ends_adopt(struct store *store, const struct profiles *profiles, int64_t now_seconds,
	       struct error *error)
{
	struct adopting adopting = { .profiles = profiles, .now_seconds = now_seconds };
	int r = store_write(store, adopt_all, &adopting, error);

	return r < 0 ? r : adopting.count;
}

static int unmark(struct transaction *transaction, void *data, struct error *error)
{
	int r = store_ends_mark(transaction, 0, error);

	(void)data;
	return r < 0 ? r : store_proof_mark(transaction, false, 0, error);
}

int ends_leave(struct store *store, struct error *error)
{
	return store_write(store, unmark, NULL, error);
}
