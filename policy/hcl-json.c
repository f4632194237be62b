/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/hcl.h"

/*
 * JSON as HCL's own values, for a diff that can be read: what is short stands
 * on its line, a list of more than one has a line for each.
 */
#define VALUE_MAX (256U << 10)
#define DEPTH_MAX 32

static void keep(struct hcl *hcl, int r)
{
	if (hcl->r == 0 && r < 0)
		hcl->r = r;
}

/* A whole string that stands for an expression is written as that. */
static int string_value(struct buffer *out, const char *text,
			const struct hcl_reference *references)
{
	for (const struct hcl_reference *each = references; each && each->text; each++)
		if (strcmp(each->text, text) == 0)
			return buffer_print(out, "%s", each->expression);
	return hcl_quote(out, text, references);
}

static bool is_short(const json_t *json)
{
	if (json_is_array(json) && json_array_size(json) == 1)
		return is_short(json_array_get(json, 0)) &&
		       !json_is_array(json_array_get(json, 0));
	return !(json_is_object(json) || json_is_array(json)) ||
	       (json_is_object(json) && json_object_size(json) == 0) ||
	       (json_is_array(json) && json_array_size(json) == 0);
}

/* NOLINTNEXTLINE(misc-no-recursion): a list in a list is not short */
static int short_value(struct buffer *out, const json_t *json,
		       const struct hcl_reference *references)
{
	int r;

	switch (json_typeof(json)) {
	case JSON_STRING:
		return string_value(out, json_string_value(json), references);
	case JSON_INTEGER:
		return buffer_print(out, "%lld", (long long)json_integer_value(json));
	case JSON_REAL:
		return buffer_print(out, "%.17g", json_real_value(json));
	case JSON_TRUE:
		return buffer_print(out, "true");
	case JSON_FALSE:
		return buffer_print(out, "false");
	case JSON_NULL:
		return buffer_print(out, "null");
	case JSON_OBJECT:
		return buffer_print(out, "{}");
	case JSON_ARRAY:
		break;
	}
	r = buffer_print(out, "[");
	if (r == 0 && json_array_size(json) == 1)
		r = short_value(out, json_array_get(json, 0), references);
	return r < 0 ? r : buffer_print(out, "]");
}

/* Effect and Version can do without quotes; nothing else is taken for a word. */
static int key_of(struct buffer *out, const char *key,
		  const struct hcl_reference *references)
{
	const char *next = key;

	while (isalnum((unsigned char)*next))
		next++;
	if (*next == '\0' && isupper((unsigned char)*key))
		return buffer_print(out, "%s", key);
	return hcl_quote_key(out, key, references);
}

struct walk {
	struct hcl *hcl;
	const struct hcl_reference *references;
	unsigned int depth;
};

static void item(const struct walk *walk, const char *name, const json_t *json);

/* NOLINTNEXTLINE(misc-no-recursion): the depth is bounded */
static void items(const struct walk *walk, const json_t *json)
{
	const struct walk below = { walk->hcl, walk->references, walk->depth + 1 };
	void *iterator = json_object_iter((json_t *)json);

	if (walk->depth > DEPTH_MAX)
		keep(walk->hcl, -EMSGSIZE);
	for (; iterator && walk->hcl->r == 0;
	     iterator = json_object_iter_next((json_t *)json, iterator)) {
		scoped(buffer_done) struct buffer key = BUFFER_WITH_LIMIT(VALUE_MAX);

		keep(walk->hcl,
		     key_of(&key, json_object_iter_key(iterator), walk->references));
		if (walk->hcl->r == 0)
			item(&below, key.bytes, json_object_iter_value(iterator));
	}
	for (size_t i = 0; walk->hcl->r == 0 && i < json_array_size(json); i++)
		item(&below, NULL, json_array_get(json, i));
}

/* NOLINTNEXTLINE(misc-no-recursion): the depth is bounded */
static void item(const struct walk *walk, const char *name, const json_t *json)
{
	scoped(buffer_done) struct buffer value = BUFFER_WITH_LIMIT(VALUE_MAX);
	bool is_list = json_is_array(json);

	if (is_short(json)) {
		keep(walk->hcl, short_value(&value, json, walk->references));
		if (walk->hcl->r == 0)
			hcl_expression(walk->hcl, name, "%s", value.bytes);
		return;
	}
	hcl_open(walk->hcl, name, is_list ? "[" : "{");
	items(walk, json);
	hcl_close(walk->hcl, is_list ? (name ? "]" : "],") : (name ? "}" : "},"));
}

void hcl_json(struct hcl *hcl, const char *name, const json_t *json,
	      const struct hcl_reference *references)
{
	const struct walk walk = { hcl, references, 0 };
	bool is_list = json_is_array(json);

	hcl_open(hcl, name, is_list ? "jsonencode([" : "jsonencode({");
	items(&walk, json);
	hcl_close(hcl, is_list ? "])" : "})");
}

void hcl_json_items(struct hcl *hcl, const json_t *list,
		    const struct hcl_reference *references)
{
	const struct walk walk = { hcl, references, 0 };

	items(&walk, list);
}
