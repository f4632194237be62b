/* SPDX-License-Identifier: MIT */
#ifndef BROKER_ENDS_GRANT_H
#define BROKER_ENDS_GRANT_H

#include "broker/call.h"
#include "broker/store-ends.h"

/*
 * What stands between a session and its grant where the broker writes to IAM:
 * the role must deny the session from its end on before the grant is
 * signed.  Where it does already nothing is waited for.
 */
#define ENDS_WAIT_SECONDS 16 /* more than a pause between two tries */

/*
 * Whether the grant may be signed: 1 if the Deny is in force; 0 after the call
 * was set up to wait for it (see struct call); or error_set() with why it cannot
 * be had now.
 */
int ends_admit(struct broker *broker, struct call *call, const struct request *request,
	       const struct profile *profile, int64_t granted_until, struct error *error);

/*
 * In the transaction that writes down the grant: looks once more, and notes
 * until when it is good.  0 or error_set().
 */
int ends_confirm(struct transaction *transaction, const char *request,
		 int64_t granted_until, struct error *error);

/* What calls that wait for that role wait for. */
void ends_topic(const char *role_arn, char topic[static CALL_TOPIC_SIZE]);

/*
 * When the broker begins to write to IAM, sessions that were granted before get
 * their Deny too; at later starts all have theirs.  Returns how many, or
 * error_set().
 */
int ends_adopt(struct store *store, const struct profiles *profiles, int64_t now_seconds,
	       struct error *error);

/* The broker writes to IAM no more: grants are signed without a Deny. */
int ends_leave(struct store *store, struct error *error);

#endif
