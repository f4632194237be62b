/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "broker/duties.h"
#include "broker/ends-grant.h"
#include "broker/ends-iam.h"
#include "broker/ends-turn.h"

static int find_role(struct transaction *transaction, void *data, struct error *error)
{
	struct turn *turn = data;

	return store_ends_role_due(transaction, turn->site->account.id, turn->now_seconds,
				   &turn->role, error);
}

/* Who waits for this role hears of it, however it went. */
static void tell_waiters(const struct turn *turn)
{
	char topic[CALL_TOPIC_SIZE];

	ends_topic(turn->role.arn, topic);
	hub_publish(turn->site->hub, topic, turn->role.turn);
}

/* What a call left in its error counts only where it failed. */
static int note_failure(struct turn *turn, int r, const struct error *why)
{
	if (r < 0)
		turn->failure = *why;
	else
		turn->failure.kind = ERROR_NONE;
	return r;
}

static int look(struct turn *turn, struct iam *iam)
{
	struct error why = { .kind = ERROR_NONE };
	int r = ends_iam_look(iam, turn_role_name(turn), &turn->role, turn->now_seconds,
			      &why);

	turn->has_looked = r == 0;
	return note_failure(turn, r, &why);
}

static void check(struct turn *turn, struct iam *iam)
{
	struct error why = { .kind = ERROR_NONE };

	note_failure(turn,
		     ends_iam_check(iam, turn_role_name(turn), &turn->role,
				    &turn->is_in_force, &why),
		     &why);
}

/* 1 where IAM finds it too long after all: the role was looked at, plan anew. */
static int write_or_look(struct turn *turn, struct iam *iam)
{
	struct error why = { .kind = ERROR_NONE };
	int r = ends_iam_write(iam, turn_role_name(turn), turn->plan.document, &why);

	note_failure(turn, r, &why);
	if (r != -EDQUOT || turn->has_looked || !turn->plan.document)
		return 0;
	turn->role.is_unknown = turn->was_unknown;
	return look(turn, iam) == 0;
}

/* Does the next step and writes down what came of it.  1 to plan anew. */
static int do_step(struct turn *turn, struct iam *iam, struct error *error)
{
	struct store *store = turn->site->store;

	if (turn->next == STEP_LOOK)
		return look(turn, iam) == 0
			   ? 1
			   : store_write(store, turn_finish, turn, error);
	if (turn->next == STEP_CHECK) {
		check(turn, iam);
		return store_write(store, turn_finish_check, turn, error);
	}
	if (write_or_look(turn, iam) == 1)
		return 1;
	turn->now_seconds = clock_wall_seconds(turn->site->clock);
	return store_write(store, turn_finish, turn, error);
}

/* Plans, calls, and plans once more after a look.  0 or error_set(). */
static int take_turn(struct turn *turn, struct error *error)
{
	struct duty_site *site = turn->site;
	struct iam *iam = NULL;
	struct error why = { .kind = ERROR_NONE };
	int r = 1;

	for (int i = 0; r == 1 && i < 3; i++) {
		r = store_write(site->store, turn_begin, turn, error);
		if (r < 0 || turn->next == STEP_NONE)
			return r;
		r = iam_account_open(&site->account, turn->role.region,
				     turn->role.manager, &iam, &why);
		if (note_failure(turn, r, &why) < 0)
			r = store_write(site->store, turn_finish, turn, error);
		else
			r = do_step(turn, iam, error);
	}
	return r < 0 ? r : 0;
}

int ends_duty_work(struct duty_site *site, struct error *error)
{
	struct turn turn = { .site = site,
			     .now_seconds = clock_wall_seconds(site->clock) };
	int r = store_read(site->store, find_role, &turn, error);

	if (r <= 0)
		return r;
	r = take_turn(&turn, error);
	turn_reset(&turn);
	if (r == 0)
		tell_waiters(&turn);
	return r < 0 ? r : 1;
}
