/* SPDX-License-Identifier: MIT */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * When to try again: exponential backoff with full jitter, so that clients
 * that failed together do not come back together, within a number of tries
 * and a deadline on the boot clock.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
#define RETRY_TRIES 5
#define RETRY_FIRST_MS 100
#define RETRY_LONGEST_MS 2000
#define RETRY_SLICE_MS 100 /* how late a stop may be seen */

struct retry {
	int64_t deadline_usec;   /* CLOCK_BOOTTIME */
	unsigned int tries;      /* begun so far */
	const atomic_bool *stop; /* set by the caller; NULL: nobody stops it */
};

/* Begins, with that many milliseconds for all tries and pauses together. */
struct retry retry_begin(int64_t deadline_ms);

/* What is left of them; 0 or more. */
int64_t retry_left_ms(const struct retry *retry);

/* The same, but no longer than a stop may go unseen. */
int64_t retry_slice_ms(const struct retry *retry);

bool retry_is_stopped(const struct retry *retry);

/*
 * Waits before the next try.  Returns false at once if there is none: the
 * tries are used up, the pause would pass the deadline, or it is to stop.
 */
bool retry_wait(struct retry *retry);

#endif
