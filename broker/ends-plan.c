/* SPDX-License-Identifier: MIT */
#include "broker/ends-plan.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "policy/policy.h"

void ends_done(struct ends *ends)
{
	free(ends->list);
	*ends = (struct ends){ NULL, 0 };
}

struct collecting {
	struct end *list;
	size_t count, room;
};

static int collect(void *data, const struct end *end)
{
	struct collecting *collecting = data;

	if (collecting->count < collecting->room)
		collecting->list[collecting->count++] = *end;
	return 0;
}

int ends_read(struct transaction *transaction, const char *arn, struct ends *ends,
	      struct error *error)
{
	struct collecting collecting = { .count = 0 };
	int64_t count = 0;
	int r = store_ends_count(transaction, arn, &count, error);

	if (r < 0)
		return r;
	collecting.room = (size_t)count;
	collecting.list = calloc(collecting.room + 1, sizeof(struct end));
	if (!collecting.list)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	r = store_ends_of_role(transaction, arn, collect, &collecting, error);
	if (r < 0) {
		free(collecting.list);
		return r;
	}
	*ends = (struct ends){ collecting.list, collecting.count };
	return 0;
}

void ends_plan_done(struct ends_plan *plan)
{
	free(plan->fates);
	free(plan->denied_from);
	json_text_free(plan->document);
	*plan = (struct ends_plan){ .fates = NULL };
}

int64_t ends_backoff(int64_t failures)
{
	int64_t seconds = failures > 4 ? ENDS_BACKOFF_MOST : (int64_t)1 << failures;

	return seconds < ENDS_BACKOFF_MOST ? seconds : ENDS_BACKOFF_MOST;
}

int64_t ends_forget_at(const struct ends_role *role, const struct end *end)
{
	/* Before anybody has looked, the least that it can be: then one looks. */
	int64_t longest = role->looked_at ? role->longest_seconds : ENDS_LONGEST_LEAST;
	int64_t dead_at = end->granted_until + longest;

	if (dead_at < end->ends_at)
		dead_at = end->ends_at;
	return dead_at + ENDS_MARGIN_SECONDS;
}

/* What no document may leave out, since a grant was signed on it. */
static bool is_owed(const struct end *end)
{
	return end->denied_from >= 0;
}

static enum end_fate fate_of(const struct ends_role *role, const struct end *end,
			     int64_t now)
{
	if (end->denied_from == ENDS_NOT_WRITTEN)
		return end->ends_at <= now ? END_IS_UNUSED : END_IS_NEW;
	if (ends_forget_at(role, end) <= now)
		return END_IS_GONE;
	if (!is_owed(end))
		return END_IS_NEW;
	return end->ends_at <= now && end->denied_from > end->ends_at ? END_IS_EXACT
								      : END_STAYS;
}

static size_t room_of(const struct ends_role *role)
{
	return role->room > 0 && role->room < POLICY_ROLE_MAX ? (size_t)role->room
							      : POLICY_ROLE_MAX;
}

/*
 * The document of all that is owed and of the first so many new ones.  Those
 * leave some room, so that the next revocation fits.
 */
static int try_document(const struct ends_role *role, const struct ends *ends,
			int64_t now, size_t new_ones, struct ends_plan *plan,
			struct error *error)
{
	scoped(freep) struct session_end *list = calloc(ends->count + 1, sizeof(*list));
	size_t room = room_of(role), taken = 0, count = 0;
	int r;

	if (!list)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	for (size_t i = 0; i < ends->count; i++) {
		const struct end *end = &ends->list[i];

		if (plan->fates[i] > END_IS_EXACT ||
		    (!is_owed(end) && taken++ >= new_ones))
			continue;
		list[count++] = (struct session_end){ end->request, end->ends_at, 0 };
	}
	if (new_ones > 0)
		room = room > ENDS_ROOM_KEPT ? room - ENDS_ROOM_KEPT : 0;
	r = policy_ends(list, count, now, room, &plan->document, error);
	if (r < 0)
		return r;
	for (size_t i = 0, j = 0; i < ends->count && j < count; i++)
		if (list[j].request == ends->list[i].request)
			plan->denied_from[i] = list[j++].denied_from;
	return 0;
}

static size_t count_new(const struct ends *ends, const struct ends_plan *plan)
{
	size_t count = 0;

	for (size_t i = 0; i < ends->count; i++)
		count += plan->fates[i] == END_IS_NEW && !is_owed(&ends->list[i]);
	return count;
}

static void refuse_rest(const struct ends *ends, size_t admitted, struct ends_plan *plan)
{
	size_t seen = 0;

	for (size_t i = 0; i < ends->count; i++)
		if (plan->fates[i] == END_IS_NEW && !is_owed(&ends->list[i]) &&
		    seen++ >= admitted)
			plan->fates[i] = END_IS_REFUSED;
}

/* As many new ones as fit; what is owed has to. */
static int write_document(const struct ends_role *role, const struct ends *ends,
			  int64_t now, struct ends_plan *plan, struct error *error)
{
	size_t fit = 0, too_many = count_new(ends, plan);
	int r = try_document(role, ends, now, too_many, plan, &plan->refusal);

	if (r != -EDQUOT || too_many == 0) {
		if (r < 0 && error)
			*error = plan->refusal;
		plan->refusal.kind = ERROR_NONE;
		return r;
	}
	while (too_many - fit > 1) {
		size_t middle = fit + (too_many - fit) / 2;

		r = try_document(role, ends, now, middle, plan, NULL);
		json_text_free(take(plan->document));
		if (r < 0 && r != -EDQUOT)
			return error_set(error, ERROR_INTERNAL, "out of memory");
		if (r < 0)
			too_many = middle;
		else
			fit = middle;
	}
	refuse_rest(ends, fit, plan);
	return try_document(role, ends, now, fit, plan, error);
}

static bool has_fate(const struct ends *ends, const struct ends_plan *plan,
		     enum end_fate fate)
{
	for (size_t i = 0; i < ends->count; i++)
		if (plan->fates[i] == fate)
			return true;
	return false;
}

static bool names_any(const struct ends *ends, const struct ends_plan *plan)
{
	return has_fate(ends, plan, END_STAYS) || has_fate(ends, plan, END_IS_NEW) ||
	       has_fate(ends, plan, END_IS_EXACT);
}

/* Before a session leaves, one looks how long credentials can have been given. */
static bool must_look(const struct ends_role *role, const struct ends *ends,
		      const struct ends_plan *plan, int64_t now)
{
	if (has_fate(ends, plan, END_IS_REFUSED))
		return role->looked_at + ENDS_LOOK_AGAIN_SECONDS <= now;
	for (size_t i = 0; i < ends->count; i++)
		if (plan->fates[i] == END_IS_GONE &&
		    role->looked_at <= ends->list[i].granted_until)
			return true;
	return false;
}

int ends_plan_make(const struct ends_role *role, const struct ends *ends,
		   int64_t now_seconds, struct ends_plan *plan, struct error *error)
{
	int r;

	*plan = (struct ends_plan){ .fates = calloc(ends->count + 1,
						    sizeof(*plan->fates)) };
	plan->denied_from = calloc(ends->count + 1, sizeof(*plan->denied_from));
	if (!plan->fates || !plan->denied_from)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	for (size_t i = 0; i < ends->count; i++)
		plan->fates[i] = fate_of(role, &ends->list[i], now_seconds);
	r = write_document(role, ends, now_seconds, plan, error);
	plan->must_look = r == -EDQUOT
			      ? role->looked_at + ENDS_LOOK_AGAIN_SECONDS <= now_seconds
			      : must_look(role, ends, plan, now_seconds);
	plan->must_write = role->is_unknown || has_fate(ends, plan, END_IS_NEW) ||
			   has_fate(ends, plan, END_IS_EXACT) ||
			   has_fate(ends, plan, END_IS_GONE) ||
			   (role->has_document && !names_any(ends, plan));
	return r;
}

/* Removals wait for each other; nothing else does. */
static int64_t end_due(const struct ends_role *role, const struct end *end, int64_t now)
{
	int64_t forget_at = ends_forget_at(role, end);

	if (end->denied_from < 0)
		return now;
	forget_at += ENDS_FORGET_TOGETHER - forget_at % ENDS_FORGET_TOGETHER;
	return end->denied_from > end->ends_at && end->ends_at < forget_at ? end->ends_at
									   : forget_at;
}

int64_t ends_next_due(const struct ends_role *role, const struct ends *ends,
		      int64_t now_seconds)
{
	int64_t due_at = role->check_at > 0 ? role->check_at : ENDS_NEVER;

	if (role->is_unknown || (ends->count == 0 && role->has_document))
		return now_seconds;
	for (size_t i = 0; i < ends->count; i++) {
		int64_t at = end_due(role, &ends->list[i], now_seconds);

		if (at < due_at)
			due_at = at;
	}
	return due_at;
}
