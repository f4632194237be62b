/* SPDX-License-Identifier: MIT */
#ifndef AGENT_WORKER_H
#define AGENT_WORKER_H

#include <ev.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "agent/worker-orders.h"
#include "base/error.h"
#include "base/secret.h"

/*
 * Jobs given to workers, as the core sees them: sent, bounded in time, their
 * answer read to its end and taken apart (base/job.h).  With that, or without, a
 * worker is killed.  Never blocks.  At most LAUNCHER_WORKERS_MAX run,
 * WORKERS_QUEUE_MAX more wait for their turn.
 */
#define WORKERS_QUEUE_MAX 256

/* What came of a job.  Lives for the callback only. */
struct worker_result {
	json_t *answer;      /* the answer's object; NULL where it failed */
	const char *payload; /* its payload, wiped after the callback */
	size_t length;
	struct error error; /* kind ERROR_NONE where it did not */
	int retry_seconds;  /* below 0: trying again is no use */
};

typedef void worker_done(void *data, const struct worker_result *result);

struct worker_job; /* one that has been started and not called back yet */
TAILQ_HEAD(worker_list, worker_job);

struct workers {
	struct ev_loop *loop;
	struct worker_orders orders;
	struct worker_list running;
	struct worker_list waiting;
	unsigned int running_count;
	unsigned int waiting_count;
	uint32_t last_ticket;
	bool is_stopping;
};

struct worker_order {
	enum launcher_program program;
	json_t *job;               /* taken, also on failure; "payload" is set here */
	struct secret *secrets[2]; /* the payload, one behind the other; NULL for none */
	int64_t deadline_msec;     /* from now, time in the queue included */
	worker_done *done;
	void *data;
};

void workers_init(struct workers *workers, struct ev_loop *loop,
		  struct worker_source source);

/*
 * Starts a job, or queues it.  Returns 0 with *job set (if not NULL) until
 * done was called, which never happens from within this call; else
 * error_set(), ERROR_LIMIT when too many wait, and done is not called.
 */
int workers_start(struct workers *workers, const struct worker_order *order,
		  struct worker_job **job, struct error *error);

/* Kills the worker and forgets the job; done is not called.  NULL is fine. */
void workers_cancel(struct workers *workers, struct worker_job *job);

/*
 * For the agent's own end: kills every worker, and each job is called back with
 * an error, so that whoever waits is told.  None is started from then on.
 */
void workers_stop(struct workers *workers);

#endif
