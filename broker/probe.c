/* SPDX-License-Identifier: MIT */
#include "broker/probe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "base/cleanup.h"
#include "broker/grants.h"
#include "broker/keys.h"

static int sign(struct duty_site *site, const struct request *request, char **token,
		char **grant, struct error *error)
{
	int64_t now = clock_wall_seconds(site->clock);
	json_auto_t *claims = NULL;
	scoped(freep) char *kid = NULL;
	char jti[ID_SIZE];
	int r;

	id_make('g', jti);
	claims = grant_claims(site->issuer, request, jti, now);
	if (!claims)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	r = keys_sign(site->keys, claims, token, &kid, error);
	if (r < 0)
		return r;
	free(*grant);
	if (asprintf(grant, "grant %s by key %s", jti, kid) < 0) {
		*grant = NULL;
		return error_set(error, ERROR_INTERNAL, "out of memory");
	}
	return 0;
}

int probe_assume(struct duty_site *site, const struct probe *probe,
		 struct sts_credentials *credentials, struct sts_outcome *outcome,
		 char **grant, struct error *error)
{
	scoped(http_freep) struct http *http = http_new();
	scoped(keys_token_freep) char *token = NULL;
	const char *own_url = site->account.access->sts_url;
	struct endpoint endpoint = { .url = "" };
	char session_name[32];
	struct sts_request call = {
		.url = *own_url ? own_url : endpoint.url,
		.ca_file = "",
		.role_arn = probe->request->role_arn,
		.session_name = session_name,
		.policy = probe->policy,
		.duration_seconds = GRANT_DURATION_LEAST,
		.deadline_ms = PROBE_MS,
		.stop = &site->account.access->is_stopping,
	};
	int r;

	*outcome = (struct sts_outcome){ .retry_seconds = -1 };
	snprintf(session_name, sizeof(session_name), "probe-%s", probe->session);
	if (!http)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	if (!*own_url) {
		r = endpoint_sts(probe->request->region, &endpoint, error);
		if (r < 0)
			return r;
	}
	r = sign(site, probe->request, &token, grant, error);
	if (r < 0)
		return r;
	call.token = token;
	return sts_assume_role(http, &call, credentials, outcome, error);
}
