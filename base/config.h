/* SPDX-License-Identifier: MIT */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Flat config files: "key = value" lines of at most 199 bytes, '#' comments that
 * are lines of their own.  A table says which keys there are; an unknown, repeated
 * or malformed one is an error that names the file and the line.
 */
#define CONFIG_VALUE_MAX 1024
#define CONFIG_FILE_MAX ((size_t)64 * 1024)

struct config_key {
	const char *name;
	size_t offset;       /* of a char[CONFIG_VALUE_MAX] in the target struct */
	const char *initial; /* value when the file has none; NULL means "" */
};

/*
 * Fills target (a struct of char[CONFIG_VALUE_MAX] members) from path, by the
 * table of keys, which ends with a NULL name.  A missing file leaves the
 * initial values and is no error.  Returns 0, or -errno with error filled;
 * target is then as the initial values say.
 */
int config_read(const char *path, const struct config_key *keys, void *target,
		struct error *error);

/* Told of each mistake: its line, and what is wrong in words. */
struct config_audience {
	void (*tell)(void *data, int line, const char *what);
	void *data;
};

/*
 * The same to the end of the file: each line with a mistake is told and left
 * out.  Returns how many there were, or error_set() where path can't be read.
 */
int config_check(const char *path, const struct config_key *keys, void *target,
		 const struct config_audience *audience, struct error *error);

/* The line of path that sets name; 0 where none does. */
int config_line(const char *path, const char *name);

/* Whether a line has room for that. */
bool config_fits(const char *name, const char *value);

/*
 * Sets keys in path, keeps every other line and comment as it is, and writes
 * the file in one step with mode 0600.  names and values are parallel arrays;
 * a NULL value removes the key.
 */
int config_set(const char *path, const char *const names[], const char *const values[],
	       size_t count, struct error *error);

#endif
