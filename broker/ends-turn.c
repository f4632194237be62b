/* SPDX-License-Identifier: MIT */
#include "broker/ends-turn.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "broker/audit.h"
#include "broker/ends-iam.h"
#include "broker/store-proofs.h"

void turn_reset(struct turn *turn)
{
	ends_done(&turn->ends);
	ends_plan_done(&turn->plan);
}

const char *turn_role_name(const struct turn *turn)
{
	const char *slash = strrchr(turn->role.arn, '/');

	return slash ? slash + 1 : turn->role.arn;
}

/* Grows, and is a time at least, so that a role that is new again goes on from it. */
static int64_t next_turn(const struct turn *turn)
{
	return turn->role.turn + 1 > turn->now_seconds ? turn->role.turn + 1
						       : turn->now_seconds;
}

/* The role as its rows now are: its next time, or nothing of it. */
static int settle(struct transaction *transaction, struct turn *turn, struct error *error)
{
	scoped(ends_done) struct ends ends = { NULL, 0 };
	int r = ends_read(transaction, turn->role.arn, &ends, error);

	if (r < 0)
		return r;
	if (ends.count == 0 && !turn->role.has_document && !turn->role.is_unknown)
		return store_ends_role_remove(transaction, turn->role.arn, error);
	if (turn->failure.kind == ERROR_NONE)
		turn->role.due_at = ends_next_due(&turn->role, &ends, turn->now_seconds);
	return store_ends_role_update(transaction, &turn->role, error);
}

/* Rows that nobody needs go; those that leave the document are covered no more. */
static int drop_rows(struct transaction *transaction, const struct turn *turn,
		     struct error *error)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < turn->ends.count; i++) {
		const struct end *end = &turn->ends.list[i];

		if (turn->plan.fates[i] == END_IS_UNUSED ||
		    turn->plan.fates[i] == END_IS_REFUSED)
			r = store_ends_forget(transaction, end, error);
		else if (turn->plan.fates[i] == END_IS_GONE)
			r = store_ends_denied(transaction, end->request, ENDS_NOT_WRITTEN,
					      error);
	}
	return r;
}

static enum next_step step_of(const struct turn *turn)
{
	if (turn->plan.must_look && !turn->has_looked)
		return STEP_LOOK;
	if (turn->plan.must_write)
		return STEP_WRITE;
	return turn->role.check_at > 0 && turn->role.check_at <= turn->now_seconds
		   ? STEP_CHECK
		   : STEP_NONE;
}

static void set_failed(struct turn *turn)
{
	turn->role.error = turn->failure;
	turn->role.turn = next_turn(turn);
	turn->role.due_at = turn->now_seconds + ends_backoff(turn->role.failures);
	turn->role.failures++;
}

/* Rows may have come and changed meanwhile, and the role's account with them. */
static int reload_role(struct transaction *transaction, struct turn *turn,
		       struct error *error)
{
	struct ends_role now;
	int r = store_ends_role(transaction, turn->role.arn, &now, error);

	if (r <= 0)
		return r;
	memcpy(turn->role.region, now.region, sizeof(now.region));
	memcpy(turn->role.manager, now.manager, sizeof(now.manager));
	return r;
}

static void tell_failure(const struct turn *turn, bool is_new)
{
	if (is_new)
		log_warning("%s: %s; it is tried again", turn->role.arn,
			    turn->failure.text);
}

static int finish_failed(struct transaction *transaction, struct turn *turn,
			 struct error *error)
{
	static const struct audit_origin nobody = { NULL, NULL, NULL };
	bool is_new = turn->role.failures == 0 ||
		      strcmp(turn->role.error.text, turn->failure.text) != 0;
	int r = 0;

	if (is_new)
		r = audit_note(transaction, &nobody, turn->now_seconds, AUDIT_END_FAILED,
			       NULL, error, "%s: %s", turn_role_name(turn),
			       turn->failure.text);
	tell_failure(turn, is_new);
	set_failed(turn);
	return r < 0 ? r : store_ends_role_update(transaction, &turn->role, error);
}

int turn_begin(struct transaction *transaction, void *data, struct error *error)
{
	struct turn *turn = data;
	int r = reload_role(transaction, turn, error);

	turn_reset(turn);
	turn->next = STEP_NONE;
	if (r == 1)
		r = ends_read(transaction, turn->role.arn, &turn->ends, error);
	else
		return r;
	if (r < 0)
		return r;
	r = ends_plan_make(&turn->role, &turn->ends, turn->now_seconds, &turn->plan,
			   &turn->failure);
	turn->next = step_of(turn);
	if (turn->next == STEP_LOOK) {
		turn->failure.kind = ERROR_NONE;
		return 0;
	}
	if (r < 0) {
		turn->next = STEP_NONE;
		return finish_failed(transaction, turn, error);
	}
	r = drop_rows(transaction, turn, error);
	if (r < 0)
		return r;
	if (turn->plan.refusal.kind != ERROR_NONE) {
		turn->role.error = turn->plan.refusal;
		turn->role.turn = next_turn(turn);
	}
	turn->was_unknown = turn->role.is_unknown;
	if (turn->next == STEP_WRITE)
		turn->role.is_unknown = true;
	return settle(transaction, turn, error);
}

/* From now on AWS has something to show. */
static int note_denied(struct transaction *transaction, const struct turn *turn,
		       const struct end *end, struct error *error)
{
	static const struct audit_origin nobody = { NULL, NULL, NULL };
	int64_t now = turn->now_seconds;
	int r = store_proof_hasten(transaction, end->request, now + 1, error);

	return r < 0
		   ? r
		   : audit_note(transaction, &nobody, now, AUDIT_END_EXACT, end->request,
				error, "%s denies it; IAM took that %lld s after the end",
				turn_role_name(turn), (long long)(now - end->ends_at));
}

static int note_row(struct transaction *transaction, const struct turn *turn, size_t i,
		    struct error *error)
{
	static const struct audit_origin nobody = { NULL, NULL, NULL };
	const struct end *end = &turn->ends.list[i];
	const char *role = turn_role_name(turn);
	int64_t from = turn->plan.denied_from[i], now = turn->now_seconds;
	char at[TIME_TEXT_SIZE];

	if (turn->plan.fates[i] == END_IS_GONE)
		return audit_note(transaction, &nobody, now, AUDIT_END_REMOVED,
				  end->request, error,
				  "%s denies it no more: its credentials are dead", role);
	if (from == 0)
		return note_denied(transaction, turn, end, error);
	if (from == end->ends_at)
		return audit_note(transaction, &nobody, now, AUDIT_END_WRITTEN,
				  end->request, error, "%s denies it from %s on", role,
				  time_format(from, at));
	return audit_note(transaction, &nobody, now, AUDIT_END_WRITTEN, end->request,
			  error,
			  "%s denies it from %s on, %lld s after its end, for room; at "
			  "its end that is written again",
			  role, time_format(from, at), (long long)(from - end->ends_at));
}

/* A row that stays has news only where its Deny comes later than it did. */
static bool is_put_off(const struct turn *turn, size_t i)
{
	const struct end *end = &turn->ends.list[i];
	int64_t from = turn->plan.denied_from[i];

	return from > end->ends_at && from > end->denied_from;
}

static int write_row(struct transaction *transaction, const struct turn *turn, size_t i,
		     struct error *error)
{
	const struct end *end = &turn->ends.list[i];
	enum end_fate fate = turn->plan.fates[i];
	int r = 0;

	if (fate == END_IS_UNUSED || fate == END_IS_REFUSED)
		return 0;
	if (fate == END_IS_GONE) {
		struct end gone = *end;

		gone.denied_from = ENDS_NOT_WRITTEN;
		r = store_ends_forget(transaction, &gone, error);
	} else {
		r = store_ends_denied(transaction, end->request,
				      turn->plan.denied_from[i], error);
	}
	if (r < 0 || (fate == END_STAYS && !is_put_off(turn, i)))
		return r;
	return note_row(transaction, turn, i, error);
}

/* The document is in force: every row says so, in one transaction. */
static int finish_written(struct transaction *transaction, struct turn *turn,
			  struct error *error)
{
	struct ends_role *role = &turn->role;
	int r = 0;

	for (size_t i = 0; r == 0 && i < turn->ends.count; i++)
		r = write_row(transaction, turn, i, error);
	if (r < 0)
		return r;
	if (role->failures > 0)
		log_info("%s: IAM takes what the broker says again", role->arn);
	role->is_unknown = false;
	role->has_document = turn->plan.document != NULL;
	if (role->has_document)
		ends_hash(turn->plan.document, role->document_hash);
	if (turn->was_unknown)
		role->check_at = turn->now_seconds + ENDS_CHECK_SECONDS;
	role->failures = 0;
	role->error = turn->plan.refusal;
	role->turn = next_turn(turn);
	return settle(transaction, turn, error);
}

int turn_finish(struct transaction *transaction, void *data, struct error *error)
{
	struct turn *turn = data;
	int r = reload_role(transaction, turn, error);

	if (r <= 0)
		return r;
	return turn->failure.kind != ERROR_NONE
		   ? finish_failed(transaction, turn, error)
		   : finish_written(transaction, turn, error);
}

/* What was looked up, or found to be as written, or not. */
int turn_finish_check(struct transaction *transaction, void *data, struct error *error)
{
	struct turn *turn = data;
	int r = reload_role(transaction, turn, error);

	if (r <= 0)
		return r;
	if (turn->failure.kind != ERROR_NONE)
		return finish_failed(transaction, turn, error);
	turn->role.check_at = 0;
	turn->role.is_unknown = !turn->is_in_force;
	return settle(transaction, turn, error);
}
