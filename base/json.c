/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/wiping.h"

void json_init_wiping(void)
{
	json_set_alloc_funcs(wiping_malloc, wiping_free);
}

/*
 * jansson's error text may quote the input, so only where it stands is told.
 */
json_t *json_parse_object(const char *text, size_t length, struct error *error)
{
	json_error_t why;
	json_t *json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);

	if (!json) {
		error_set(error, ERROR_USAGE, "%s at byte %d",
			  json_error_code(&why) == json_error_duplicate_key
			      ? "duplicate key"
			      : "not well-formed JSON",
			  why.position);
		return NULL;
	}
	if (!json_is_object(json)) {
		json_decref(json);
		error_set(error, ERROR_USAGE, "the JSON text is not an object");
		return NULL;
	}
	return json;
}

/* jansson's words for the two mistakes that callers make, in ours. */
static int refuse_shape(const char *said, struct error *error)
{
	static const char missing[] = "Object item not found: ";
	static const char unknown[] = " object item(s) left unpacked: ";
	const char *found = strstr(said, unknown);

	if (strncmp(said, missing, strlen(missing)) == 0)
		return error_set(error, ERROR_USAGE, "%s is missing",
				 TEXT_ESCAPED(said + strlen(missing)));
	if (found)
		return error_set(error, ERROR_USAGE, "there is no member %s here",
				 TEXT_ESCAPED(found + strlen(unknown)));
	return error_set(error, ERROR_USAGE, "malformed: %s", TEXT_ESCAPED(said));
}

int json_read(json_t *json, struct error *error, const char *format, ...)
{
	json_error_t why;
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = json_vunpack_ex(json, &why, 0, format, arguments);
	va_end(arguments);
	if (r < 0)
		return refuse_shape(why.text, error);
	return 0;
}

char *json_text(const json_t *json)
{
	return json_dumps(json, JSON_COMPACT);
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
