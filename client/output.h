/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_OUTPUT_H
#define CLIENT_OUTPUT_H

#include <jansson.h>
#include <stdint.h>

#include "base/output.h"

/*
 * What the agent answered, for people: text in which everything that somebody
 * else wrote is escaped.
 */

/* A member that is a string; "" if there is none. */
const char *member_text(const json_t *object, const char *name);

/* A member that is a time, in seconds since 1970; 0 if there is none. */
int64_t member_time(const json_t *object, const char *name);

/* A copy that is safe to show; the caller frees it.  NULL when memory is short. */
char *escaped_copy(const char *text);

#endif
