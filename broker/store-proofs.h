/* SPDX-License-Identifier: MIT */
#ifndef BROKER_STORE_PROOFS_H
#define BROKER_STORE_PROOFS_H

#include "broker/store.h"

/*
 * Sessions that were ended before their time, and whether AWS has been seen to
 * refuse them: a row each, from the transaction of the end on.  It is due once
 * IAM has taken what AWS is to be asked about, or when that takes too long.
 */
#define PROOF_NEVER INT64_MAX

struct proof_row {
	char request[ID_SIZE];
	int64_t ended_at;
	int64_t due_at;    /* of the next try; PROOF_NEVER */
	int64_t tries;     /* begun so far */
	int64_t proven_at; /* as a request's */
};

/*
 * Whether the ends of sessions are to be proven from now on.  Where not, the
 * rows that wait are forgotten.  0 or error_set().
 */
int store_proof_mark(struct transaction *transaction, bool proves, int64_t now_seconds,
		     struct error *error);

/*
 * A session is over before its time.  1 if it has its row now, due at give_up_at;
 * 0 where proofs are off or no grant was ever signed for it; or error_set().
 */
int store_proof_want(struct transaction *transaction, const char *request,
		     int64_t ended_at, int64_t give_up_at, struct error *error);

/* IAM has taken it: what is not proven is due then.  Without a row: nothing. */
int store_proof_hasten(struct transaction *transaction, const char *request,
		       int64_t due_at, struct error *error);

/* 1 with *row the one of that account that is due first; 0 for none. */
int store_proof_due(struct transaction *transaction, const char *account_id,
		    int64_t now_seconds, struct proof_row *row, struct error *error);

int store_proof_update(struct transaction *transaction, const struct proof_row *row,
		       struct error *error);

/* Each account that has one due by now, until each() returns non-zero. */
int store_proof_accounts_due(struct transaction *transaction, int64_t now_seconds,
			     account_visitor *each, void *data, struct error *error);

#endif
