/* SPDX-License-Identifier: MIT */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stddef.h>

/*
 * Bytes that grow up to a limit set at birth, whatever a peer sends.  Every
 * block it lets go of is wiped, so it may hold a secret for a moment.
 */
struct buffer {
	char *bytes; /* NUL after the last one, once anything was added */
	size_t used;
	size_t room;
	size_t most;
};

/* An empty buffer for at most that many bytes; owns nothing yet. */
#define BUFFER_WITH_LIMIT(limit) \
	{                        \
		.most = (limit)  \
	}

/* Adds bytes.  Returns 0, -EMSGSIZE past the limit, -ENOMEM; then unchanged. */
int buffer_add(struct buffer *buffer, const void *bytes, size_t count);

/* Adds formatted text.  Returns as buffer_add() does. */
int buffer_print(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Makes room for count more bytes and returns where they go; report them with
 * buffer_filled().  NULL past the limit or when memory is short.
 */
char *buffer_space(struct buffer *buffer, size_t count);
void buffer_filled(struct buffer *buffer, size_t count);

/* Drops the first count bytes and wipes where they were. */
void buffer_consume(struct buffer *buffer, size_t count);

/* Reads fd to its end.  Returns 0, or -errno as read() and buffer_add() do. */
int buffer_read_all(struct buffer *buffer, int fd);

/* Wipes, frees, and leaves an empty buffer with the same limit. */
void buffer_done(struct buffer *buffer);

#endif
