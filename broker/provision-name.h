/* SPDX-License-Identifier: MIT */
#ifndef BROKER_PROVISION_NAME_H
#define BROKER_PROVISION_NAME_H

#include <stdbool.h>

#include "broker/profiles.h"
#include "broker/request.h"

/* What the role that is made for one session is called. */
#define PROVISION_ROLE_SIZE 65 /* of a role's name */

/* "jit-r-7k2m9x4q1d": what the role of that request is called. */
void provision_role_name(const char *request, char name[static PROVISION_ROLE_SIZE]);

/* Its ARN, with the path; the caller frees it.  NULL: no memory. */
char *provision_role_arn(const struct profile *profile, const char *request);

/* Whether that session's role is one of its own, whatever its profile says by now. */
bool provision_is_own(const struct request *request);

#endif
