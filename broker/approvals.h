/* SPDX-License-Identifier: MIT */
#ifndef BROKER_APPROVALS_H
#define BROKER_APPROVALS_H

#include <stdbool.h>
#include <stdint.h>

#include "broker/audit.h"
#include "broker/profiles.h"
#include "broker/request.h"
#include "broker/store.h"

/*
 * The life of a request: asked, decided on, a session, over.  Each function
 * changes the store and its audit inside the caller's transaction, and writes
 * nothing where it refuses.
 */
#define REQUEST_PENDING_SECONDS 86400 /* an unanswered request lapses after a day */
#define REQUEST_PENDING_MAX 100       /* of one person at a time */

/* What somebody asks for; all borrowed. */
struct asking {
	const struct profile *profile;
	const struct person *person;
	json_t *parameters; /* object of strings */
	const char *reason;
	int64_t duration_seconds; /* 0: the profile's usual one */
	const char *key;
	json_t *access; /* from terms_access() */
	bool has_iam;   /* the broker can make a role for a session */
};

/* Who does something, and when. */
struct acting {
	const struct profiles *profiles;
	const struct person *person; /* NULL for the broker itself */
	struct audit_origin origin;
	int64_t now_seconds;
};

/* What needs no store: may the person ask for that, in that form?  0 or error_set(). */
int approvals_check(const struct asking *asking, struct error *error);

/*
 * Writes the request down; the same key again is the same request.  Approved at
 * once where the rules need nobody.  *request is the caller's.  0 or
 * error_set(): ERROR_FORBIDDEN where nobody could approve, ERROR_LIMIT.
 */
int approvals_ask(struct transaction *transaction, const struct acting *acting,
		  const struct asking *asking, struct request **request,
		  struct error *error);

/*
 * A yes or a no.  The same person's same verdict again changes nothing and is
 * no error; everything else on a request that is not pending is ERROR_FORBIDDEN.
 */
int approvals_decide(struct transaction *transaction, const struct acting *acting,
		     const char *id, enum verdict verdict, const char *reason,
		     struct request **request, struct error *error);

/* Withdraws or ends; again changes nothing.  By its owner, or the role revoke. */
int approvals_end(struct transaction *transaction, const struct acting *acting,
		  const char *id, const char *reason, struct request **request,
		  struct error *error);

/*
 * Writes down what time alone has done, at most some hundreds at once; with
 * `rules_too` also judges what is pending, for rules that wait for an hour.
 * Returns how many requests changed, or error_set().
 */
int approvals_sweep(struct transaction *transaction, const struct acting *acting,
		    bool rules_too, struct error *error);

/* How the end_reason of a session begins that AWS would make no role for. */
#define APPROVALS_REFUSED_BY_AWS "AWS refused to make the role"

/* The broker ends a session that is live, with that reason.  0 or error_set(). */
int approvals_break_off(struct transaction *transaction, struct request *request,
			int64_t now_seconds, const char *reason, struct error *error);

/* Whether that person may see the request. */
bool approvals_may_see(const struct profiles *profiles, const struct person *person,
		       const struct request *request, int64_t now_seconds);

/* Whether that person's decision would count now. */
bool approvals_may_decide(const struct profiles *profiles, const struct person *person,
			  const struct request *request, int64_t now_seconds);

/* As the API shows a request, with what is still needed; NULL when memory is short. */
json_t *approvals_show(const struct profiles *profiles, const struct request *request,
		       int64_t now_seconds);

#endif
