/* SPDX-License-Identifier: MIT */
#ifndef BROKER_IAM_ACCOUNT_H
#define BROKER_IAM_ACCOUNT_H

#include <stdatomic.h>

#include "aws/iam.h"
#include "base/clock.h"
#include "broker/settings.h"

/*
 * How the broker reaches IAM: with its own AWS keys, in an account that it
 * names by becoming the account's manager there, and only after STS has
 * said that the keys are of that account, so that no role of another account
 * is ever taken for one of the same name.
 */
#define IAM_CALL_MS 8000 /* all tries of one call */
#define IAM_SESSION_NAME "jit-broker"

/* What broker.conf says of it; for the life of the process. */
struct iam_access {
	struct credentials_source *credentials;
	char *file;                             /* of credentials; or NULL */
	char *iam_url, *sts_url, *dynamodb_url; /* "" for AWS's own */
	bool proves; /* that AWS refuses what was ended before its time */
	const struct clock *clock;
	atomic_bool is_stopping; /* calls under way fail soon, no new ones begin */
};

/*
 * Reads the settings, which must stay.  Before any thread: from then on libcurl
 * wipes what it lets go of.  0 or error_set().
 */
int iam_access_open(const struct settings *settings, const struct clock *clock,
		    struct iam_access *access, struct error *error);
void iam_access_done(struct iam_access *access);

/* One account, for one thread at a time. */
struct iam_account {
	struct iam_access *access;
	char id[13];
	char region[32];
	char manager[IAM_ARN_SIZE];        /* its ARN, or "" */
	char key_id[CREDENTIALS_KEY_SIZE]; /* of the keys that STS was asked about */
	struct credentials_role role;
	struct credentials_source *as_manager;
	struct iam *iam; /* NULL until somebody has asked for it */
};

void iam_account_init(struct iam_account *account, struct iam_access *access,
		      const char *id);
void iam_account_done(struct iam_account *account);

/*
 * The client for that account, borrowed: made, and its keys checked by
 * GetCallerIdentity, when it is asked for first or with another region or
 * manager ("" for none; a role's name or ARN), or when the broker has other keys.  0 or
 * error_set(): ERROR_USAGE where the keys are of another account, else as the calls of
 * STS.
 */
int iam_account_open(struct iam_account *account, const char *region, const char *manager,
		     struct iam **iam, struct error *error);

#endif
