/* SPDX-License-Identifier: MIT */
#ifndef BROKER_ENDS_TURN_H
#define BROKER_ENDS_TURN_H

#include "broker/duties.h"
#include "broker/ends-plan.h"

/*
 * One turn at one role: what it must say is worked out and marked as being
 * written in one transaction, then IAM is called, then what came of it is
 * written down in another.  A broker that dies in between finds the mark and
 * writes the whole document again.
 */
enum next_step {
	STEP_NONE, /* all is as it should be */
	STEP_LOOK,
	STEP_CHECK,
	STEP_WRITE,
};

struct turn {
	struct duty_site *site;
	int64_t now_seconds;
	struct ends_role role;
	struct ends ends;
	struct ends_plan plan;
	enum next_step next;
	bool has_looked;
	bool was_unknown;     /* a former write may still be on its way */
	bool is_in_force;     /* what IAM has is what was written */
	struct error failure; /* of IAM, ERROR_NONE when it went well */
};

/* Frees what the turn holds of rows and plan. */
void turn_reset(struct turn *turn);

/* The role's name in calls of IAM. */
const char *turn_role_name(const struct turn *turn);

/*
 * Each is the work of a store_write() with the turn as its data.  turn_begin()
 * plans, marks and sets next; turn_finish() writes down that the document is
 * in force, or the failure; turn_finish_check() what a look at the document said.
 */
int turn_begin(struct transaction *transaction, void *data, struct error *error);
int turn_finish(struct transaction *transaction, void *data, struct error *error);
int turn_finish_check(struct transaction *transaction, void *data, struct error *error);

#endif
