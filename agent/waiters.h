/* SPDX-License-Identifier: MIT */
#ifndef AGENT_WAITERS_H
#define AGENT_WAITERS_H

#include <sys/queue.h>

/* Calls that wait for the same thing.  agent/call.h has struct call. */
struct call;
TAILQ_HEAD(waiters, call);

#endif
