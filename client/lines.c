/* SPDX-License-Identifier: MIT */
#include "client/lines.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add(struct lines *lines, size_t at, const char *text, size_t length,
	       const char *end)
{
	struct line *grown = realloc(lines->line,
				     (lines->count + 1) * sizeof(*lines->line));
	char *copy;

	if (!grown)
		return -ENOMEM;
	lines->line = grown;
	copy = strndup(text, length);
	if (!copy)
		return -ENOMEM;
	memmove(grown + at + 1, grown + at, (lines->count - at) * sizeof(*grown));
	grown[at] = (struct line){ .text = copy, .end = end };
	lines->count++;
	return 0;
}

/* The end of a line of so many bytes in all. */
static const char *end_of(const char *text, size_t whole)
{
	if (text[whole - 1] != '\n')
		return "";
	return whole > 1 && text[whole - 2] == '\r' ? "\r\n" : "\n";
}

/* A '\r' alone would become half of an end as soon as a line is put behind it. */
static bool is_text(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] == '\0' ||
		    (text[i] == '\r' && (i + 1 == length || text[i + 1] != '\n')))
			return false;
	return true;
}

int lines_split(struct lines *lines, const char *text, size_t length)
{
	struct lines result = { .end = "\n" };
	int r = is_text(text, length) ? 0 : -EINVAL;

	while (r == 0 && length > 0) {
		const char *newline = memchr(text, '\n', length);
		size_t whole = newline ? (size_t)(newline - text) + 1 : length;
		const char *end = end_of(text, whole);

		if (result.count == 0 && *end)
			result.end = end;
		r = add(&result, result.count, text, whole - strlen(end), end);
		text += whole;
		length -= whole;
	}
	if (r < 0)
		lines_done(&result);
	else
		*lines = result;
	return r;
}

int lines_insert(struct lines *lines, size_t at, const char *text)
{
	return add(lines, at, text, strlen(text), lines->end);
}

int lines_insert_behind(struct lines *lines, size_t at, const char *text)
{
	int r;

	assert(at > 0);
	r = add(lines, at, text, strlen(text), lines->line[at - 1].end);
	if (r == 0)
		lines->line[at - 1].end = lines->end;
	return r;
}

void lines_delete(struct lines *lines, size_t at)
{
	free(lines->line[at].text);
	lines->count--;
	memmove(lines->line + at, lines->line + at + 1,
		(lines->count - at) * sizeof(*lines->line));
}

void lines_delete_behind(struct lines *lines, size_t at)
{
	if (at > 0)
		lines->line[at - 1].end = lines->line[at].end;
	lines_delete(lines, at);
}

int lines_replace(struct lines *lines, size_t at, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return -ENOMEM;
	free(lines->line[at].text);
	lines->line[at].text = copy;
	return 0;
}

int lines_join(const struct lines *lines, struct buffer *out)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < lines->count; i++) {
		const struct line *line = &lines->line[i];

		r = buffer_add(out, line->text, strlen(line->text));
		if (r == 0)
			r = buffer_add(out, line->end, strlen(line->end));
	}
	return r;
}

void lines_done(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->line[i].text);
	free(lines->line);
	*lines = (struct lines){ .end = "\n" };
}
