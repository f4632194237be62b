/* SPDX-License-Identifier: MIT */
#include "client/output.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"

const char *member_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

int64_t member_time(const json_t *object, const char *name)
{
	int64_t seconds = 0;

	return time_parse(member_text(object, name), &seconds) < 0 ? 0 : seconds;
}

char *escaped_copy(const char *text)
{
	/* A byte becomes six at most ("\u{7f}"); "..." and the NUL need room too. */
	size_t size = strlen(text) * 6 + 8;
	char *copy = malloc(size);

	if (copy)
		text_escape(text, copy, size);
	return copy;
}
