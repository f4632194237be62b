/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "client/call.h"
#include "client/commands.h"
#include "client/output.h"

const struct option_rule options_end[] = {
	{ "all", NULL, "everything, live and pending" },
	{ NULL, NULL, NULL },
};

static int check_options(const struct options *options, struct error *error)
{
	bool all = option_value(options, "all");
	int r = 0;

	for (int i = 0; r == 0 && i < options->count; i++)
		if (!id_is_valid('r', options->arguments[i]))
			r = error_set(error, ERROR_USAGE, "'%s' is no session's id",
				      TEXT_ESCAPED(options->arguments[i]));
	if (r == 0 && all == (options->count > 0))
		r = error_set(error, ERROR_USAGE, "end needs either ids or --all");
	if (r < 0)
		error_next(error, "jitctl status");
	return r;
}

/* Ends one, or with NULL all, and adds to ended what that was. */
static int end(const char *id, json_t *ended, struct error *error)
{
	json_auto_t *reply = NULL;
	int r = call_agent("End", json_pack("{s:s*}", "id", id), CALL_SECONDS, &reply,
			   error);

	if (r < 0 && error && error->kind == ERROR_NOT_FOUND)
		error_next(error, "jitctl status");
	if (r < 0)
		return r;
	json_array_extend(ended, json_object_get(reply, "ended"));
	return 0;
}

/* One that cannot be ended does not keep the others alive; its error is kept. */
static int end_each(const struct options *options, json_t *ended, struct error *error)
{
	int result = 0;

	for (int i = 0; i < options->count; i++) {
		int r = end(options->arguments[i], ended, result < 0 ? NULL : error);

		result = result < 0 ? result : r;
	}
	return result;
}

static int show_ended(const struct options *options, const json_t *ended,
		      struct error *error)
{
	json_t *id;
	size_t i;

	if (options->json)
		return output_json(json_pack("{s:O}", "ended", ended), error);
	json_array_foreach(ended, i, id)
	{
		printf("ended %s\n",
		       TEXT_ESCAPED(json_is_string(id) ? json_string_value(id) : ""));
	}
	if (json_array_size(ended) == 0)
		puts("nothing was live or pending");
	return 0;
}

int command_end(const struct options *options, struct error *error)
{
	json_auto_t *ended = json_array();
	int r = check_options(options, error);

	if (r < 0)
		return r;
	r = options->count > 0 ? end_each(options, ended, error)
			       : end(NULL, ended, error);
	if (r < 0 && json_array_size(ended) == 0)
		return r;
	if (r < 0) {
		(void)show_ended(options, ended, NULL);
		return r;
	}
	return show_ended(options, ended, error);
}
