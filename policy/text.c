/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/scope.h"
#include "policy/service.h"

int words_add(struct words *words, const char *word)
{
	char **list = reallocarray(words->list, words->count + 2, sizeof(*list));

	if (!list)
		return -ENOMEM;
	words->list = list;
	list[words->count] = strdup(word);
	if (!list[words->count])
		return -ENOMEM;
	list[++words->count] = NULL;
	return 0;
}

bool words_have(const struct words *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->list[i], word) == 0)
			return true;
	return false;
}

void words_done(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->list[i]);
	free(words->list);
	*words = (struct words){ 0 };
}

bool text_is_for_iam(const char *text)
{
	uint32_t number;
	size_t length;

	for (; *text; text += length) {
		length = text_character(text, &number);
		if (length == 0 || number > 0xff || text_misleads(number))
			return false;
	}
	return true;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int scope_endpoints(const struct scope *scope, struct words *endpoints)
{
	for (size_t i = 0; i < scope->count; i++) {
		const struct statement *statement = &scope->statements[i];
		const struct words *named = statement->service->endpoints
						? statement->service->endpoints(statement)
						: NULL;

		for (size_t j = 0; named && j < named->count; j++)
			if (!words_have(endpoints, named->list[j]) &&
			    words_add(endpoints, named->list[j]) < 0)
				return -ENOMEM;
	}
	if (endpoints->count > 1)
		qsort(endpoints->list, endpoints->count, sizeof(char *), by_text);
	return 0;
}

int text_next_variable(const char *text, const char **start, const char **name)
{
	const char *found = strstr(text, "${");
	const char *end;

	if (!found)
		return 0;
	end = strchr(found, '}');
	if (!end || end == found + 2 || end - found > 128)
		return -EINVAL;
	*start = found;
	*name = found + 2;
	return (int)(end - found - 2);
}

static const char *value_of(const char *name, size_t length,
			    const struct binding *bindings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(bindings[i].name) == length &&
		    memcmp(bindings[i].name, name, length) == 0)
			return bindings[i].value;
	return NULL;
}

static int add_with_wildcards(struct buffer *out, const char *text, size_t length)
{
	int r = buffer_add(out, text, length);

	for (size_t i = out->used - (r < 0 ? 0 : length); r == 0 && i < out->used; i++)
		if (out->bytes[i] == '*')
			out->bytes[i] = ANY_RUN;
		else if (out->bytes[i] == '?')
			out->bytes[i] = ANY_ONE;
	return r;
}

int text_bind_pattern(const char *text, const struct binding *bindings, size_t count,
		      struct buffer *out)
{
	const char *start, *name;
	int length;

	while ((length = text_next_variable(text, &start, &name)) > 0) {
		const char *value = value_of(name, (size_t)length, bindings, count);
		int r = add_with_wildcards(out, text, (size_t)(start - text));

		if (!value || !*value)
			return 0;
		if (r == 0)
			r = buffer_add(out, value, strlen(value));
		if (r < 0)
			return r;
		text = name + length + 1;
	}
	length = add_with_wildcards(out, text, strlen(text));
	return length < 0 ? length : 1;
}

int bind_text(const char *text, const struct binding *bindings, size_t count,
	      struct buffer *out)
{
	static const char tag[] = "aws:PrincipalTag/";
	const char *start, *name;
	int length, r = 0;

	while (r == 0 && (length = text_next_variable(text, &start, &name)) > 0) {
		const char *rest = name + length + 1, *value;

		if (length > (int)strlen(tag) && memcmp(name, tag, strlen(tag)) == 0) {
			name += strlen(tag);
			length -= (int)strlen(tag);
		}
		value = value_of(name, (size_t)length, bindings, count);
		r = buffer_add(out, text, (size_t)(start - text));
		if (r == 0 && value)
			r = buffer_add(out, value, strlen(value));
		else if (r == 0)
			r = buffer_print(out, "${%.*s}", length, name);
		text = rest;
	}
	return r < 0 ? r : buffer_add(out, text, strlen(text));
}

/* Behind the character at text: UTF-8, of which a stray byte is one by itself. */
static const char *next_character(const char *text)
{
	for (text++; (*text & 0xc0) == 0x80; text++)
		;
	return text;
}

/* One step back to the last '*' is enough, so the time is at most length squared. */
bool text_matches(const char *pattern, const char *text)
{
	const char *star = NULL, *resume = NULL;

	while (*text) {
		if (*pattern == ANY_RUN) {
			star = pattern++;
			resume = text;
		} else if (*pattern == ANY_ONE) {
			pattern++;
			text = next_character(text);
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = resume = next_character(resume);
		} else {
			return false;
		}
	}
	while (*pattern == ANY_RUN)
		pattern++;
	return *pattern == '\0';
}
