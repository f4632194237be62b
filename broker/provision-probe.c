/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "aws/endpoint.h"
#include "aws/sts.h"
#include "base/cleanup.h"
#include "broker/grants.h"
#include "broker/keys.h"
#include "broker/provision-iam.h"

#define PROBE_MS 5000 /* all tries of one probe */

/* What the probe gets may do nothing at all. */
#define NOTHING                                                            \
	"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\"," \
	"\"Action\":\"*\",\"Resource\":\"*\"}]}"

static int sign(struct duty_site *site, const struct request *request, char **token,
		char **proof, struct error *error)
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
	free(*proof);
	if (asprintf(proof, "grant %s by key %s", jti, kid) < 0) {
		*proof = NULL;
		return error_set(error, ERROR_INTERNAL, "out of memory");
	}
	return 0;
}

static enum provision_outcome ask(struct duty_site *site, const struct request *request,
				  const char *token, struct error *error)
{
	scoped(http_freep) struct http *http = http_new();
	scoped(sts_credentials_wipe) struct sts_credentials unwanted = {
		.expires_at_seconds = 0
	};
	const char *own_url = site->account.access->sts_url;
	struct endpoint endpoint = { .url = "" };
	char session_name[32];
	struct sts_outcome outcome;
	const struct sts_request call = {
		.url = *own_url ? own_url : endpoint.url,
		.ca_file = "",
		.role_arn = request->role_arn,
		.session_name = session_name, /* so that CloudTrail tells it from use */
		.token = token,
		.policy = NOTHING,
		.duration_seconds = GRANT_DURATION_LEAST,
		.deadline_ms = PROBE_MS,
		.stop = &site->account.access->is_stopping,
	};

	snprintf(session_name, sizeof(session_name), "probe-%s", request->id);
	if (!http || (!*own_url && endpoint_sts(request->region, &endpoint, error) < 0))
		return PROVISION_BUSY;
	if (sts_assume_role(http, &call, &unwanted, &outcome, error) == 0)
		return PROVISION_DONE;
	return error->kind == ERROR_REFUSED_BY_AWS ? PROVISION_NOT_YET : PROVISION_LOST;
}

enum provision_outcome provision_probe(struct duty_site *site,
				       const struct request *request, char **proof,
				       struct error *error)
{
	scoped(freep) char *token = NULL;

	if (sign(site, request, &token, proof, error) < 0)
		return PROVISION_BUSY;
	return ask(site, request, token, error);
}
