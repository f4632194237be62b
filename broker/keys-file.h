/* SPDX-License-Identifier: MIT */
#ifndef BROKER_KEYS_FILE_H
#define BROKER_KEYS_FILE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

/*
 * What the file of signing keys holds: {"keys": [{"jwk", "made_at",
 * "retired_at"?}, ...]}, the one that signs first.
 */

/* The list, a new reference; NULL with error filled. */
json_t *keys_file_read(const char *path, struct error *error);

/* Replaces the file in one step.  0 or error_set(). */
int keys_file_write(const char *path, json_t *list, struct error *error);

/* Whether a key of the list is still to be published. */
bool keys_entry_is_published(json_t *entry, int64_t now_seconds);

#endif
