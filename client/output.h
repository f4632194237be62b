/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_OUTPUT_H
#define CLIENT_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/error.h"

/*
 * What goes out: JSON for scripts, one line a value and flushed; for people,
 * text in which everything that somebody else wrote is escaped.
 */

/* Prints value as one line on stdout and takes it.  Returns 0 or -errno. */
int output_json(json_t *value, struct error *error);

/* Prints an error on stderr: the sentence, or {"error":{...}}. */
void output_error(const struct error *error, bool as_json);

/* Whether what was printed has arrived.  Returns 0 or error_set(). */
int output_finish(struct error *error);

/* A member that is a string; "" if there is none. */
const char *member_text(const json_t *object, const char *name);

/* A member that is a time, in seconds since 1970; 0 if there is none. */
int64_t member_time(const json_t *object, const char *name);

/* A copy that is safe to show; the caller frees it.  NULL when memory is short. */
char *escaped_copy(const char *text);

#endif
