/* SPDX-License-Identifier: MIT */
#include "policy/value.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct value *value_new(enum value_kind kind, unsigned int line)
{
	struct value *value = calloc(1, sizeof(*value));

	if (value) {
		value->kind = kind;
		value->line = line;
	}
	return value;
}

struct value *value_new_text(const char *text, size_t length, bool is_plain,
			     unsigned int line)
{
	struct value *value = value_new(VALUE_TEXT, line);

	if (!value)
		return NULL;
	value->is_plain = is_plain;
	value->text = strndup(text, length);
	if (!value->text) {
		free(value);
		return NULL;
	}
	return value;
}

static int grow(struct value *value)
{
	size_t count = value->count + 1;
	struct value **items = reallocarray(value->items, count, sizeof(*items));
	char **keys;

	if (!items)
		return -ENOMEM;
	value->items = items;
	keys = reallocarray(value->keys, count, sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	value->keys = keys;
	return 0;
}

int value_add(struct value *value, const char *key, size_t key_length, struct value *item)
{
	char *copy = key ? strndup(key, key_length) : NULL;

	if (!item || (key && !copy) || grow(value) < 0) {
		free(copy);
		value_free(item);
		return -ENOMEM;
	}
	value->keys[value->count] = copy;
	value->items[value->count++] = item;
	return 0;
}

const struct value *value_get(const struct value *map, const char *key)
{
	for (size_t i = 0; map->kind == VALUE_MAP && i < map->count; i++)
		if (strcmp(map->keys[i], key) == 0)
			return map->items[i];
	return NULL;
}

const struct value *value_at(const struct value *value, size_t i)
{
	if (value->kind != VALUE_LIST)
		return i == 0 ? value : NULL;
	return i < value->count ? value->items[i] : NULL;
}

bool value_is_text(const struct value *value, const char *text)
{
	return value->kind == VALUE_TEXT && strcmp(value->text, text) == 0;
}

static json_t *text_json(const struct value *value)
{
	char *end, again[24];
	long long number;

	if (value->is_plain && strcmp(value->text, "true") == 0)
		return json_true();
	if (value->is_plain && strcmp(value->text, "false") == 0)
		return json_false();
	errno = 0;
	number = strtoll(value->text, &end, 10);
	snprintf(again, sizeof(again), "%lld", number);
	if (value->is_plain && *end == '\0' && errno == 0 &&
	    strcmp(again, value->text) == 0)
		return json_integer(number);
	return json_string(value->text);
}

json_t *value_json(const struct value *value)
{
	json_t *json;
	int r = 0;

	if (value->kind == VALUE_TEXT)
		return text_json(value);
	json = value->kind == VALUE_LIST ? json_array() : json_object();
	for (size_t i = 0; json && r == 0 && i < value->count; i++)
		r = value->kind == VALUE_LIST
			? json_array_append_new(json, value_json(value->items[i]))
			: json_object_set_new(json, value->keys[i],
					      value_json(value->items[i]));
	if (r < 0) {
		json_decref(json);
		return NULL;
	}
	return json;
}

void value_free(struct value *value)
{
	if (!value)
		return;
	for (size_t i = 0; i < value->count; i++) {
		free(value->keys[i]);
		value_free(value->items[i]);
	}
	free(value->keys);
	free(value->items);
	free(value->text);
	free(value);
}
