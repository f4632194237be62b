/* SPDX-License-Identifier: MIT */
#ifndef AGENT_ENDED_H
#define AGENT_ENDED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

/*
 * The ends that were done here and that the broker has not heard of yet: a
 * file with an id a line, so that what was ended stays ended over a crash.
 */
#define ENDED_MAX 1024

struct ended {
	char *path;
	char (*ids)[ID_SIZE];
	size_t count;
};

/* Reads the file in the state directory; none means none.  0 or error_set(). */
int ended_load(struct ended *ended, const char *state_path, struct error *error);

/* Adds an id and makes that durable.  Returns 0 or error_set(); known anyway. */
int ended_add(struct ended *ended, const char *id, struct error *error);

bool ended_has(const struct ended *ended, const char *id);

/* The broker has heard of it. */
int ended_remove(struct ended *ended, const char *id, struct error *error);

void ended_done(struct ended *ended);

#endif
