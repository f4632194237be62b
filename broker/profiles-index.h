/* SPDX-License-Identifier: MIT */
#ifndef BROKER_PROFILES_INDEX_H
#define BROKER_PROFILES_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Things found by their name and kept in the order they came.  Names and
 * things are borrowed.
 */
struct index_entry {
	const char *name;
	void *item;
};

struct index {
	bool ignores_case;
	struct index_entry *entries;
	size_t count;
	uint32_t *slots; /* 0: empty, else 1 + the entry's place */
	size_t slot_count;
};

/* Adds one whose name is not there yet.  0 or -ENOMEM. */
int index_add(struct index *index, const char *name, void *item);

/* The item of that name, or NULL. */
void *index_find(const struct index *index, const char *name);

/* The i-th that was added; NULL past the last. */
void *index_at(const struct index *index, size_t i);

/* The name that `name` is likely a slip of, or NULL. */
const char *index_nearest(const struct index *index, const char *name);

void index_done(struct index *index);

/*
 * Whether one word may be a slip of the other: a letter or two left out, put
 * in, exchanged or swapped, by length.  Returns how many, or -1.
 */
int words_distance(const char *word, const char *other);

#endif
