/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_WORDS_H
#define CLIENT_WORDS_H

#include <jansson.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Times, parameters and lists the way a person says them.  Each returns text
 * that the caller frees, escaped where a stranger wrote it, or NULL when
 * memory is short.  Hours are those of the local time zone.
 */

/* "42 min", "1 h 30 min", "12 s", "3 d 2 h": the two largest units. */
char *words_span(int64_t seconds);

/* "ends in 42 min, 15:30", with verb "ends"; "ended 3 min ago" once it is past. */
char *words_until(const char *verb, const char *past, int64_t when, int64_t now);

/* "15:30", or with the day where that is not today. */
char *words_clock(int64_t when, int64_t now);

/* "3 min ago". */
char *words_ago(int64_t when, int64_t now);

/* "orders-support tenant=acme": a request's or session's profile and parameters. */
char *words_profile(const json_t *item);

/* "dead in AWS after 4 s": what the broker saw of an ended session; "" where it didn't
 * look. */
char *words_proof(const json_t *session);

/* "bob, dora" of an array of strings. */
char *words_list(const json_t *list, const char *between);

/* NAME=VALUE words to {"NAME": "VALUE"}: a new reference, or NULL with error filled. */
json_t *words_parameters(char *const words[], int count, struct error *error);

#endif
