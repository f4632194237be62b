/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/cleanup.h"
#include "broker/routes.h"

/* OpenID Connect Discovery 1.0, section 3: what is required, true of us. */
int handle_configuration(struct broker *broker, struct call *call, json_t **answer,
			 struct error *error)
{
	scoped(freep) char *jwks = NULL;

	(void)call;
	if (asprintf(&jwks, "%s/jwks.json", broker->issuer) < 0) {
		jwks = NULL;
		return error_set(error, ERROR_INTERNAL, "out of memory");
	}
	return call_answered(answer,
			     json_pack("{s:s, s:s, s:[s], s:[s], s:[s], s:[s]}", "issuer",
				       broker->issuer, "jwks_uri", jwks,
				       "response_types_supported", "id_token",
				       "subject_types_supported", "public",
				       "id_token_signing_alg_values_supported", "ES256",
				       "claims_supported", "sub"),
			     error);
}

int handle_jwks(struct broker *broker, struct call *call, json_t **answer,
		struct error *error)
{
	(void)call;
	*answer = keys_public(broker->keys, clock_wall_seconds(broker->clock), error);
	return *answer ? 0 : -1;
}
