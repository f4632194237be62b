/* SPDX-License-Identifier: MIT */
#ifndef AGENT_WATCH_H
#define AGENT_WATCH_H

#include "agent/waiters.h"
#include "base/error.h"

/* Peers that are told of every change, by method Watch. */
struct agent;
struct session;

struct watch_telling;

struct watch {
	struct waiters calls;
	struct watch_telling *telling; /* the innermost under way; NULL: none */
};

void watch_init(struct watch *watch);

/* Tells a peer everything as it is now, and from then on every change. */
void watch_begin(struct agent *agent, struct call *call);

/* A request or session is not what it was. */
void watch_tell(struct agent *agent, const struct session *session);

/* The peer has left. */
void watch_end(struct agent *agent, struct call *call);

#endif
