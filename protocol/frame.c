/* SPDX-License-Identifier: MIT */
#include "protocol/frame.h"

#include <errno.h>
#include <string.h>

int frame_feed(struct frame_reader *reader, const void *bytes, size_t count)
{
	return buffer_add(&reader->bytes, bytes, count);
}

int frame_next(struct frame_reader *reader, const char **message, size_t *length)
{
	const struct buffer *bytes = &reader->bytes;
	const char *end = NULL;

	if (bytes->used > reader->scanned)
		end = memchr(bytes->bytes + reader->scanned, '\0',
			     bytes->used - reader->scanned);
	if (!end) {
		reader->scanned = bytes->used;
		return 0;
	}
	*message = bytes->bytes;
	*length = (size_t)(end - bytes->bytes);
	return 1;
}

void frame_next_done(struct frame_reader *reader, size_t length)
{
	buffer_consume(&reader->bytes, length + 1);
	reader->scanned = 0;
	if (reader->bytes.used == 0)
		buffer_done(&reader->bytes);
}

size_t frame_rest(const struct frame_reader *reader, const char **bytes)
{
	*bytes = reader->bytes.bytes;
	return reader->bytes.used;
}

void frame_done(struct frame_reader *reader)
{
	buffer_done(&reader->bytes);
	reader->scanned = 0;
}
