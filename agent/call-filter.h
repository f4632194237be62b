/* SPDX-License-Identifier: MIT */
#ifndef AGENT_CALL_FILTER_H
#define AGENT_CALL_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Which system calls this process, and all that it starts, may still make:
 * seccomp(2) with the numbers of the machine's own ABI, any other ABI ends the
 * process.  Nothing where the machine's ABI is not known here.
 */

/* What may come of a call: it is made, or fails with that errno. */
#define CALL_FILTER_MAY UINT32_C(0)

struct call_filter {
	const int *calls; /* their numbers; the most frequent ones first */
	size_t count;
	uint32_t listed;  /* what comes of those: CALL_FILTER_MAY or an errno */
	uint32_t others;  /* and of all others */
	bool may_not_map; /* memory may not become executable */
};

#define CALL_FILTER_MAX 120

/* In force when it returns 0; else -errno, -E2BIG past CALL_FILTER_MAX calls. */
int call_filter_enter(const struct call_filter *filter);

#endif
