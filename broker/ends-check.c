/* SPDX-License-Identifier: MIT */
#include "broker/ends-check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sts-assume.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "policy/policy.h"

int ends_check_off(const struct profiles *profiles, struct findings *findings)
{
	const struct profile *profile;
	int r = 0;

	for (size_t i = 0; r == 0 && (profile = profiles_profile_at(profiles, i)); i++)
		if (profile->provision)
			r = findings_add(findings, true, profile->line, profile->name,
					 "iam = on in broker.conf",
					 "%s wants a role of its own for each session, "
					 "and with iam = off there is nobody to make it: "
					 "every request would be refused",
					 profile->name);
		else if (profile->role)
			r = findings_add(
			    findings, false, profile->line, profile->name,
			    "iam = on in broker.conf",
			    "AWS does not enforce the end of %s: who takes a grant to "
			    "STS "
			    "gets credentials for the MaxSessionDuration of %s, 1h at "
			    "least, and those outlive the session and its revocation",
			    profile->name, profile->role);
	return r;
}

int ends_check_keys(struct iam_access *access, const struct profiles *profiles,
		    bool *is_unreachable, struct error *error)
{
	const struct account *account = profiles_account_at(profiles, 0);
	scoped(http_freep) struct http *http = http_new();
	scoped(credentials_wipe) struct credentials keys = { .expires_at_seconds = 0 };
	const struct sts_service service = {
		.url = access->sts_url,
		.region = account ? account->region : "us-east-1",
		.credentials = access->credentials,
		.deadline_ms = IAM_CALL_MS,
		.stop = &access->is_stopping,
	};
	char id[STS_ACCOUNT_SIZE];
	struct error why = { .kind = ERROR_NONE };
	int r = credentials_get(access->credentials, &keys, &why);

	*is_unreachable = false;
	if (r == 0 && !http)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	if (r == 0) {
		r = sts_identity(http, &service, id, &why);
		*is_unreachable = r < 0 && why.kind == ERROR_UNREACHABLE;
	}
	if (r == 0 || *is_unreachable)
		return 0;
	error_set(error, why.kind,
		  "iam = on, and the broker has no AWS keys to do it: %.220s", why.text);
	error_next(error, "man 5 broker.conf");
	return -EINVAL;
}

/* Roles that are made for sessions: what bounds them. */
static int check_boundaries(const struct profiles *profiles, struct findings *findings)
{
	const struct profile *profile;
	int r = 0;

	for (size_t i = 0; r == 0 && (profile = profiles_profile_at(profiles, i)); i++)
		if (profile->provision && !profile->provision->boundary &&
		    !profile->account->boundary)
			r = findings_add(findings, false, profile->line, profile->name,
					 "boundary: POLICY, under its account",
					 "the roles that are made for %s have no "
					 "permissions boundary: whoever takes over the "
					 "broker can make some that may do anything",
					 profile->name);
	return r;
}

int ends_check(const struct settings *settings, const struct profiles *profiles,
	       struct findings *findings, struct error *error)
{
	scoped(iam_access_done) struct iam_access access = { .file = NULL };
	bool is_unreachable = false;
	int r;

	if (!settings_iam_is_on(settings))
		return ends_check_off(profiles, findings) < 0
			   ? error_set(error, ERROR_INTERNAL, "out of memory")
			   : 0;
	r = iam_access_open(settings, &clock_system, &access, error);
	if (r == 0)
		r = ends_check_keys(&access, profiles, &is_unreachable, error);
	if (r == 0 && (check_boundaries(profiles, findings) < 0 ||
		       ends_check_roles(&access, profiles, settings->url, findings) < 0))
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return r;
}
