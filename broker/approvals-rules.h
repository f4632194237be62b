/* SPDX-License-Identifier: MIT */
#ifndef BROKER_APPROVALS_RULES_H
#define BROKER_APPROVALS_RULES_H

#include "broker/approvals.h"

/* How a request meets the rules of its profile: what approvals.c is made of. */

/* A person's name as it is stored and signed for: lower case; the caller frees it. */
char *name_lower(const char *name);

/* rules_judge() for a request.  0 or error_set(); ruling_done() it. */
int approvals_judge(const struct profiles *profiles, const struct profile *profile,
		    const struct request *request, int64_t now_seconds,
		    struct ruling *ruling, struct error *error);

/*
 * Whether its profile still says what it said when it was asked for: whoever
 * approves it then gives what was read, and to somebody who may have it.
 */
bool approvals_is_as_asked(const struct profiles *profiles,
			   const struct request *request);

/* Makes the request a session that begins now; nothing is stored yet. */
int approvals_begin(struct request *request, const struct profile *profile,
		    const struct ruling *ruling, int64_t now_seconds,
		    struct error *error);

/* Its audit row; and its role is wanted, where it is to have one of its own. */
int approvals_note_begin(struct transaction *transaction, const struct acting *acting,
			 const struct request *request, const struct profile *profile,
			 struct error *error);

/*
 * Judges a pending request and stores what comes of it.  Where nothing does, as
 * always of one whose profile was changed, it is stored only if has_changed.  1 if its
 * state changed, 0, or error_set().
 */
int approvals_settle(struct transaction *transaction, const struct acting *acting,
		     struct request *request, bool has_changed, struct error *error);

#endif
