/* SPDX-License-Identifier: MIT */
#ifndef BASE_OUTPUT_H
#define BASE_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

/* What a command prints: JSON for scripts, one line a value and flushed; errors. */

/* Prints value as one line on stdout and takes it.  Returns 0 or -errno. */
int output_json(json_t *value, struct error *error);

/* The same without the flush, for lists: output_finish() after the last. */
int output_json_item(json_t *value, struct error *error);

/* Prints an error on stderr: "PROGRAM: sentence", or {"error":{...}}. */
void output_error(const char *program, const struct error *error, bool as_json);

/* {"error":{"kind","message","next"}}: a new reference, NULL when memory is short. */
json_t *error_json(const struct error *error);

/* Whether what was printed has arrived.  Returns 0 or error_set(). */
int output_finish(struct error *error);

#endif
