/* SPDX-License-Identifier: MIT */
#ifndef BROKER_PROVISION_H
#define BROKER_PROVISION_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The life of a role that is made for one session, as a pure state machine: a
 * step, what came of its call and a time in; the next step and when, out.  A
 * step names the call that is due, is on the disk before the call is made, and
 * may be done any number of times: so a broker that died in it does it again.
 */
enum provision_step {
	PROVISION_MAKE_ROLE,
	PROVISION_PUT_POLICY,
	PROVISION_PROBE,         /* STS is asked whether the role can be assumed */
	PROVISION_READY,         /* nothing is due before the session's end */
	PROVISION_DELETE_POLICY, /* from here on it is being destroyed */
	PROVISION_DELETE_ROLE,
	PROVISION_CONFIRM, /* once more, when no lost call can come in any more */
	PROVISION_GONE,
	PROVISION_STEPS,
};

/* What came of a step's call. */
enum provision_outcome {
	PROVISION_DONE,    /* it is so now, whoever made it so */
	PROVISION_ABSENT,  /* IAM has no such role */
	PROVISION_STRANGE, /* it has one of that name, which is not ours */
	PROVISION_HELD,    /* it keeps the role while that has policies */
	PROVISION_NOT_YET, /* the role cannot be assumed */
	PROVISION_BUSY,    /* throttled, or out of order: nothing was done */
	PROVISION_LOST,    /* no answer: it was done, or will be, or will not */
	PROVISION_REFUSED, /* AWS will not, however often it is asked */
	PROVISION_OUTCOMES,
};

#define PROVISION_NEVER INT64_MAX
#define PROVISION_CONFIRM_SECONDS 900 /* longer than a signature lasts */

struct provision_state {
	enum provision_step step;
	int64_t due_at;    /* when its call is due; PROVISION_NEVER */
	int64_t tries;     /* of this step, that were in vain */
	bool is_under_way; /* a call was begun, what came of it is not written down */
	bool is_unsure;    /* a call that makes something may still come in */
	bool is_ours;      /* the role is known to have our tags */
};

/*
 * Before a call: sets what must be on the disk first.  is_live: whether the
 * session may still be used.  Returns whether there is a call to make.
 */
bool provision_begin(struct provision_state *provision, bool is_live, int64_t ends_at);

/*
 * After it: the next step and its time.  Returns whether the session must end
 * because AWS will never have its role.
 */
bool provision_finish(struct provision_state *provision, enum provision_outcome outcome,
		      int64_t now_seconds, int64_t ends_at);

/* Whether the role is being destroyed, or is gone. */
bool provision_is_ending(enum provision_step step);

/* "put-policy": as the store says it. */
const char *provision_step_name(enum provision_step step);

/* 0 and *step, or -EINVAL. */
int provision_step_from_name(const char *name, enum provision_step *step);

#endif
