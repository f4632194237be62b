/* SPDX-License-Identifier: MIT */
#include "policy/context.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/scope.h"

#define ARN_PARTS 6

/* ${*}, ${?} and ${$} are the character itself. */
static bool is_escape(const char *name, int length)
{
	return length == 1 && strchr("*?$", *name);
}

/* "key" or "key, 'default'": returns the key's length, sets the default's. */
static int split_default(const char *name, int length, const char **otherwise,
			 int *otherwise_length)
{
	const char *comma = memchr(name, ',', (size_t)length);
	const char *end = name + length, *text = comma ? comma + 1 : end;

	*otherwise = NULL;
	while (text < end && *text == ' ')
		text++;
	if (end - text >= 2 && *text == '\'' && end[-1] == '\'') {
		*otherwise = text + 1;
		*otherwise_length = (int)(end - text) - 2;
	}
	return comma ? (int)(comma - name) : length;
}

/* 1, 0 where it has no value, -ENOMEM, -EMSGSIZE. */
static int bind_variable(const struct asked *asked, const char *name, int length,
			 struct buffer *out, struct context_variable *absent)
{
	struct context_values values;
	const char *otherwise;
	char key[160];
	int otherwise_length = 0, r;
	int key_length = split_default(name, length, &otherwise, &otherwise_length);

	if (is_escape(name, length))
		return (r = buffer_add(out, name, 1)) < 0 ? r : 1;
	snprintf(key, sizeof(key), "%.*s", key_length, name);
	if (context_find(asked, key, &values) && !values.is_list && *values.list[0])
		r = buffer_add(out, values.list[0], strlen(values.list[0]));
	else if (otherwise)
		r = buffer_add(out, otherwise, (size_t)otherwise_length);
	else {
		*absent = (struct context_variable){ name, key_length };
		return 0;
	}
	return r < 0 ? r : 1;
}

static int add_literal(struct buffer *out, const char *text, size_t length,
		       bool has_wildcards)
{
	size_t start = out->used;
	int r = buffer_add(out, text, length);

	for (size_t i = start; has_wildcards && r == 0 && i < out->used; i++)
		if (out->bytes[i] == '*')
			out->bytes[i] = ANY_RUN;
		else if (out->bytes[i] == '?')
			out->bytes[i] = ANY_ONE;
	return r < 0 ? r : 1;
}

int context_bind(const struct asked *asked, const char *text, size_t length,
		 bool has_wildcards, struct buffer *out, struct context_variable *absent)
{
	const char *end = text + length, *start, *name;
	int r = 1, found;

	while ((found = text_next_variable(text, &start, &name)) > 0 && start < end) {
		r = add_literal(out, text, (size_t)(start - text), has_wildcards);
		if (r == 1)
			r = bind_variable(asked, name, found, out, absent);
		if (r != 1)
			return r;
		text = name + found + 1;
	}
	return add_literal(out, text, (size_t)(end - text), has_wildcards);
}

/* The length of an ARN's part: to the next ':' outside ${...}. */
static size_t part_length(const char *part)
{
	size_t i = 0;

	while (part[i] && part[i] != ':') {
		const char *end = part[i] == '$' && part[i + 1] == '{'
				      ? strchr(part + i, '}')
				      : NULL;

		i = end ? (size_t)(end - part) + 1 : i + 1;
	}
	return i;
}

static bool part_matches(const struct asked *asked, const char *pattern, size_t length,
			 const char *part, size_t part_length,
			 struct context_variable *absent)
{
	scoped(buffer_done) struct buffer wanted = BUFFER_WITH_LIMIT(CONTEXT_TEXT_MAX);
	scoped(freep) char *text = strndup(part, part_length);

	return text && context_bind(asked, pattern, length, true, &wanted, absent) == 1 &&
	       text_matches(wanted.bytes, text);
}

bool context_arn_matches(const struct asked *asked, const char *pattern, const char *arn,
			 struct context_variable *absent)
{
	for (int i = 0; i < ARN_PARTS; i++) {
		bool is_last = i == ARN_PARTS - 1;
		size_t length = is_last ? strlen(pattern) : part_length(pattern);
		size_t arn_length = is_last ? strlen(arn) : strcspn(arn, ":");

		if (!part_matches(asked, pattern, length, arn, arn_length, absent))
			return false;
		if (is_last)
			break;
		if (!pattern[length] || !arn[arn_length])
			return false;
		pattern += length + 1;
		arn += arn_length + 1;
	}
	return true;
}
