/* SPDX-License-Identifier: MIT */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stddef.h>

#include "base/error.h"

/*
 * jansson, used strictly: one object per text, no duplicate keys, no unknown
 * keys, nothing behind the end, depth bounded (jansson's own 2,048).
 */

/* Makes jansson wipe every block it frees.  First thing in main(). */
void json_init_wiping(void);

/*
 * Parses one JSON object.  Returns a new reference, or NULL with error filled
 * (ERROR_USAGE); the text itself is never quoted.
 */
json_t *json_parse_object(const char *text, size_t length, struct error *error);

/*
 * json_unpack() with a reason a person can read.  End the format with "!" to
 * refuse unknown keys.  Returns 0, or error_set(error, ERROR_USAGE, ...).
 */
int json_read(json_t *json, struct error *error, const char *format, ...);

/* One line of JSON; the caller frees it (json_text_free wipes).  NULL on OOM. */
char *json_text(const json_t *json);

/* The same with sorted keys: equal values give equal bytes. */
char *json_text_sorted(const json_t *json);

void json_text_free(char *text);

static inline void json_text_freep(char **text)
{
	json_text_free(*text);
	*text = NULL;
}

#endif
