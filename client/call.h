/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_CALL_H
#define CLIENT_CALL_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"
#include "protocol/frame.h"

/*
 * Calls to the agent, as io.jitctl.Agent.varlink describes them.  No call
 * waits for ever: an agent that hangs is an error like one that is away.
 */
#define CALL_SECONDS 10 /* for what the agent answers by itself or by one broker call */
#define CALL_SLOW_SECONDS 90 /* where a keyring may ask its user something */

/* Longest reply: the broker's lists have 256 KiB, and more the agent sends to nobody. */
#define CALL_REPLY_MAX ((size_t)1024 * 1024)

/*
 * Calls a method ("Status") and waits so many seconds for its one reply.
 * Takes parameters, NULL standing for memory that ran out.  Returns 0 and
 * *reply, a new reference, or -errno with error filled: by the agent if it
 * refused, by us (ERROR_NO_AGENT) if it could not be reached.
 */
int call_agent(const char *method, json_t *parameters, int seconds, json_t **reply,
	       struct error *error);

/* One call under way, whose replies may go on coming. */
struct call {
	int fd; /* for poll() */
	bool goes_on;
	struct frame_reader reader;
};

#define CALL_INIT                                                                 \
	{                                                                         \
		.fd = -1, .reader = {.bytes = BUFFER_WITH_LIMIT(CALL_REPLY_MAX) } \
	}

/*
 * Starts a call; with more, every change is a reply of its own.  Takes
 * parameters.  Returns 0 or -errno as call_agent() does.
 */
int call_start(struct call *call, const char *method, json_t *parameters, bool more,
	       struct error *error);

/*
 * Waits up to timeout_ms for the next reply.  Returns 1 and *reply, a new
 * reference; 0 if none came in time; -errno as call_agent() does.
 */
int call_next(struct call *call, int timeout_ms, json_t **reply, struct error *error);

/* Hangs up, wipes what was read. */
void call_done(struct call *call);

#endif
