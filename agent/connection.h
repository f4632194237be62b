/* SPDX-License-Identifier: MIT */
#ifndef AGENT_CONNECTION_H
#define AGENT_CONNECTION_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/queue.h>

#include "agent/places.h"
#include "agent/waiters.h"
#include "base/buffer.h"
#include "base/error.h"
#include "protocol/frame.h"

/*
 * One peer on the agent's socket.  Nothing here blocks.  A peer has one call
 * under way: the next one is read when the last answer has been written, so
 * neither calls nor answers pile up.  A connection that waits for nothing
 * holds no buffers.
 */
struct agent;
struct connection;

/* Answers that a peer has not read yet, at most; one that wants more is closed. */
#define CONNECTION_OUTPUT_MAX ((size_t)1024 * 1024)

/* A call under way.  It lasts until it was answered, even where the peer left. */
struct call {
	TAILQ_ENTRY(call) entry; /* of what it waits for */
	struct connection *connection;
	bool is_oneway;
	bool wants_more;
	bool wants_upgrade;
	bool is_watching; /* on the list of watch.h */
};

void connections_init(struct agent *agent, unsigned int most);

/* Takes fd, an accepted socket whose peer is known to be the user. */
void connection_start(struct agent *agent, int fd);

void connections_done(struct agent *agent);

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
 * Answers an upgraded call with these bytes, whole and at once, and closes.  A
 * peer whose socket has no room for them never read anything: it is closed
 * with nothing sent, and no copy is kept for it.
 */
void call_send_and_close(struct call *call, const void *bytes, size_t count);

#endif
