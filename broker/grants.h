/* SPDX-License-Identifier: MIT */
#ifndef BROKER_GRANTS_H
#define BROKER_GRANTS_H

#include <jansson.h>
#include <stdint.h>

#include "base/error.h"
#include "broker/request.h"

/*
 * What a grant says: an OIDC token (JWT) for sts:AssumeRoleWithWebIdentity, with the
 * session's tags and source identity.  AWS's limits on those are checked when somebody
 * asks, not when it is too late.
 */
#define GRANT_AUDIENCE "sts.amazonaws.com"
#define GRANT_DURATION_LEAST 900 /* what STS takes */
#define GRANT_DURATION_MOST 43200
#define GRANT_TAG_VALUE_MAX                                         \
	256 /* characters: docs.aws.amazon.com IAM User Guide, tags \
	     */
#define GRANT_TAG_KEY_MAX 128
#define GRANT_TAGS_MAX 50
#define GRANT_SUBJECT_MAX 255

/* Whether AWS would take these as tags, subject and source identity.  0 or error_set().
 */
int grant_check(const char *user, const char *profile, json_t *parameters,
		struct error *error);

/*
 * The claims for a live session: good for GRANT_LIFETIME_SECONDS, never past
 * its end.  jti names the grant in the audit.  A new reference; NULL when
 * memory is short.
 */
json_t *grant_claims(const char *issuer, const struct request *request, const char *jti,
		     int64_t now_seconds);

/* DurationSeconds for STS: what is left, as far as STS takes it. */
int64_t grant_duration(const struct request *request, int64_t now_seconds);

#endif
