/* SPDX-License-Identifier: MIT */
#include "agent/agent.h"

#include "keystore/keystore.h"

static int not_enrolled(struct error *error, const char *why)
{
	int r = error_set(error, ERROR_NOT_ENROLLED, "%s", why);

	error_next(error, "jitctl enroll --broker URL --code CODE");
	return r;
}

int agent_check_enrolled(const struct agent *agent, struct error *error)
{
	const struct settings *settings = &agent->settings;
	const struct keystore_traits *traits = keystore_traits_find(settings->keystore);

	if (!settings->broker[0] || !settings->user[0] || !traits)
		return not_enrolled(error, "this agent is not enrolled with a broker");
	if (!traits->survives && !agent->keys.master)
		return not_enrolled(error, "with the memory keystore an enrolment ends "
					   "with the agent; enroll again");
	return 0;
}

int agent_check_unlocked(const struct agent *agent, struct error *error)
{
	int r;

	if (agent->keys.master && agent->keys.device)
		return 0;
	r = error_set(error, ERROR_LOCKED, "the agent is locked");
	error_next(error, "jitctl unlock");
	return r;
}
