/* SPDX-License-Identifier: MIT */
#include "broker/provision-name.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/policy.h"

void provision_role_name(const char *request, char name[static PROVISION_ROLE_SIZE])
{
	snprintf(name, PROVISION_ROLE_SIZE, "jit-%s", request);
}

char *provision_role_arn(const struct profile *profile, const char *request)
{
	const struct place place = { profile->account->region, profile->account->id };
	char name[PROVISION_ROLE_SIZE];
	scoped(freep) char *role = NULL;

	provision_role_name(request, name);
	/* The path's slash in front is in the ARN already. */
	if (asprintf(&role, "%s%s", profile->provision->path + 1, name) < 0)
		role = NULL;
	return role ? policy_role_arn(&place, role) : NULL;
}

bool provision_is_own(const struct request *request)
{
	const char *name = request->role_arn ? strrchr(request->role_arn, '/') : NULL;
	char own[PROVISION_ROLE_SIZE];

	provision_role_name(request->id, own);
	return name && strcmp(name + 1, own) == 0;
}
