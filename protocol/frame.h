/* SPDX-License-Identifier: MIT */
#ifndef PROTOCOL_FRAME_H
#define PROTOCOL_FRAME_H

#include <stddef.h>

#include "base/buffer.h"

/*
 * Splits a byte stream into messages: JSON text ended by one NUL, as in
 * Varlink.  Knows nothing of sockets, so tests and the fuzzer feed it
 * anything.  Holds memory only while part of a message is there, so that a
 * thousand idle connections cost nothing.
 */

/* Longest message accepted, its NUL included. */
#define FRAME_MAX ((size_t)64 * 1024)

struct frame_reader {
	struct buffer bytes; /* starts as FRAME_READER_INIT */
	size_t scanned;      /* bytes known to hold no NUL */
};

#define FRAME_READER_INIT                             \
	{                                             \
		.bytes = BUFFER_WITH_LIMIT(FRAME_MAX) \
	}

/*
 * Adds bytes as they came.  Returns 0, -EMSGSIZE when a message passes
 * FRAME_MAX, -ENOMEM.
 */
int frame_feed(struct frame_reader *reader, const void *bytes, size_t count);

/*
 * Finds the next whole message.  Returns 1 and points *message at it, 0 if
 * more bytes are needed.  The message is NUL-terminated, belongs to the reader
 * and lasts until frame_next_done().
 */
int frame_next(struct frame_reader *reader, const char **message, size_t *length);

/* Wipes the message that frame_next() found and moves on past it. */
void frame_next_done(struct frame_reader *reader, size_t length);

/* Bytes that came behind the last message and are not one yet. */
size_t frame_rest(const struct frame_reader *reader, const char **bytes);

/* Wipes and frees what is held. */
void frame_done(struct frame_reader *reader);

#endif
