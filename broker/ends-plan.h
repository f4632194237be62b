/* SPDX-License-Identifier: MIT */
#ifndef BROKER_ENDS_PLAN_H
#define BROKER_ENDS_PLAN_H

#include "broker/store-ends.h"

/*
 * What a role's document must say at a moment, and what that takes.  Pure:
 * rows and a time in, a plan out, so that every rule about ends is in one file.
 *
 * A session stays in the document until STS's longest credentials are dead:
 * its last grant's expiry, the role's MaxSessionDuration and a margin for
 * clocks, and not before its own end.
 */
#define ENDS_MARGIN_SECONDS 900
#define ENDS_LONGEST_LEAST 3600 /* of a MaxSessionDuration, as AWS allows it */
#define ENDS_LONGEST_MOST 43200
#define ENDS_FORGET_TOGETHER 300 /* removals are put off to the next whole one */
#define ENDS_ROOM_KEPT 512       /* that new sessions leave for revocations */
#define ENDS_LOOK_AGAIN_SECONDS 300
#define ENDS_CHECK_SECONDS 600 /* more than SigV4 lets a delayed call live */
#define ENDS_BACKOFF_MOST 15   /* less than a grant waits */

/* Rows of one role; the list is owned. */
struct ends {
	struct end *list;
	size_t count;
};

void ends_done(struct ends *ends);

/* Reads a role's rows.  0 or error_set(). */
int ends_read(struct transaction *transaction, const char *arn, struct ends *ends,
	      struct error *error);

enum end_fate {
	END_STAYS,      /* in the document, as it is there or better */
	END_IS_NEW,     /* not in it yet */
	END_IS_EXACT,   /* denied later than it should be: from now on without a date */
	END_IS_GONE,    /* its credentials are dead: out of the document */
	END_IS_UNUSED,  /* over before a grant was signed */
	END_IS_REFUSED, /* there is no room for it */
};

struct ends_plan {
	bool must_write;      /* what is in force will not do */
	bool must_look;       /* at the role itself, before this plan can be done */
	enum end_fate *fates; /* of each row; owned */
	int64_t *denied_from; /* of each row that is written; owned */
	char *document;       /* what it must say; owned, NULL where nothing is left */
	struct error refusal; /* why some are refused, or ERROR_NONE */
};

void ends_plan_done(struct ends_plan *plan);

/*
 * Makes the plan.  0, or error_set(): -EDQUOT where not even what is in force
 * already fits into what other policies leave.
 */
int ends_plan_make(const struct ends_role *role, const struct ends *ends,
		   int64_t now_seconds, struct ends_plan *plan, struct error *error);

/* When that role has something to do next, as its rows and the role are now. */
int64_t ends_next_due(const struct ends_role *role, const struct ends *ends,
		      int64_t now_seconds);

/* When a session leaves the document. */
int64_t ends_forget_at(const struct ends_role *role, const struct end *end);

/* Seconds until the next try after so many failures in a row. */
int64_t ends_backoff(int64_t failures);

#endif
