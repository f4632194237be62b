/* SPDX-License-Identifier: MIT */
#ifndef BROKER_PROOF_H
#define BROKER_PROOF_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether AWS has been seen to refuse a session that was ended before its
 * time: what one try showed, whether there is another one and when.  Pure.
 * Only one outcome is a proof; whatever is not understood is none.
 */
enum proof_outcome {
	PROOF_SHOWN,     /* AWS refuses it, and by what is about it alone */
	PROOF_NOT_YET,   /* AWS lets it in, or denies it by nothing */
	PROOF_MASKED,    /* the role denies the question to another session, too */
	PROOF_UNCLEAR,   /* refused in words that show nothing */
	PROOF_LOST,      /* no answer */
	PROOF_UNWRITTEN, /* IAM has not taken yet what is to be seen */
	PROOF_EXPIRED,   /* its credentials had died of age */
	PROOF_OUTCOMES,
};

enum proof_verdict {
	PROOF_DONE,
	PROOF_AGAIN,
	PROOF_GIVE_UP,
};

#define PROOF_TRIES 12             /* each of four calls at most */
#define PROOF_PATIENCE_SECONDS 600 /* for IAM to take it, from the end on */
#define PROOF_GRANT_SECONDS 60     /* how long the grants of a try are good */

/* After a try with that outcome, the tries-th. */
enum proof_verdict proof_judge(enum proof_outcome outcome, int64_t tries);

/* Seconds from one try, the tries-th, to the next. */
int64_t proof_pause(int64_t tries);

/* What to look at where it is not shown; words that follow a semicolon. */
const char *proof_advice(enum proof_outcome outcome);

#endif
