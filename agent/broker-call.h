/* SPDX-License-Identifier: MIT */
#ifndef AGENT_BROKER_CALL_H
#define AGENT_BROKER_CALL_H

#include <jansson.h>
#include <stdint.h>

#include "agent/worker.h"
#include "base/error.h"

/*
 * Calls to the broker: the core signs, a fetch worker sends.  The device key
 * never enters a process that talks to the network.
 */
struct agent;

/* A person waits: `request` says unreachable within 5 s. */
#define BROKER_CALL_DEADLINE_MSEC 4500

/* What came of a call.  Lives for the callback only. */
struct broker_answer {
	json_t *body;       /* of a 200; NULL where it failed */
	int64_t date;       /* the broker's clock, seconds since 1970; 0: unknown */
	struct error error; /* ERROR_NONE where it went well */
	int retry_seconds;  /* below 0: the broker itself said no */
};

typedef void broker_done(void *data, const struct broker_answer *answer);

/* Where a call goes and who signs it: the enrolment in force, or a new one. */
struct broker_identity {
	const char *url;
	const char *ca_file;
	struct secret *device;
};

/*
 * A signed call as a fetch job has it, without "job" and "payload"; takes body
 * (NULL for none).  Returns NULL when memory is short.
 */
json_t *broker_call_signed(struct agent *agent, const char *method, const char *path,
			   json_t *body, int64_t deadline_msec);

struct broker_call {
	const char *method;
	const char *path;
	json_t *body; /* taken; NULL for none */
	int64_t deadline_msec;
	const struct broker_identity *identity; /* NULL: the enrolment in force */
	broker_done *done;
	void *data;
};

/*
 * Makes a call.  Returns 0 with *job (if not NULL) good for workers_cancel()
 * through broker_call_cancel() until done was called; or error_set().
 */
struct broker_job;
int broker_call_start(struct agent *agent, const struct broker_call *call,
		      struct broker_job **job, struct error *error);

/* Forgets it; done is not called.  NULL is fine. */
void broker_call_cancel(struct broker_job *job);

#endif
