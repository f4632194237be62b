/* SPDX-License-Identifier: MIT */
#include "base/cleanup.h"
#include "broker/probe.h"
#include "broker/provision-iam.h"

/* What the probe gets may do nothing at all. */
#define NOTHING                                                            \
	"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\"," \
	"\"Action\":\"*\",\"Resource\":\"*\"}]}"

enum provision_outcome provision_probe(struct duty_site *site,
				       const struct request *request, char **proof,
				       struct error *error)
{
	scoped(sts_credentials_wipe) struct sts_credentials unwanted = {
		.expires_at_seconds = 0
	};
	const struct probe probe = { request, request->id, NOTHING };
	struct sts_outcome outcome;

	if (probe_assume(site, &probe, &unwanted, &outcome, proof, error) == 0)
		return PROVISION_DONE;
	if (error->kind == ERROR_REFUSED_BY_AWS)
		return PROVISION_NOT_YET;
	return error->kind == ERROR_UNREACHABLE ? PROVISION_LOST : PROVISION_BUSY;
}
