/* SPDX-License-Identifier: MIT */
#include "broker/provision.h"

#include <errno.h>
#include <string.h>

/* When the next call is due. */
enum pace {
	PACE_AT_ONCE,
	PACE_AT_END,  /* of the session */
	PACE_SOON,    /* 1, 2, 4, 5, 5 ... s: AWS takes some seconds for a new role */
	PACE_LATER,   /* 1, 2, 4 ... 60 s */
	PACE_RARELY,  /* 15 s, 30 s ... 15 min: somebody has to change something */
	PACE_SETTLED, /* when no lost call can come in any more */
};

static const struct {
	int64_t first, most;
} pauses[] = {
	[PACE_SOON] = { 1, 5 },
	[PACE_LATER] = { 1, 60 },
	[PACE_RARELY] = { 15, 900 },
};

struct move {
	enum provision_step next;
	enum pace pace;
	bool gives_up; /* the session has no role and gets none */
};

#define AGAIN(step, pace)                     \
	{                                     \
		PROVISION_##step, pace, false \
	}
#define ON(step) AGAIN(step, PACE_AT_ONCE)
#define GIVE_UP(step)                                \
	{                                            \
		PROVISION_##step, PACE_AT_ONCE, true \
	}

/* Outcomes that a step's call never has are taken for no answer. */
/* clang-format off */
static const struct move moves[PROVISION_STEPS][PROVISION_OUTCOMES] = {
	[PROVISION_MAKE_ROLE] = {
		[PROVISION_DONE]    = ON(PUT_POLICY),
		[PROVISION_ABSENT]  = AGAIN(MAKE_ROLE, PACE_SOON), /* there, and gone when looked at */
		[PROVISION_STRANGE] = GIVE_UP(GONE),
		[PROVISION_HELD]    = AGAIN(MAKE_ROLE, PACE_LATER),
		[PROVISION_NOT_YET] = AGAIN(MAKE_ROLE, PACE_LATER),
		[PROVISION_BUSY]    = AGAIN(MAKE_ROLE, PACE_LATER),
		[PROVISION_LOST]    = AGAIN(MAKE_ROLE, PACE_LATER),
		[PROVISION_REFUSED] = GIVE_UP(GONE), /* or DELETE_POLICY: see undo() */
	},
	[PROVISION_PUT_POLICY] = {
		[PROVISION_DONE]    = ON(PROBE),
		[PROVISION_ABSENT]  = AGAIN(MAKE_ROLE, PACE_SOON), /* not everywhere yet, or deleted by hand */
		[PROVISION_STRANGE] = GIVE_UP(GONE),
		[PROVISION_HELD]    = AGAIN(PUT_POLICY, PACE_LATER),
		[PROVISION_NOT_YET] = AGAIN(PUT_POLICY, PACE_LATER),
		[PROVISION_BUSY]    = AGAIN(PUT_POLICY, PACE_LATER),
		[PROVISION_LOST]    = AGAIN(PUT_POLICY, PACE_LATER),
		[PROVISION_REFUSED] = GIVE_UP(DELETE_POLICY),
	},
	[PROVISION_PROBE] = {
		[PROVISION_DONE]    = AGAIN(READY, PACE_AT_END),
		[PROVISION_ABSENT]  = AGAIN(PROBE, PACE_SOON),
		[PROVISION_STRANGE] = AGAIN(PROBE, PACE_SOON),
		[PROVISION_HELD]    = AGAIN(PROBE, PACE_SOON),
		[PROVISION_NOT_YET] = AGAIN(PROBE, PACE_SOON),
		[PROVISION_BUSY]    = AGAIN(PROBE, PACE_SOON),
		[PROVISION_LOST]    = AGAIN(PROBE, PACE_SOON),
		[PROVISION_REFUSED] = AGAIN(PROBE, PACE_SOON), /* STS says the same of a role it has not seen yet */
	},
	[PROVISION_READY] = { /* no call: it only waits for the end */
		[PROVISION_DONE]    = AGAIN(READY, PACE_AT_END),
		[PROVISION_ABSENT]  = AGAIN(READY, PACE_AT_END),
		[PROVISION_STRANGE] = AGAIN(READY, PACE_AT_END),
		[PROVISION_HELD]    = AGAIN(READY, PACE_AT_END),
		[PROVISION_NOT_YET] = AGAIN(READY, PACE_AT_END),
		[PROVISION_BUSY]    = AGAIN(READY, PACE_AT_END),
		[PROVISION_LOST]    = AGAIN(READY, PACE_AT_END),
		[PROVISION_REFUSED] = AGAIN(READY, PACE_AT_END),
	},
	[PROVISION_DELETE_POLICY] = {
		[PROVISION_DONE]    = ON(DELETE_ROLE),
		[PROVISION_ABSENT]  = ON(DELETE_ROLE), /* IAM says the same of a missing policy */
		[PROVISION_STRANGE] = ON(GONE),
		[PROVISION_HELD]    = AGAIN(DELETE_POLICY, PACE_LATER),
		[PROVISION_NOT_YET] = AGAIN(DELETE_POLICY, PACE_LATER),
		[PROVISION_BUSY]    = AGAIN(DELETE_POLICY, PACE_LATER),
		[PROVISION_LOST]    = AGAIN(DELETE_POLICY, PACE_LATER),
		[PROVISION_REFUSED] = AGAIN(DELETE_POLICY, PACE_RARELY),
	},
	[PROVISION_DELETE_ROLE] = {
		[PROVISION_DONE]    = ON(GONE), /* or CONFIRM: see settle() */
		[PROVISION_ABSENT]  = AGAIN(CONFIRM, PACE_SETTLED), /* it was expected to be there */
		[PROVISION_STRANGE] = ON(GONE),
		[PROVISION_HELD]    = AGAIN(DELETE_POLICY, PACE_LATER),
		[PROVISION_NOT_YET] = AGAIN(DELETE_ROLE, PACE_LATER),
		[PROVISION_BUSY]    = AGAIN(DELETE_ROLE, PACE_LATER),
		[PROVISION_LOST]    = AGAIN(DELETE_ROLE, PACE_LATER),
		[PROVISION_REFUSED] = AGAIN(DELETE_ROLE, PACE_RARELY),
	},
	[PROVISION_CONFIRM] = {
		[PROVISION_DONE]    = ON(GONE),
		[PROVISION_ABSENT]  = ON(GONE),
		[PROVISION_STRANGE] = ON(GONE),
		[PROVISION_HELD]    = ON(DELETE_POLICY),
		[PROVISION_NOT_YET] = AGAIN(CONFIRM, PACE_LATER),
		[PROVISION_BUSY]    = AGAIN(CONFIRM, PACE_LATER),
		[PROVISION_LOST]    = AGAIN(CONFIRM, PACE_LATER),
		[PROVISION_REFUSED] = AGAIN(CONFIRM, PACE_RARELY),
	},
	[PROVISION_GONE] = {
		[PROVISION_DONE]    = ON(GONE),
		[PROVISION_ABSENT]  = ON(GONE),
		[PROVISION_STRANGE] = ON(GONE),
		[PROVISION_HELD]    = ON(GONE),
		[PROVISION_NOT_YET] = ON(GONE),
		[PROVISION_BUSY]    = ON(GONE),
		[PROVISION_LOST]    = ON(GONE),
		[PROVISION_REFUSED] = ON(GONE),
	},
};

static const char *const names[PROVISION_STEPS] = {
	[PROVISION_MAKE_ROLE]     = "make-role",
	[PROVISION_PUT_POLICY]    = "put-policy",
	[PROVISION_PROBE]         = "probe",
	[PROVISION_READY]         = "ready",
	[PROVISION_DELETE_POLICY] = "delete-policy",
	[PROVISION_DELETE_ROLE]   = "delete-role",
	[PROVISION_CONFIRM]       = "confirm",
	[PROVISION_GONE]          = "gone",
};
/* clang-format on */

const char *provision_step_name(enum provision_step step)
{
	return names[step];
}

int provision_step_from_name(const char *name, enum provision_step *step)
{
	for (int i = 0; i < PROVISION_STEPS; i++)
		if (strcmp(names[i], name) == 0) {
			*step = (enum provision_step)i;
			return 0;
		}
	return -EINVAL;
}

bool provision_is_ending(enum provision_step step)
{
	return step >= PROVISION_DELETE_POLICY;
}

static bool makes_something(enum provision_step step)
{
	return step == PROVISION_MAKE_ROLE || step == PROVISION_PUT_POLICY;
}

bool provision_begin(struct provision_state *provision, bool is_live, int64_t ends_at)
{
	/* Whoever began it is dead: its call may be answered, lost or on its way. */
	if (provision->is_under_way && makes_something(provision->step))
		provision->is_unsure = true;
	provision->is_under_way = false;
	if (!is_live && !provision_is_ending(provision->step)) {
		provision->step = PROVISION_DELETE_POLICY;
		provision->tries = 0;
	}
	if (provision->step == PROVISION_READY)
		provision->due_at = ends_at;
	if (provision->step == PROVISION_READY || provision->step == PROVISION_GONE)
		return false;
	provision->is_under_way = true;
	return true;
}

static int64_t pause_after(enum pace pace, int64_t tries)
{
	int64_t pause = pauses[pace].first;

	for (; tries > 0 && pause < pauses[pace].most; tries--)
		pause *= 2;
	return pause < pauses[pace].most ? pause : pauses[pace].most;
}

static int64_t time_of(enum pace pace, int64_t tries, int64_t now_seconds,
		       int64_t ends_at)
{
	switch (pace) {
	case PACE_AT_ONCE:
		return now_seconds;
	case PACE_AT_END:
		return ends_at;
	case PACE_SETTLED:
		return now_seconds + PROVISION_CONFIRM_SECONDS;
	default:
		return now_seconds + pause_after(pace, tries);
	}
}

/* What a call that may still come in could make must be undone, or looked for. */
static struct move be_sure(const struct provision_state *provision, struct move move)
{
	if (!provision->is_unsure || move.next != PROVISION_GONE)
		return move;
	if (provision->step == PROVISION_MAKE_ROLE && move.gives_up) {
		move.next = PROVISION_DELETE_POLICY;
	} else if (provision->step == PROVISION_DELETE_ROLE) {
		move.next = PROVISION_CONFIRM;
		move.pace = PACE_SETTLED;
	}
	return move;
}

/* A role that IAM would not let go keeps its count: next time all policies go. */
static bool keeps_count(const struct provision_state *provision,
			enum provision_outcome outcome, const struct move *move)
{
	return move->next == provision->step || outcome == PROVISION_HELD ||
	       (move->next == PROVISION_MAKE_ROLE && outcome == PROVISION_ABSENT);
}

bool provision_finish(struct provision_state *provision, enum provision_outcome outcome,
		      int64_t now_seconds, int64_t ends_at)
{
	struct move move = moves[provision->step][outcome];

	if (outcome == PROVISION_LOST && makes_something(provision->step))
		provision->is_unsure = true;
	move = be_sure(provision, move);
	provision->is_under_way = false;
	provision->due_at = time_of(move.pace, provision->tries, now_seconds, ends_at);
	if (!provision_is_ending(move.next) && provision->due_at > ends_at)
		provision->due_at = ends_at;
	provision->tries = keeps_count(provision, outcome, &move) ? provision->tries + 1
								  : 0;
	provision->step = move.next;
	if (move.next == PROVISION_GONE)
		provision->due_at = PROVISION_NEVER;
	return move.gives_up;
}
