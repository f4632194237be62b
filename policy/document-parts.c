/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "policy/document.h"

#define TEXT_MAX 4096

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

json_t *document_end(int64_t ends_at)
{
	char at[TIME_TEXT_SIZE];

	return json_pack("{s:s, s:s, s:s, s:{s:{s:s}}}", "Effect", "Deny", "Action", "*",
			 "Resource", "*", "Condition", "DateGreaterThanEquals",
			 "aws:CurrentTime", time_format(ends_at, at));
}
