/* SPDX-License-Identifier: MIT */
#ifndef BROKER_DUTIES_H
#define BROKER_DUTIES_H

#include "broker/hub.h"
#include "broker/iam-account.h"
#include "broker/keys.h"
#include "broker/store.h"

/*
 * The kinds of work on IAM that the enforcer's workers do, a row each.  What
 * is due is in the store; a duty does it piece by piece, so that a worker can
 * stop between two.
 */
struct duty_site {
	struct store *store;
	struct hub *hub;
	struct keys *keys; /* sign a probe's grant */
	const char *issuer;
	const struct clock *clock;
	struct iam_account account; /* the worker's own */
};

/* Who does it: asking AWS what it refuses must keep no write waiting. */
enum crew {
	CREW_WRITES,
	CREW_PROOFS,
	CREWS,
};

struct duty {
	const char *name;
	enum crew crew;
	/* Calls each() for every account that has something due by now. */
	int (*accounts)(struct transaction *transaction, int64_t now_seconds,
			account_visitor *each, void *data, struct error *error);
	/*
	 * Does what is due first in the site's account.  1 if it did or tried
	 * something (a failure of IAM is written down, with when to try again),
	 * 0 if nothing is due, or error_set() where the store fails.
	 */
	int (*work)(struct duty_site *site, struct error *error);
};

/* Every duty; ends with a NULL name. */
extern const struct duty duties[];

/* ends-duty.c: the Deny for ends on roles made beforehand. */
int ends_duty_work(struct duty_site *site, struct error *error);

/* proof-duty.c: whether AWS is seen to refuse what was ended before its time. */
int proof_duty_work(struct duty_site *site, struct error *error);

/* provision-duty.c: roles made for one session, and those that are left over. */
int provision_duty_work(struct duty_site *site, struct error *error);

#endif
