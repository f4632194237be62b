/* SPDX-License-Identifier: MIT */
#ifndef AGENT_CORE_SANDBOX_H
#define AGENT_CORE_SANDBOX_H

#include "base/error.h"

/*
 * What the core gives up once all that it needs is open: the network and every
 * new connection, running programs, looking into processes, executable memory,
 * and writing anywhere but in its own directories.  The workers are not bound:
 * their launcher was forked before.
 */
struct agent;

/* Returns 0 or error_set().  Does nothing under the sanitizers. */
int core_sandbox_enter(const struct agent *agent, struct error *error);

#endif
