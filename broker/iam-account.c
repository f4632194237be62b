/* SPDX-License-Identifier: MIT */
#include "broker/iam-account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/sts-assume.h"
#include "base/cleanup.h"
#include "policy/policy.h"

/* Settings have no slash at the end of a URL; a signature needs one. */
static char *with_slash(const char *url)
{
	char *out;

	if (!*url)
		return strdup("");
	return asprintf(&out, "%s/", url) < 0 ? NULL : out;
}

int iam_access_open(const struct settings *settings, const struct clock *clock,
		    struct iam_access *access, struct error *error)
{
	struct credentials_config config = {
		.process = settings->aws_credentials_process,
		.profile = settings->aws_profile,
		.stop = &access->is_stopping,
	};

	if (http_init() < 0)
		return error_set(error, ERROR_INTERNAL, "libcurl does not begin");
	*access = (struct iam_access){
		.iam_url = with_slash(settings->iam_url),
		.sts_url = with_slash(settings->sts_url),
		.dynamodb_url = with_slash(settings->dynamodb_url),
		.proves = settings_probe_is_on(settings),
		.clock = clock,
	};
	if (settings->aws_credentials_file[0]) {
		access->file = settings_path(settings, settings->aws_credentials_file);
		config.file = access->file ? access->file : "";
	}
	access->credentials = credentials_source_new(&config, clock);
	if (!access->iam_url || !access->sts_url || !access->dynamodb_url ||
	    !access->credentials ||
	    (settings->aws_credentials_file[0] && !access->file)) {
		iam_access_done(access);
		return error_set(error, ERROR_INTERNAL, "out of memory");
	}
	return 0;
}

void iam_access_done(struct iam_access *access)
{
	credentials_source_free(access->credentials);
	free(access->file);
	free(access->iam_url);
	free(access->sts_url);
	free(access->dynamodb_url);
	access->credentials = NULL;
	access->file = access->iam_url = access->sts_url = access->dynamodb_url = NULL;
}

void iam_account_init(struct iam_account *account, struct iam_access *access,
		      const char *id)
{
	*account = (struct iam_account){ .access = access };
	snprintf(account->id, sizeof(account->id), "%s", id);
}

void iam_account_done(struct iam_account *account)
{
	account->iam = iam_free(account->iam);
	account->as_manager = credentials_source_free(account->as_manager);
}

/* The keys that write to IAM there: the broker's own, or the manager's. */
static struct credentials_source *keys_of(struct iam_account *account)
{
	return account->as_manager ? account->as_manager : account->access->credentials;
}

static int become_manager(struct iam_account *account, struct error *error)
{
	const struct credentials_config config = { .role = &account->role };

	account->role = (struct credentials_role){
		.by = account->access->credentials,
		.arn = account->manager,
		.session_name = IAM_SESSION_NAME,
		.sts_url = account->access->sts_url,
		.region = account->region,
		.stop = &account->access->is_stopping,
	};
	account->as_manager = credentials_source_new(&config, account->access->clock);
	return account->as_manager ? 0
				   : error_set(error, ERROR_INTERNAL, "out of memory");
}

static int check_identity(struct iam_account *account, struct error *error)
{
	scoped(http_freep) struct http *http = http_new();
	const struct sts_service service = {
		.url = account->access->sts_url,
		.region = account->region,
		.credentials = keys_of(account),
		.deadline_ms = IAM_CALL_MS,
		.stop = &account->access->is_stopping,
	};
	char id[STS_ACCOUNT_SIZE];
	int r = http ? sts_identity(http, &service, id, error)
		     : error_set(error, ERROR_INTERNAL, "out of memory");

	if (r < 0 || strcmp(id, account->id) == 0)
		return r;
	return error_set(
	    error, ERROR_USAGE,
	    "the %s of account %s, not of %s; name a role of that account as "
	    "its 'manager:' in the profiles file",
	    account->manager[0] ? "manager is" : "broker's AWS keys are", id,
	    account->id);
}

/* The ARN of a manager, the caller's; "" for none.  NULL: no memory. */
static char *manager_arn(const struct iam_account *account, const char *region,
			 const char *manager)
{
	const struct place place = { region, account->id };

	if (!*manager || strncmp(manager, "arn:", 4) == 0)
		return strdup(manager);
	return policy_role_arn(&place, manager);
}

static int name_manager(struct iam_account *account, const char *manager,
			struct error *error)
{
	scoped(freep) char *arn = manager_arn(account, account->region, manager);

	if (!arn || strlen(arn) >= sizeof(account->manager))
		return error_set(error, ERROR_INTERNAL, "out of memory");
	memcpy(account->manager, arn, strlen(arn) + 1);
	return *arn ? become_manager(account, error) : 0;
}

/* The broker's own keys by their id; a manager's are of its account whoever became it. */
static int read_key_id(const struct iam_account *account, const char *manager,
		       char key_id[static CREDENTIALS_KEY_SIZE], struct error *error)
{
	scoped(credentials_wipe) struct credentials keys = { .expires_at_seconds = 0 };
	int r;

	key_id[0] = '\0';
	if (*manager)
		return 0;
	r = credentials_get(account->access->credentials, &keys, error);
	if (r == 0)
		memcpy(key_id, keys.access_key_id, CREDENTIALS_KEY_SIZE);
	return r;
}

static int open_anew(struct iam_account *account, const char *region, const char *manager,
		     const char *key_id, struct error *error)
{
	struct iam_config config = {
		.url = account->access->iam_url,
		.deadline_ms = IAM_CALL_MS,
		.stop = &account->access->is_stopping,
	};
	int r;

	iam_account_done(account);
	snprintf(account->region, sizeof(account->region), "%s", region);
	snprintf(account->key_id, sizeof(account->key_id), "%s", key_id);
	config.region = account->region;
	r = name_manager(account, manager, error);
	if (r == 0)
		r = check_identity(account, error);
	config.credentials = keys_of(account);
	return r < 0 ? r : iam_new(&config, &account->iam, error);
}

static bool is_of(const struct iam_account *account, const char *region,
		  const char *manager, const char *key_id)
{
	scoped(freep) char *arn = manager_arn(account, region, manager);

	return account->iam && arn && strcmp(account->region, region) == 0 &&
	       strcmp(account->manager, arn) == 0 && strcmp(account->key_id, key_id) == 0;
}

int iam_account_open(struct iam_account *account, const char *region, const char *manager,
		     struct iam **iam, struct error *error)
{
	char key_id[CREDENTIALS_KEY_SIZE];
	int r = read_key_id(account, manager, key_id, error);

	if (r == 0 && !is_of(account, region, manager, key_id))
		r = open_anew(account, region, manager, key_id, error);
	if (r == 0)
		*iam = account->iam;
	return r;
}
