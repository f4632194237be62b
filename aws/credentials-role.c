/* SPDX-License-Identifier: MIT */
#include "aws/credentials-origin.h"
#include "aws/sts-assume.h"
#include "base/cleanup.h"

int credentials_from_role(const struct credentials_role *role,
			  struct credentials *credentials, struct error *error)
{
	scoped(sts_credentials_wipe) struct sts_credentials given = {
		.expires_at_seconds = 0
	};
	scoped(http_freep) struct http *http = http_new();
	const struct sts_service service = {
		.url = role->sts_url,
		.region = role->region,
		.ca_file = role->ca_file,
		.credentials = role->by,
		.deadline_ms = CREDENTIALS_ROLE_MS,
		.stop = role->stop,
	};
	int r = http ? 0 : error_set(error, ERROR_INTERNAL, "out of memory");

	if (r == 0)
		r = sts_assume(http, &service, role->arn, role->session_name, &given,
			       error);
	if (r == 0)
		r = credentials_set(credentials->access_key_id, CREDENTIALS_KEY_SIZE,
				    given.access_key_id, error);
	if (r == 0)
		r = credentials_set(credentials->secret_access_key, CREDENTIALS_KEY_SIZE,
				    given.secret_access_key, error);
	if (r == 0)
		r = credentials_set(credentials->session_token, CREDENTIALS_TOKEN_SIZE,
				    given.session_token, error);
	credentials->expires_at_seconds = given.expires_at_seconds;
	return r;
}
