/* SPDX-License-Identifier: MIT */
#ifndef BROKER_REQUEST_H
#define BROKER_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "broker/rules.h"

/*
 * One person asking for one profile, and what became of it.  An approved
 * request is a session, of the same id.  What time alone does to it (a pending
 * one lapses, a session is over) is worked out from the times in it, so it is
 * true whether or not anybody has written it down yet.
 */
enum request_state {
	REQUEST_PENDING,
	REQUEST_DENIED,
	REQUEST_EXPIRED,
	REQUEST_WITHDRAWN,
	REQUEST_APPROVED, /* a live session */
	REQUEST_ENDED,
	REQUEST_STATES,
};

#define REQUEST_KEY_SIZE 33      /* 32 hex digits and a NUL */
#define REQUEST_REASON_MAX 500   /* bytes */
#define REQUEST_SECONDS_LEAST 31 /* agents give credentials up 30 s before the end */
#define REQUEST_DECISIONS_MAX 64

/* proven_at of a session where it is no time */
#define REQUEST_PROOF_NONE 0       /* nobody asks AWS: it ended by time, or that is off */
#define REQUEST_PROOF_AWAITED (-1) /* AWS is asked until it shows */
#define REQUEST_PROOF_FAILED (-2)  /* it was not shown; the audit says why */

/* end_reason of a session that nobody ended */
#define REQUEST_TIME_WAS_OVER "its time was over"

struct request {
	char id[ID_SIZE];
	char *user; /* lower case */
	char *profile;
	json_t *parameters; /* object of strings */
	char *reason;
	int64_t duration_seconds;
	char key[REQUEST_KEY_SIZE];       /* the caller's own, makes asking repeatable */
	json_t *access;                   /* list of sentences, as they were when asked */
	char digest[PROFILE_DIGEST_SIZE]; /* of the profile then; "" of an older store */
	enum request_state state;         /* as written down; see request_state_at() */
	int64_t requested_at;
	int64_t expires_at; /* when it lapses while pending */
	int64_t changed;    /* grows over all of that user's with every change */

	/* Decisions, oldest first; users and reasons are owned. */
	struct decision *decisions;
	char **decision_reasons; /* each may be NULL */
	size_t decision_count;

	/* Once approved; account_id is NULL before. */
	char *account_id;
	char *role_arn;
	char *region;
	json_t *approved_by; /* list of names and conditions */
	int64_t approved_at;
	int64_t ends_at;
	int64_t ended_at; /* when it stopped being pending or live; 0 before */
	char *end_reason; /* or NULL */

	/* Once ended before its time: when AWS was seen to refuse it; of store-proofs.h.
	 */
	int64_t proven_at;
};

void request_free(struct request *request); /* takes NULL */

static inline void request_freep(struct request **request)
{
	request_free(*request);
	*request = NULL;
}

/* Copies a decision into the request.  Returns 0, -ENOMEM, or -EDQUOT past the most. */
int request_add_decision(struct request *request, const struct decision *decision,
			 const char *reason);

/* The decision of that person, or NULL. */
const struct decision *request_decision_of(const struct request *request,
					   const char *user);

/* The state at that time, with what time alone has done. */
enum request_state request_state_at(const struct request *request, int64_t now_seconds);

/* "pending": as the wire and the store say it. */
const char *request_state_name(enum request_state state);

/* 0 and *state, or -EINVAL. */
int request_state_from_name(const char *name, enum request_state *state);

/*
 * The request as openapi.yaml's schema `request` has it.  still_needed and account
 * are borrowed, and of one that is pending; NULL means none.  A new reference, NULL
 * when memory is short.
 */
json_t *request_json(const struct request *request, json_t *still_needed, json_t *account,
		     int64_t now_seconds);

#endif
