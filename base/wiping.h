/* SPDX-License-Identifier: MIT */
#ifndef BASE_WIPING_H
#define BASE_WIPING_H

#include <stddef.h>

/*
 * malloc() and its family for libraries that take their allocator as a
 * parameter (libcurl, expat, jansson): each block is wiped before it is let go
 * of, so that no answer of STS outlives its reader.
 */
void *wiping_malloc(size_t size);
void *wiping_calloc(size_t count, size_t size);
void *wiping_realloc(void *block, size_t size);
char *wiping_strdup(const char *text);
void wiping_free(void *block);

#endif
