/* SPDX-License-Identifier: MIT */
#ifndef AWS_STS_H
#define AWS_STS_H

#include <stdint.h>

#include "aws/http.h"
#include "aws/query.h"
#include "base/error.h"

/*
 * AssumeRoleWithWebIdentity: a grant for credentials.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
 */
#define STS_KEY_SIZE 129
#define STS_TOKEN_SIZE 7169 /* so that a document fits JOB_DOCUMENT_MAX */

/* Secrets in plain sight: only on the stack, under scoped(sts_credentials_wipe). */
struct sts_credentials {
	char access_key_id[STS_KEY_SIZE];
	char secret_access_key[STS_KEY_SIZE];
	char session_token[STS_TOKEN_SIZE];
	int64_t expires_at_seconds;
};

void sts_credentials_wipe(struct sts_credentials *credentials);

/* All borrowed. */
struct sts_request {
	const char *url; /* of the endpoint */
	const char *ca_file;
	const char *role_arn;
	const char *session_name;
	const char *token;  /* the grant */
	const char *policy; /* "" for none */
	int64_t duration_seconds;
	int64_t deadline_ms;     /* all tries together */
	const atomic_bool *stop; /* NULL, or fails within a second once it is set */
};

/* What else came of it, on success and on failure. */
struct sts_outcome {
	int64_t date_seconds;         /* STS's clock when it answered; 0 unknown */
	int64_t date_seen_at_seconds; /* our wall clock at that moment */
	int retry_seconds; /* when another try may help; -1: never.  After an expired
			      grant, with a new one */
	char code[QUERY_CODE_SIZE]; /* AWS's own, of a refusal; "" for none */
};

/*
 * Exchanges the grant.  Tries again by itself, within the deadline, where
 * that helps: no connection, 5xx, throttling, IDPCommunicationError.  Returns
 * 0 with *credentials filled, every string checked to be printable ASCII that
 * JSON needs no escape for; or error_set(): ERROR_REFUSED_BY_AWS with AWS's
 * own code and words, ERROR_UNREACHABLE for everything short of an answer.
 */
int sts_assume_role(struct http *http, const struct sts_request *request,
		    struct sts_credentials *credentials, struct sts_outcome *outcome,
		    struct error *error);

/*
 * Reads one answer; sts_assume_role() without the wire, for tests and the
 * fuzzer.  *should_retry: whether the same call may succeed in a moment.
 */
int sts_read_answer(int status, const char *body, size_t length,
		    struct sts_credentials *credentials, struct sts_outcome *outcome,
		    bool *should_retry, struct error *error);

#endif
