/* SPDX-License-Identifier: MIT */
#ifndef BROKER_ENDS_IAM_H
#define BROKER_ENDS_IAM_H

#include "aws/iam.h"
#include "broker/store-ends.h"

/* The calls of IAM that the Deny for ends needs. */
#define ENDS_POLICY_NAME "jit-broker-ends"

/*
 * Puts the document, or deletes the policy where it is NULL (one that is not
 * there is deleted).  0, -EDQUOT where IAM says that it is too long, or as the
 * calls of aws/iam.h; error is filled then.
 */
int ends_iam_write(struct iam *iam, const char *role, const char *document,
		   struct error *error);

/*
 * Sees how long the role's credentials can live and how much its other inline
 * policies leave, into longest_seconds (never less than before), room and
 * looked_at.  What the broker may not read counts as the worst.  0 or error_set().
 */
int ends_iam_look(struct iam *iam, const char *name, struct ends_role *role,
		  int64_t now_seconds, struct error *error);

/* Whether the policy that IAM has says what was written last.  0 or error_set(). */
int ends_iam_check(struct iam *iam, const char *name, const struct ends_role *role,
		   bool *is_in_force, struct error *error);

/* A document's own number, whatever its spaces and the order of its keys. */
void ends_hash(const char *document, unsigned char hash[static ENDS_HASH_SIZE]);

#endif
