/* SPDX-License-Identifier: MIT */
#include "client/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "client/output.h"

#define WORDS_MAX ((size_t)64 * 1024)

/* What was gathered, "" where that is nothing. */
static char *text_of(struct buffer *buffer)
{
	char *text = strdup(buffer->used ? buffer->bytes : "");

	buffer_done(buffer);
	return text;
}

char *words_span(int64_t seconds)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
	struct buffer text = BUFFER_WITH_LIMIT(WORDS_MAX);
	int parts = 0;

	if (seconds < 1)
		return strdup("0 s");
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]) && parts < 2; i++) {
		int64_t count = seconds / units[i].seconds;

		seconds %= units[i].seconds;
		if (count == 0 && parts == 0)
			continue;
		parts++;
		if (count > 0)
			(void)buffer_print(&text, "%s%lld %s", parts > 1 ? " " : "",
					   (long long)count, units[i].name);
	}
	return text_of(&text);
}

/* "15:30", or with the day where that is not today. */
static void clock_words(int64_t when, int64_t now, char *out, size_t size)
{
	time_t then = (time_t)when, today = (time_t)now;
	struct tm a, b;

	localtime_r(&then, &a);
	localtime_r(&today, &b);
	strftime(out, size,
		 a.tm_yday == b.tm_yday && a.tm_year == b.tm_year ? "%H:%M"
								  : "%Y-%m-%d %H:%M",
		 &a);
}

char *words_clock(int64_t when, int64_t now)
{
	char text[32];

	clock_words(when, now, text, sizeof(text));
	return strdup(text);
}

char *words_ago(int64_t when, int64_t now)
{
	scoped(freep) char *span = words_span(now - when);
	char *text;

	if (!span || asprintf(&text, "%s ago", span) < 0)
		return NULL;
	return text;
}

char *words_proof(const json_t *session)
{
	const json_t *after = json_object_get(session, "dead_after_seconds");
	const char *proof = member_text(session, "proof");
	scoped(freep) char *span = NULL;
	char *text;

	if (json_is_integer(after)) {
		span = words_span(json_integer_value(after));
		return span && asprintf(&text, "dead in AWS after %s", span) >= 0 ? text
										  : NULL;
	}
	if (strcmp(proof, "awaited") == 0)
		return strdup("AWS is asked whether it is dead there");
	return strdup(strcmp(proof, "not-shown") == 0
			  ? "whether it is dead in AWS was not shown"
			  : "");
}

char *words_until(const char *verb, const char *past, int64_t when, int64_t now)
{
	scoped(freep) char *span = NULL;
	char hour[32];
	char *text;
	int r;

	if (when <= now) {
		span = words_ago(when, now);
		r = span ? asprintf(&text, "%s %s", past, span) : -1;
	} else {
		span = words_span(when - now);
		clock_words(when, now, hour, sizeof(hour));
		r = span ? asprintf(&text, "%s in %s, %s", verb, span, hour) : -1;
	}
	return r < 0 ? NULL : text;
}

static int add_escaped(struct buffer *buffer, const char *before, const char *text)
{
	scoped(freep) char *safe = escaped_copy(text);

	return safe ? buffer_print(buffer, "%s%s", before, safe) : -1;
}

char *words_profile(const json_t *item)
{
	struct buffer text = BUFFER_WITH_LIMIT(WORDS_MAX);
	json_t *parameters = json_object_get(item, "parameters");
	const char *name;
	json_t *value;

	(void)add_escaped(&text, "", member_text(item, "profile"));
	json_object_foreach(parameters, name, value)
	{
		(void)add_escaped(&text, " ", name);
		if (json_is_string(value))
			(void)add_escaped(&text, "=", json_string_value(value));
	}
	return text_of(&text);
}

char *words_list(const json_t *list, const char *between)
{
	struct buffer text = BUFFER_WITH_LIMIT(WORDS_MAX);
	size_t i;
	json_t *value;

	json_array_foreach(list, i, value)
	{
		if (json_is_string(value))
			(void)add_escaped(&text, i > 0 ? between : "",
					  json_string_value(value));
	}
	return text_of(&text);
}

static int add_parameter(json_t *parameters, const char *word, struct error *error)
{
	const char *equals = strchr(word, '=');
	scoped(freep) char *name = NULL;

	if (!equals)
		return error_set(error, ERROR_USAGE, "'%s' is no NAME=VALUE",
				 TEXT_ESCAPED(word));
	name = strndup(word, (size_t)(equals - word));
	if (!name)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	if (!text_is_name(name))
		return error_set(error, ERROR_USAGE,
				 "'%s' has no name before its =", TEXT_ESCAPED(word));
	if (json_object_get(parameters, name))
		return error_set(error, ERROR_USAGE, "%s is given twice", name);
	/* json_string() refuses what is not UTF-8. */
	if (json_object_set_new(parameters, name, json_string(equals + 1)) < 0)
		return error_set(error, ERROR_USAGE, "the value of %s is not UTF-8",
				 name);
	return 0;
}

json_t *words_parameters(char *const words[], int count, struct error *error)
{
	json_t *parameters = json_object();

	for (int i = 0; i < count; i++) {
		if (add_parameter(parameters, words[i], error) == 0)
			continue;
		json_decref(parameters);
		return NULL;
	}
	return parameters;
}
