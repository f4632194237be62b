/* SPDX-License-Identifier: MIT */
#include "base/output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"

int output_finish(struct error *error)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return error_set(error, ERROR_INTERNAL, "cannot write the output: %s",
			 strerror(errno));
}

int output_json_item(json_t *value, struct error *error)
{
	scoped(json_text_freep) char *text = value ? json_text(value) : NULL;

	json_decref(value);
	if (!text)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	/* What could not be written is told when it is known: here or at the end. */
	return puts(text) == EOF ? output_finish(error) : 0;
}

int output_json(json_t *value, struct error *error)
{
	int r = output_json_item(value, error);

	return r < 0 ? r : output_finish(error);
}

json_t *error_json(const struct error *error)
{
	return json_pack("{s:{s:s, s:s, s:s}}", "error", "kind",
			 error_kind_name(error->kind), "message", error->text, "next",
			 error->next);
}

static void print_error_json(const struct error *error)
{
	json_auto_t *value = error_json(error);
	scoped(json_text_freep) char *text = value ? json_text(value) : NULL;

	fprintf(
	    stderr, "%s\n",
	    text ? text
		 : "{\"error\":{\"kind\":\"internal\",\"message\":\"\",\"next\":\"\"}}");
}

void output_error(const char *program, const struct error *error, bool as_json)
{
	char sentence[sizeof(error->text) + sizeof(error->next) + 8];

	if (as_json)
		print_error_json(error);
	else
		fprintf(stderr, "%s: %s\n", program,
			error_sentence(error, sentence, sizeof(sentence)));
}
