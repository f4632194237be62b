/* SPDX-License-Identifier: MIT */
#ifndef AWS_DESCRIBE_LIMITS_H
#define AWS_DESCRIBE_LIMITS_H

#include "aws/http.h"
#include "aws/sts.h"

/*
 * dynamodb:DescribeLimits, asked for nothing but the reason of the refusal.
 * It reads no data, changes nothing, and is allowed or denied by IAM alone.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeLimits.html
 */
#define DESCRIBE_LIMITS_ACTION "dynamodb:DescribeLimits"

/*
 * By the words that AWS documents, and no others.  It looks for a Deny in
 * every policy before it looks for an Allow, so what only lacks an Allow is
 * denied by no policy.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
enum limits_answer {
	LIMITS_ALLOWED,
	LIMITS_NOT_ALLOWED, /* some policy has no Allow, and none has a Deny */
	LIMITS_DENIED,      /* a policy of the role has a Deny */
	LIMITS_UNCLEAR,     /* refused in other words, or by another kind of policy */
	LIMITS_LOST,        /* no answer, throttled, or out of order */
};

/* All borrowed. */
struct limits_request {
	const char *url;    /* "" or NULL: the region's own */
	const char *region; /* "eu-west-1" */
	const char *ca_file;
	const struct sts_credentials *credentials;
	int64_t deadline_ms;
	const atomic_bool *stop;
};

/* One call, never tried again.  error is filled but for LIMITS_ALLOWED. */
enum limits_answer limits_ask(struct http *http, const struct limits_request *request,
			      struct error *error);

/* The same without the wire, for tests. */
enum limits_answer limits_read_answer(int status, const char *body, size_t length,
				      struct error *error);

#endif
