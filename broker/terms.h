/* SPDX-License-Identifier: MIT */
#ifndef BROKER_TERMS_H
#define BROKER_TERMS_H

#include <jansson.h>
#include <stdint.h>

#include "broker/profiles.h"
#include "broker/request.h"

/* What a profile comes to for one request: in words for people, in documents for AWS. */

/* Whether a request may have these, an object of texts.  0 or error_set(). */
int terms_check_parameters(const struct profile *profile, json_t *parameters,
			   struct error *error);

/* What would be allowed: a list of sentences, a new reference.  0 or error_set(). */
int terms_access(const struct profile *profile, json_t *parameters, json_t **access,
		 struct error *error);

/* Whether this broker can come by the profile's role at all.  0 or error_set(). */
int terms_check_role(const struct profile *profile, bool has_iam, struct error *error);

/* Fills account, role and region of a request that is approved.  0 or error_set(). */
int terms_place(const struct profile *profile, struct request *request,
		struct error *error);

/* The session policy with the session's end; free with json_text_free(). */
int terms_session_policy(const struct profile *profile, int64_t ends_at, char **text,
			 struct error *error);

#endif
