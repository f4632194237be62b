/* SPDX-License-Identifier: MIT */
#ifndef AGENT_FETCH_JOB_H
#define AGENT_FETCH_JOB_H

#include <jansson.h>

#include "agent/job.h"
#include "aws/http.h"
#include "base/buffer.h"
#include "base/error.h"

/*
 * The jobs of the fetch worker (agent/job.h), each a function from the job's
 * object to an answer.
 */
#define FETCH_DEADLINE_MAX_MS 120000

struct fetch_answer {
	json_t *object;        /* the answer's object, without "payload" */
	struct buffer payload; /* starts with a limit of JOB_PAYLOAD_MAX */
	int retry_seconds;     /* on failure; -1: trying again is no use */
};

#define FETCH_ANSWER_INIT                                                          \
	{                                                                          \
		.payload = BUFFER_WITH_LIMIT(JOB_PAYLOAD_MAX), .retry_seconds = -1 \
	}

void fetch_answer_done(struct fetch_answer *answer);

/* Runs the job that the object names.  Returns 0 or error_set(). */
int fetch_job_run(struct http *http, json_t *job, struct fetch_answer *answer,
		  struct error *error);

/* Job "call". */
int fetch_call_run(struct http *http, json_t *job, struct fetch_answer *answer,
		   struct error *error);

/* Job "credentials". */
int fetch_credentials_run(struct http *http, json_t *job, struct fetch_answer *answer,
			  struct error *error);

#endif
