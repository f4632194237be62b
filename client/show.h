/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_SHOW_H
#define CLIENT_SHOW_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

/*
 * How what the agent tells is shown: pure, with the time passed in.
 */

/* The contract's form of Status' reply, with exactly its keys; new, NULL on OOM. */
json_t *show_status_json(const json_t *status);

/* The same for a person. */
void show_status(FILE *file, const json_t *status, int64_t now);

/* The requests that someone could decide on, a block each. */
void show_pending(FILE *file, const json_t *requests, int64_t now);

/* One line on what became of a request or a session. */
void show_change(FILE *file, const json_t *change, int64_t now);

#endif
