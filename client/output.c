/* SPDX-License-Identifier: MIT */
#include "client/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

int output_finish(struct error *error)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return error_set(error, ERROR_INTERNAL, "cannot write the output: %s",
			 strerror(errno));
}

int output_json(json_t *value, struct error *error)
{
	scoped(json_text_freep) char *text = value ? json_text(value) : NULL;

	json_decref(value);
	if (!text)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	puts(text);
	return output_finish(error);
}

static void print_error_json(const struct error *error)
{
	json_auto_t *value = json_pack("{s:{s:s, s:s, s:s}}", "error", "kind",
				       error_kind_name(error->kind), "message",
				       error->text, "next", error->next);
	scoped(json_text_freep) char *text = value ? json_text(value) : NULL;

	fprintf(
	    stderr, "%s\n",
	    text ? text
		 : "{\"error\":{\"kind\":\"internal\",\"message\":\"\",\"next\":\"\"}}");
}

void output_error(const struct error *error, bool as_json)
{
	char sentence[sizeof(error->text) + sizeof(error->next) + 8];

	if (as_json)
		print_error_json(error);
	else
		fprintf(stderr, "jitctl: %s\n",
			error_sentence(error, sentence, sizeof(sentence)));
}

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
