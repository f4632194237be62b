/* SPDX-License-Identifier: MIT */
#ifndef BROKER_PROOF_ASK_H
#define BROKER_PROOF_ASK_H

#include "broker/duties.h"
#include "broker/proof.h"
#include "broker/request.h"

/*
 * One try at a proof.  For a role made beforehand the broker becomes it with a
 * grant that says what the session's grants said, the tag jit_request too, and
 * asks for DescribeLimits: AWS must name a Deny in the role's policies.  Then
 * it asks the same once more with another tag, of no session at all, and must
 * hear of no Deny: else it is not the session that is refused.  For a role of
 * the session's own, which IAM has let go, STS must not give it any more.
 *
 * What STS gives may do DescribeLimits and nothing else, by its session policy, and
 * is wiped before this returns.
 */
struct proof_try {
	char *grant;        /* that was signed, for the audit; owned */
	char *other_grant;  /* with the other tag, or NULL; owned */
	struct error words; /* of AWS, or why it was not asked; ERROR_NONE if shown */
};

void proof_try_done(struct proof_try *try);

enum proof_outcome proof_ask(struct duty_site *site, const struct request *request,
			     struct proof_try *try);

#endif
