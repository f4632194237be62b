/* SPDX-License-Identifier: MIT */
#ifndef AGENT_FETCH_CALL_H
#define AGENT_FETCH_CALL_H

#include <jansson.h>

#include "aws/http.h"
#include "base/error.h"

/*
 * A call to the broker as a job describes it, turned into what aws/http.h
 * takes.  The core has signed it; nothing here changes a byte of what was
 * signed.
 */
#define FETCH_HEADERS_MAX 16

struct fetch_call {
	struct http_request request; /* borrows from the job and from lines */
	char *lines[FETCH_HEADERS_MAX + 1];
};

/*
 * Reads the members method, url, headers, body, ca_file and deadline_ms, and
 * no others but job and payload.  The job must outlive the call.  Returns 0
 * and a call that fetch_call_done() releases, or error_set(..., ERROR_USAGE).
 */
int fetch_call_read(json_t *json, struct fetch_call *call, struct error *error);
void fetch_call_done(struct fetch_call *call);

/* Checks a deadline_ms of a job.  Returns 0 or error_set(..., ERROR_USAGE). */
int fetch_deadline_check(json_int_t deadline_ms, struct error *error);

#endif
