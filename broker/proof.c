/* SPDX-License-Identifier: MIT */
#include "broker/proof.h"

#define PAUSE_MOST 60

/* clang-format off */
static const struct {
	bool may_change; /* by itself, in seconds */
	const char *advice;
} outcomes[PROOF_OUTCOMES] = {
	[PROOF_SHOWN]     = { false, "" },
	[PROOF_NOT_YET]   = { true,  "look whether the role still has the policy jit-broker-ends, with this session in it" },
	[PROOF_MASKED]    = { false, "whether the Deny is in force can be seen in IAM only" },
	[PROOF_UNCLEAR]   = { true,  "see what AWS says: the trust policy, an organization's policies or the broker's network may refuse the question" },
	[PROOF_LOST]      = { true,  "look whether the broker reaches STS and DynamoDB in the account's region" },
	[PROOF_UNWRITTEN] = { false, "see end-failed or role-failed before it" },
	[PROOF_EXPIRED]   = { false, "nothing of it can be in use any more" },
};
/* clang-format on */

enum proof_verdict proof_judge(enum proof_outcome outcome, int64_t tries)
{
	if (outcome == PROOF_SHOWN)
		return PROOF_DONE;
	return outcomes[outcome].may_change && tries < PROOF_TRIES ? PROOF_AGAIN
								   : PROOF_GIVE_UP;
}

int64_t proof_pause(int64_t tries)
{
	int64_t pause = 1;

	for (; tries > 1 && pause < PAUSE_MOST; tries--)
		pause *= 2;
	return pause < PAUSE_MOST ? pause : PAUSE_MOST;
}

const char *proof_advice(enum proof_outcome outcome)
{
	return outcomes[outcome].advice;
}
