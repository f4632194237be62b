/* SPDX-License-Identifier: MIT */
#ifndef AWS_STS_ASSUME_H
#define AWS_STS_ASSUME_H

#include "aws/signed.h"
#include "aws/sts.h"

/*
 * The calls of STS that the broker signs with its own keys: who it is, and
 * AssumeRole, by which it becomes the manager of another account.
 */

/* All borrowed for as long as it is used. */
struct sts_service {
	const char *url;    /* "" or NULL: the region's own */
	const char *region; /* "eu-west-1" */
	const char *ca_file;
	struct credentials_source *credentials;
	int64_t deadline_ms;
	const atomic_bool *stop;
};

#define STS_ACCOUNT_SIZE 13

/* GetCallerIdentity, which needs no rights: the account that the keys are of. */
int sts_identity(struct http *http, const struct sts_service *service,
		 char account_id[static STS_ACCOUNT_SIZE], struct error *error);

/* AssumeRole for an hour.  0 with *credentials filled, or error_set(). */
int sts_assume(struct http *http, const struct sts_service *service, const char *role_arn,
	       const char *session_name, struct sts_credentials *credentials,
	       struct error *error);

#endif
