/* SPDX-License-Identifier: MIT */
#ifndef POLICY_VALUE_H
#define POLICY_VALUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * A configuration file's value with its line, whatever the file's format: a
 * text, a list, or a map in the order of the file.  Keeps the parser of that
 * format out of policy/.  A tree owns all below it.
 */
enum value_kind {
	VALUE_TEXT,
	VALUE_LIST,
	VALUE_MAP,
};

struct value {
	enum value_kind kind;
	unsigned int line;
	bool is_plain; /* text: written without quotes, so true is a boolean */
	char *text;
	char **keys;          /* map: parallel to items */
	struct value **items; /* list, map */
	size_t count;
};

/* Each returns NULL when memory is short. */
struct value *value_new_text(const char *text, size_t length, bool is_plain,
			     unsigned int line);
struct value *value_new(enum value_kind kind, unsigned int line);

/* Takes the item over, also on failure; key is for maps.  0 or -ENOMEM. */
int value_add(struct value *value, const char *key, size_t key_length,
	      struct value *item);

/* The map's item of that key, or NULL. */
const struct value *value_get(const struct value *map, const char *key);

/* One or many: the list's i-th, or what is no list as the first; NULL: no more. */
const struct value *value_at(const struct value *value, size_t i);

bool value_is_text(const struct value *value, const char *text);

/*
 * As JSON: plain true, false and integers become such; 012 stays a text, as an
 * account's id would lose its 0.  NULL: no memory, bad UTF-8.
 */
json_t *value_json(const struct value *value);

void value_free(struct value *value); /* takes NULL */

static inline void value_freep(struct value **value)
{
	value_free(*value);
	*value = NULL;
}

#endif
