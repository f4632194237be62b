/* SPDX-License-Identifier: MIT */
#ifndef BROKER_EXPLAIN_H
#define BROKER_EXPLAIN_H

#include <jansson.h>

#include "broker/subject.h"

/*
 * Everything that there is to say of a profile, for people who review it:
 * {"profile", "summary", "parameters", "access", "who", "approval",
 * "usual_seconds", "longest_seconds", "ends_at", "account_id", "region",
 * "role_arn", "enforced"}.  0 with a new reference, or error_set().
 */
int explain_profile(const struct subject *subject, int64_t ends_at, json_t **json,
		    struct error *error);

/* {"profiles": [{"name", "summary"}]}; NULL when memory is short. */
json_t *explain_list(const struct profiles *profiles);

#endif
