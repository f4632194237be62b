/* SPDX-License-Identifier: MIT */
#include "broker/profiles-index.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WORD_MAX 64
#define NEAREST_LOOKED_AT 500U

static uint32_t hash(const char *name)
{
	uint32_t sum = 2166136261U; /* FNV-1a */

	for (; *name; name++)
		sum = (sum ^ (uint32_t)tolower((unsigned char)*name)) * 16777619U;
	return sum;
}

static bool equals(const struct index *index, const char *a, const char *b)
{
	return (index->ignores_case ? strcasecmp(a, b) : strcmp(a, b)) == 0;
}

/* The slot that holds the name, or the empty one where it belongs. */
static uint32_t *slot_of(const struct index *index, const char *name)
{
	size_t at = hash(name) & (index->slot_count - 1);

	while (index->slots[at] &&
	       !equals(index, index->entries[index->slots[at] - 1].name, name))
		at = (at + 1) & (index->slot_count - 1);
	return &index->slots[at];
}

static int grow(struct index *index)
{
	size_t slot_count = index->slot_count ? index->slot_count * 2 : 16;
	struct index_entry *entries = reallocarray(index->entries, slot_count / 2,
						   sizeof(*entries));
	uint32_t *slots;

	if (!entries)
		return -ENOMEM;
	index->entries = entries;
	slots = calloc(slot_count, sizeof(*slots));
	if (!slots)
		return -ENOMEM;
	free(index->slots);
	index->slots = slots;
	index->slot_count = slot_count;
	for (size_t i = 0; i < index->count; i++)
		*slot_of(index, entries[i].name) = (uint32_t)i + 1;
	return 0;
}

int index_add(struct index *index, const char *name, void *item)
{
	if (index->count >= index->slot_count / 2 && grow(index) < 0)
		return -ENOMEM;
	index->entries[index->count] = (struct index_entry){ name, item };
	*slot_of(index, name) = (uint32_t)++index->count;
	return 0;
}

void *index_find(const struct index *index, const char *name)
{
	uint32_t place = index->slot_count ? *slot_of(index, name) : 0;

	return place ? index->entries[place - 1].item : NULL;
}

void *index_at(const struct index *index, size_t i)
{
	return i < index->count ? index->entries[i].item : NULL;
}

const char *index_nearest(const struct index *index, const char *name)
{
	const char *nearest = NULL;
	int least = WORD_MAX;

	for (size_t i = 0; i < index->count && i < NEAREST_LOOKED_AT; i++) {
		int distance = words_distance(name, index->entries[i].name);

		if (distance >= 0 && distance < least) {
			least = distance;
			nearest = index->entries[i].name;
		}
	}
	return nearest;
}

void index_done(struct index *index)
{
	free(index->entries);
	free(index->slots);
	*index = (struct index){ .ignores_case = index->ignores_case };
}

static int least_of(int a, int b, int c)
{
	int least = a < b ? a : b;

	return least < c ? least : c;
}

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Optimal string alignment: two neighbours swapped are one slip. */
int words_distance(const char *word, const char *other)
{
	size_t length = strlen(word), other_length = strlen(other);
	int rows[3][WORD_MAX + 1];
	int most = length < 5 ? 1 : 2;

	if (length == 0 || length > WORD_MAX || other_length > WORD_MAX ||
	    length > other_length + 2 || other_length > length + 2)
		return -1;
	for (size_t j = 0; j <= other_length; j++)
		rows[0][j] = (int)j;
	for (size_t i = 1; i <= length; i++) {
		int *row = rows[i % 3], *above = rows[(i + 2) % 3];

		row[0] = (int)i;
		for (size_t j = 1; j <= other_length; j++) {
			int cost = !same_letter(word[i - 1], other[j - 1]);

			row[j] = least_of(above[j] + 1, row[j - 1] + 1,
					  above[j - 1] + cost);
			if (i > 1 && j > 1 && same_letter(word[i - 1], other[j - 2]) &&
			    same_letter(word[i - 2], other[j - 1]))
				row[j] = least_of(row[j], row[j],
						  rows[(i + 1) % 3][j - 2] + 1);
		}
	}
	return rows[length % 3][other_length] <= most ? rows[length % 3][other_length]
						      : -1;
}
