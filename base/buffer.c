/* SPDX-License-Identifier: MIT */
#include "base/buffer.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_ROOM 512

/* realloc() would leave the old block unwiped. */
static int move_to_larger(struct buffer *buffer, size_t needed)
{
	size_t room = buffer->room ? buffer->room : FIRST_ROOM;
	char *bytes;

	while (room < needed)
		room *= 2;
	bytes = malloc(room);
	if (!bytes)
		return -ENOMEM;
	if (buffer->bytes) {
		memcpy(bytes, buffer->bytes, buffer->used);
		explicit_bzero(buffer->bytes, buffer->room);
		free(buffer->bytes);
	}
	buffer->bytes = bytes;
	buffer->room = room;
	return 0;
}

static int make_room(struct buffer *buffer, size_t count)
{
	if (count > buffer->most - buffer->used)
		return -EMSGSIZE;
	if (buffer->used + count + 1 <= buffer->room)
		return 0;
	return move_to_larger(buffer, buffer->used + count + 1);
}

char *buffer_space(struct buffer *buffer, size_t count)
{
	return make_room(buffer, count) < 0 ? NULL : buffer->bytes + buffer->used;
}

void buffer_filled(struct buffer *buffer, size_t count)
{
	assert(count < buffer->room - buffer->used);
	buffer->used += count;
	buffer->bytes[buffer->used] = '\0';
}

int buffer_add(struct buffer *buffer, const void *bytes, size_t count)
{
	int r = make_room(buffer, count);

	if (r < 0)
		return r;
	if (count > 0)
		memcpy(buffer->bytes + buffer->used, bytes, count);
	buffer_filled(buffer, count);
	return 0;
}

int buffer_print(struct buffer *buffer, const char *format, ...)
{
	va_list arguments, again;
	int length, r;

	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	r = length < 0 ? -EINVAL : make_room(buffer, (size_t)length);
	if (r == 0) {
		vsnprintf(buffer->bytes + buffer->used, (size_t)length + 1, format,
			  again);
		buffer->used += (size_t)length;
	}
	va_end(again);
	return r;
}

void buffer_consume(struct buffer *buffer, size_t count)
{
	size_t rest = buffer->used - count;

	assert(count <= buffer->used);
	if (count == 0)
		return;
	memmove(buffer->bytes, buffer->bytes + count, rest);
	explicit_bzero(buffer->bytes + rest, count);
	buffer->used = rest;
}

/* Reads some bytes, or past the limit one that shows there are more. */
static ssize_t read_some(struct buffer *buffer, int fd)
{
	size_t left = buffer->most - buffer->used;
	size_t want = left < 4096 ? left : 4096;
	char probe = 0;
	char *space = want ? buffer_space(buffer, want) : &probe;
	ssize_t got;

	if (!space)
		return -ENOMEM;
	do
		got = read(fd, space, want ? want : 1);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	if (got > 0 && want == 0)
		return -EMSGSIZE;
	if (got > 0)
		buffer_filled(buffer, (size_t)got);
	return got;
}

int buffer_read_all(struct buffer *buffer, int fd)
{
	ssize_t got;

	do
		got = read_some(buffer, fd);
	while (got > 0);
	return got < 0 ? (int)got : buffer_add(buffer, "", 0);
}

void buffer_done(struct buffer *buffer)
{
	if (buffer->bytes)
		explicit_bzero(buffer->bytes, buffer->room);
	free(buffer->bytes);
	*buffer = (struct buffer)BUFFER_WITH_LIMIT(buffer->most);
}
