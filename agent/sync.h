/* SPDX-License-Identifier: MIT */
#ifndef AGENT_SYNC_H
#define AGENT_SYNC_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Follows the broker: GET /v1/events in one worker that waits there, only as
 * long as something is pending or live, or somebody watches.  And tells it of
 * the ends that were done here, until it has heard.
 */
struct agent;
struct broker_job;

struct sync {
	struct broker_job *poll; /* the long poll under way */
	struct broker_job *tell; /* the end being told */
	struct ev_timer poll_again;
	struct ev_timer tell_again;
	int64_t since; /* 0: everything */
	unsigned int poll_failures;
	unsigned int tell_failures;
	bool has_all;      /* since the start, or the last unlock */
	bool is_reachable; /* by the last call of any kind */
};

void sync_init(struct agent *agent);

/* Looks whether to poll or to stop, and whether there is an end to tell. */
void sync_poke(struct agent *agent);

/* Asks for everything anew: after a start, an unlock, an enrolment. */
void sync_restart(struct agent *agent);

/* Stops; kills the workers. */
void sync_stop(struct agent *agent);

#endif
