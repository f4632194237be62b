/* SPDX-License-Identifier: MIT */
#ifndef AGENT_CALL_H
#define AGENT_CALL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "agent/waiters.h"
#include "base/error.h"

/*
 * A call under way, and its answer.  It lasts until it was answered, even where
 * the peer left.  A oneway call is answered as any other, and nothing is sent.
 */
struct agent;
struct connection;

struct call {
	TAILQ_ENTRY(call) entry; /* of what it waits for */
	struct connection *connection;
	bool is_oneway;
	bool wants_more;
	bool wants_upgrade;
	bool is_watching; /* on the list of watch.h */
};

/* The agent that was called. */
struct agent *call_agent(const struct call *call);

/* The last answer; takes parameters (NULL means out of memory). */
void call_reply(struct call *call, json_t *parameters);

/* One of several answers; takes parameters.  Returns false when the peer left. */
bool call_continue(struct call *call, json_t *parameters);

void call_fail(struct call *call, const struct error *error);

/* Answers with a finished text, which is taken and freed; NULL closes. */
void call_reply_text(struct call *call, char *text);

/*
 * Answers an upgraded call with these bytes, whole and at once; call_close() is
 * next.  A peer whose socket has no room for them never read anything: nothing
 * is sent then, and no copy is kept for it.
 */
void call_send(struct call *call, const void *bytes, size_t count);
void call_close(struct call *call);

#endif
