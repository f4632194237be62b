/* SPDX-License-Identifier: MIT */
#ifndef AGENT_FETCH_GRANT_H
#define AGENT_FETCH_GRANT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * What the broker answers to POST /v1/requests/{id}/grant: its grant, and what
 * STS is to be told with it (schema grant in protocol/openapi.yaml).
 */
struct fetch_grant {
	json_t *json; /* owns the rest */
	const char *token;
	const char *role_arn;
	const char *region;
	const char *account_id;
	const char *session_name;
	const char *session_policy;
	int64_t duration_seconds;
	int64_t ends_at_seconds;
};

/*
 * Reads an answer of that status.  A refusal keeps the broker's own kind,
 * words and next step.  Returns 0 and a grant that fetch_grant_done()
 * releases, or error_set().
 */
int fetch_grant_read(int status, const char *body, size_t length,
		     struct fetch_grant *grant, struct error *error);
void fetch_grant_done(struct fetch_grant *grant);

#endif
