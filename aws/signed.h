/* SPDX-License-Identifier: MIT */
#ifndef AWS_SIGNED_H
#define AWS_SIGNED_H

#include <stdatomic.h>
#include <stdbool.h>

#include "aws/credentials.h"
#include "aws/http.h"
#include "aws/query.h"

/*
 * One call of AWS's Query protocol, signed, with its retries: throttling,
 * 5xx, ConcurrentModification, a lost connection, and once more with new
 * keys where AWS calls the old ones expired.
 */
struct signed_service {
	const char *title;   /* "IAM": in words */
	const char *name;    /* "iam": in signatures */
	const char *version; /* of the API */
	const char *url;
	const char *region;
	const char *ca_file;
	struct credentials_source *credentials;
	int64_t deadline_ms;     /* all tries together */
	const atomic_bool *stop; /* once true: no more tries; NULL for never */
	bool *may_be_late; /* out: some try had no answer that says if it was done */
};

#define SIGNED_FORM_MAX ((size_t)128 * 1024)

/* A text of a form; the table ends with a NULL name, a NULL value is left out. */
struct signed_parameter {
	const char *name;
	const char *value;
};

/* Starts a form: action, version, parameters.  0, -EMSGSIZE, -ENOMEM. */
int signed_form_begin(struct buffer *form, const struct signed_service *service,
		      const char *action, const struct signed_parameter *parameters);

/*
 * Sends it.  Returns 0 with the body of a 200 in *answer (http_answer_done()
 * it); or error_set(): ERROR_REFUSED_BY_AWS with AWS's own code also in code,
 * -EAGAIN if the same call may succeed later; ERROR_UNREACHABLE, or as
 * credentials_get().
 */
int signed_call(struct http *http, const struct signed_service *service,
		const struct buffer *form, struct http_answer *answer,
		char code[static QUERY_CODE_SIZE], struct error *error);

#endif
