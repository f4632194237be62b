/* SPDX-License-Identifier: MIT */
#ifndef BROKER_REFUSALS_H
#define BROKER_REFUSALS_H

#include <stdint.h>

/*
 * Bounds what a stranger can make the audit write: so many refused calls an hour
 * from one address have a row each; of the rest only their number is kept.
 */
struct refusals;

#define REFUSALS_AN_HOUR 20

struct refusals *refusals_new(void); /* NULL when memory is short */
void refusals_free(struct refusals *refusals);

/*
 * Counts a refused call.  Returns 1 if it may have its row, else 0.  *unwritten
 * is how many of that address had none in the hour before, told once.
 */
int refusals_count(struct refusals *refusals, const char *address, int64_t now_seconds,
		   int64_t *unwritten);

#endif
