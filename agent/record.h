/* SPDX-License-Identifier: MIT */
#ifndef AGENT_RECORD_H
#define AGENT_RECORD_H

#include <jansson.h>
#include <stdint.h>

#include "base/error.h"

/*
 * What the broker says, checked before the agent acts on it or passes it on:
 * the fields of protocol/openapi.yaml with their types.  Fields that this
 * agent does not know are left out, so that a newer broker is no error.
 */

/* Each returns a new object with the known fields, or NULL with error filled. */
json_t *record_request(json_t *json, struct error *error);
json_t *record_profile(json_t *json, struct error *error);

/*
 * A list of them: the key's array in answer, each element by one of the above.
 * Returns a new array or NULL with error filled.
 */
json_t *record_list(json_t *answer, const char *key,
		    json_t *(*record)(json_t *json, struct error *error),
		    struct error *error);

/* The string under a key of a checked record; never NULL. */
const char *record_string(const json_t *record, const char *key);

/* The time under a key, in seconds since 1970; INT64_MIN where there is none. */
int64_t record_time(const json_t *record, const char *key);

#endif
