/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

#define DEPTH_MAX 2048U /* as jansson reads them */
#define NUMBER_SIZE 64

/*
 * The text is gone through twice: to count it, and to write it into one block of that
 * size.  jansson's own takes each character through a callback into a block that grows.
 */
struct text {
	char *out; /* NULL while it is counted */
	size_t length;
	unsigned int depth;
	bool has_failed;
};

static void put(struct text *text, const char *bytes, size_t length)
{
	if (text->out)
		memcpy(text->out + text->length, bytes, length);
	text->length += length;
}

/* RFC 8259, 7: what has to be escaped, the short way where there is one. */
static void put_escaped(struct text *text, unsigned char byte)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *found = byte ? strchr(plain, byte) : NULL;
	char sequence[8] = { '\\', (char)(found ? letters[found - plain] : 'u') };

	if (!found)
		snprintf(sequence + 2, sizeof(sequence) - 2, "%04X", byte);
	put(text, sequence, strlen(sequence));
}

static bool is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte != '"' && byte != '\\';
}

/* What is no ASCII goes as it is: jansson takes nothing but UTF-8. */
static void put_string(struct text *text, const char *string, size_t length)
{
	size_t i = 0;

	put(text, "\"", 1);
	while (i < length) {
		size_t first = i;

		while (i < length && is_plain((unsigned char)string[i]))
			i++;
		put(text, string + first, i - first);
		if (i < length)
			put_escaped(text, (unsigned char)string[i++]);
	}
	put(text, "\"", 1);
}

static void put_number(struct text *text, const json_t *number)
{
	char digits[NUMBER_SIZE];
	size_t length = json_dumpb(number, digits, sizeof(digits), JSON_ENCODE_ANY);

	if (length == 0 || length > sizeof(digits))
		text->has_failed = true;
	else
		put(text, digits, length);
}

static void put_value(struct text *text, const json_t *value);

static void put_array(struct text *text, const json_t *array)
{
	put(text, "[", 1);
	for (size_t i = 0; i < json_array_size(array); i++) {
		if (i > 0)
			put(text, ",", 1);
		put_value(text, json_array_get(array, i));
	}
	put(text, "]", 1);
}

static void put_object(struct text *text, json_t *object)
{
	void *member = json_object_iter(object);

	put(text, "{", 1);
	while (member) {
		const char *key = json_object_iter_key(member);

		put_string(text, key, strlen(key));
		put(text, ":", 1);
		put_value(text, json_object_iter_value(member));
		member = json_object_iter_next(object, member);
		if (member)
			put(text, ",", 1);
	}
	put(text, "}", 1);
}

/* NOLINTNEXTLINE(misc-no-recursion): DEPTH_MAX bounds it */
static void put_value(struct text *text, const json_t *value)
{
	if (text->has_failed || ++text->depth > DEPTH_MAX) {
		text->has_failed = true;
		return;
	}
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		put_object(text, (json_t *)value);
		break;
	case JSON_ARRAY:
		put_array(text, value);
		break;
	case JSON_STRING:
		put_string(text, json_string_value(value), json_string_length(value));
		break;
	case JSON_TRUE:
		put(text, "true", 4);
		break;
	case JSON_FALSE:
		put(text, "false", 5);
		break;
	case JSON_NULL:
		put(text, "null", 4);
		break;
	default:
		put_number(text, value);
		break;
	}
	text->depth--;
}

char *json_text(const json_t *json)
{
	struct text text = { .out = NULL };
	json_malloc_t allocate;
	json_free_t release;
	char *out;

	if (!json_is_object(json) && !json_is_array(json))
		return NULL;
	put_value(&text, json);
	json_get_alloc_funcs(&allocate, &release);
	out = text.has_failed ? NULL : allocate(text.length + 1);
	if (!out)
		return NULL;
	text = (struct text){ .out = out };
	put_value(&text, json);
	out[text.length] = '\0';
	return out;
}

char *json_text_sorted(const json_t *json)
{
	return json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
}

void json_text_free(char *text)
{
	json_malloc_t allocate;
	json_free_t release;

	json_get_alloc_funcs(&allocate, &release);
	if (text)
		explicit_bzero(text, strlen(text));
	release(text);
}
