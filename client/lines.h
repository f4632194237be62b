/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_LINES_H
#define CLIENT_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/*
 * A text as lines that can be put in and taken out again without a trace:
 * each keeps its own end, "\n", "\r\n" or, for the last one, none.
 */
struct line {
	char *text; /* NUL-terminated, without its end */
	const char *end;
};

struct lines {
	struct line *line;
	size_t count;
	const char *end; /* how a line ends here: as the first one does */
};

/* Splits text.  Returns 0; -EINVAL if it holds a NUL or a lone '\r'; -ENOMEM. */
int lines_split(struct lines *lines, const char *text, size_t length);

/* Puts a copy of text before line at, or behind all.  Returns 0 or -ENOMEM. */
int lines_insert(struct lines *lines, size_t at, const char *text);

/*
 * The same behind line at - 1, whose end the new one takes over.  So a text
 * without a last newline stays one.
 */
int lines_insert_behind(struct lines *lines, size_t at, const char *text);

/* Takes line at out, its end included. */
void lines_delete(struct lines *lines, size_t at);

/* The opposite of lines_insert_behind(). */
void lines_delete_behind(struct lines *lines, size_t at);

/* Gives line at another text.  Returns 0 or -ENOMEM. */
int lines_replace(struct lines *lines, size_t at, const char *text);

/* Adds all of it to out.  Returns as buffer_add() does. */
int lines_join(const struct lines *lines, struct buffer *out);

void lines_done(struct lines *lines);

#endif
