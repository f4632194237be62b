/* SPDX-License-Identifier: MIT */
#ifndef BROKER_PROVISION_IAM_H
#define BROKER_PROVISION_IAM_H

#include "broker/duties.h"
#include "broker/request.h"
#include "broker/store-provisions.h"

/* The calls of IAM and STS that a role for one session needs. */
#define PROVISION_POLICY_NAME "jit-session"

/* What a step's call says; all borrowed. */
struct provision_terms {
	const char *issuer;
	const struct request *request; /* NULL where only to be destroyed */
	const char *policy;            /* the role's */
};

/*
 * Makes the call of row->state.step, and sets is_ours and is_unsure as it
 * turns out.  error is filled unless it went well.
 */
enum provision_outcome provision_iam(struct iam *iam, struct provision_row *row,
				     const struct provision_terms *terms,
				     struct error *error);

/* A role that was found: whose is it?  DONE: ours, ABSENT, STRANGE, or as above. */
enum provision_outcome provision_iam_owner(struct iam *iam, const char *role,
					   const char *request, const char *issuer,
					   struct error *error);

/*
 * Asks STS whether the session can become its role, with a grant for that and a
 * session policy that allows nothing; what STS gives is wiped.  *proof, the
 * caller's to free, names the grant for the audit.
 */
enum provision_outcome provision_probe(struct duty_site *site,
				       const struct request *request, char **proof,
				       struct error *error);

#endif
