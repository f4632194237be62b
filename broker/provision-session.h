/* SPDX-License-Identifier: MIT */
#ifndef BROKER_PROVISION_SESSION_H
#define BROKER_PROVISION_SESSION_H

#include "broker/call.h"
#include "broker/provision-name.h"
#include "broker/store-provisions.h"

/*
 * A session and the role that is made for it: written down with the approval,
 * waited for by the grant, due for destruction with the end.
 */
#define PROVISION_WAIT_SECONDS                                  \
	2 /* of one call; then its caller knows, and asks again \
	   */
#define PROVISION_SWEEP_SECONDS 86400

/*
 * Writes down, in the transaction that approves it, that the session wants its
 * role; for a profile without `provision:` does nothing.  0 or error_set().
 */
int provision_want(struct transaction *transaction, const struct request *request,
		   const struct profile *profile, int64_t now_seconds,
		   struct error *error);

/*
 * Whether a grant may be signed: 1 if the role is ready; 0 after the call was
 * set up to wait for it (see struct call); or error_set(): ERROR_PENDING with
 * what AWS said last where that takes longer.
 */
int provision_admit(struct broker *broker, struct call *call,
		    const struct request *request, struct error *error);

/* In the transaction that writes down the grant: looks once more. */
int provision_confirm(struct transaction *transaction, const char *request,
		      struct error *error);

/* At a start: every path where there may be roles of ours is looked at. */
int provision_look_everywhere(struct store *store, const struct profiles *profiles,
			      int64_t now_seconds, struct error *error);

#endif
