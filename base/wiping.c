/* SPDX-License-Identifier: MIT */
#include "base/wiping.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Remembers the size of the block that follows it, and keeps it aligned. */
union header {
	size_t size;
	max_align_t align;
};

void *wiping_malloc(size_t size)
{
	union header *header;

	if (size > SIZE_MAX - sizeof(*header))
		return NULL;
	header = malloc(sizeof(*header) + size);
	if (!header)
		return NULL;
	header->size = size;
	return header + 1;
}

void *wiping_calloc(size_t count, size_t size)
{
	void *block;

	if (size > 0 && count > SIZE_MAX / size)
		return NULL;
	block = wiping_malloc(count * size);
	if (block)
		memset(block, 0, count * size);
	return block;
}

/* The system's realloc() would leave the old block unwiped when it moves. */
void *wiping_realloc(void *block, size_t size)
{
	size_t old = block ? ((union header *)block - 1)->size : 0;
	void *new = wiping_malloc(size);

	if (!new)
		return NULL;
	if (block)
		memcpy(new, block, old < size ? old : size);
	wiping_free(block);
	return new;
}

char *wiping_strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = wiping_malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

void wiping_free(void *block)
{
	union header *header = block;

	if (!header)
		return;
	header--;
	explicit_bzero(block, header->size);
	free(header);
}
