/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "policy/document.h"

#define TEXT_MAX 16384 /* a word with its variables as session tags */

json_t *document_text(const char *text)
{
	struct buffer out = BUFFER_WITH_LIMIT(TEXT_MAX);
	const char *start, *name;
	json_t *json = NULL;
	int length, r = 0;

	while (r == 0 && (length = text_next_variable(text, &start, &name)) > 0) {
		r = buffer_print(&out, "%.*s${aws:PrincipalTag/%.*s}",
				 (int)(start - text), text, length, name);
		text = name + length + 1;
	}
	if (r == 0 && buffer_add(&out, text, strlen(text)) == 0)
		json = json_string(out.bytes);
	buffer_done(&out);
	return json;
}

json_t *document_one_or_many(json_t *list)
{
	json_t *only;

	if (!list || json_array_size(list) != 1)
		return list;
	only = json_incref(json_array_get(list, 0));
	json_decref(list);
	return only;
}

json_t *document_texts(const struct words *words)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < words->count; i++)
		if (json_array_append_new(list, document_text(words->list[i])) < 0) {
			json_decref(list);
			return NULL;
		}
	return document_one_or_many(list);
}

int document_condition(json_t *condition, const char *op, const char *key, json_t *value)
{
	json_t *keys = json_object_get(condition, op);

	if (!keys) {
		if (json_object_set_new(condition, op, json_object()) < 0) {
			json_decref(value);
			return -ENOMEM;
		}
		keys = json_object_get(condition, op);
	}
	return json_object_set_new(keys, key, value) < 0 ? -ENOMEM : 0;
}

json_t *document_new(json_t *statements)
{
	return json_pack("{s:s, s:o}", "Version", "2012-10-17", "Statement", statements);
}

/* As jansson writes it: what needs no escape is one byte as it stands. */
static size_t text_length(const char *text)
{
	size_t length = 2;

	for (; *text; text++)
		if ((unsigned char)*text >= 0x20)
			length += *text == '"' || *text == '\\' ? 2 : 1;
		else
			length += strchr("\b\f\n\r\t", *text) ? 2 : strlen("\\u0000");
	return length;
}

static size_t list_length(const json_t *json)
{
	size_t length = 2, i;
	json_t *item;

	json_array_foreach(json, i, item) length += document_length(item) + (i > 0);
	return length;
}

static size_t map_length(const json_t *json)
{
	size_t length = 2;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)json, key, value)
	    length += text_length(key) + 1 + document_length(value) + 1;
	return json_object_size(json) > 0 ? length - 1 : length;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as what was read, which is bounded */
size_t document_length(const json_t *json)
{
	char number[32];

	switch (json_typeof(json)) {
	case JSON_OBJECT:
		return map_length(json);
	case JSON_ARRAY:
		return list_length(json);
	case JSON_STRING:
		return text_length(json_string_value(json));
	case JSON_INTEGER:
		return (size_t)snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
					json_integer_value(json));
	case JSON_FALSE:
		return strlen("false");
	default:
		return strlen("true"); /* null too; there are no reals */
	}
}

json_t *document_end(int64_t ends_at)
{
	char at[TIME_TEXT_SIZE];

	return json_pack("{s:s, s:s, s:s, s:{s:{s:s}}}", "Effect", "Deny", "Action", "*",
			 "Resource", "*", "Condition", "DateGreaterThanEquals",
			 "aws:CurrentTime", time_format(ends_at, at));
}
