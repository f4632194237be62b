/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "client/call.h"
#include "client/commands.h"
#include "client/output.h"
#include "client/wait.h"
#include "client/words.h"

const struct option_rule options_request[] = {
	{ "reason", "TEXT", "why you need it; approvers read it" },
	{ "for", "DURATION", "how long, as 90s, 30m, 1h30m; else the profile's usual" },
	{ "wait", NULL, "return when the credentials are there, or it is denied" },
	{ "timeout", "DURATION", "with --wait: how long at most" },
	{ NULL, NULL, NULL },
};

struct wish {
	const char *reason;
	json_t *parameters;
	int64_t seconds; /* 0: the profile's usual */
	int64_t timeout; /* 0: as long as it takes */
};

static int read_wish(const struct options *options, struct wish *wish,
		     struct error *error)
{
	int r;

	if (!text_is_name(options->arguments[0]))
		return error_set(error, ERROR_USAGE, "'%s' is no profile's name",
				 TEXT_ESCAPED(options->arguments[0]));
	r = option_text(options, "reason", &wish->reason, error);
	if (r < 0)
		return r;
	if (!wish->reason || !*wish->reason)
		return error_set(error, ERROR_USAGE,
				 "a request needs a reason: --reason TEXT");
	r = option_seconds(options, "for", &wish->seconds, error);
	if (r == 0)
		r = option_seconds(options, "timeout", &wish->timeout, error);
	if (r < 0)
		return r;
	if (wish->timeout && !option_value(options, "wait"))
		return error_set(error, ERROR_USAGE, "--timeout goes with --wait");
	wish->parameters = words_parameters(options->arguments + 1, options->count - 1,
					    error);
	return wish->parameters ? 0 : -EINVAL;
}

static int ask(const struct options *options, const struct wish *wish, json_t **request,
	       struct error *error)
{
	json_auto_t *reply = NULL;
	json_t *seconds = wish->seconds ? json_integer(wish->seconds) : NULL;
	int r = call_agent("Request",
			   json_pack("{s:s, s:O, s:s, s:o*}", "profile",
				     options->arguments[0], "parameters",
				     wish->parameters, "reason", wish->reason,
				     "duration_seconds", seconds),
			   CALL_SECONDS, &reply, error);

	if (r < 0)
		return r;
	*request = json_incref(json_object_get(reply, "request"));
	if (!id_is_valid('r', member_text(*request, "id")))
		return error_set(error, ERROR_INTERNAL, "the agent sent no valid reply");
	return 0;
}

/* The id is out before anything can go wrong with the waiting. */
static int show_request(const struct options *options, json_t *request,
			struct error *error)
{
	if (options->json)
		return output_json(json_incref(request), error);
	puts(member_text(request, "id"));
	return output_finish(error);
}

/* Scripts have the exit status; a person is told what to do with it. */
static void show_ready(const json_t *session)
{
	scoped(freep) char *until = words_until("ends", "ended",
						member_time(session, "ends_at"),
						clock_wall_seconds(&clock_system));

	if (until && isatty(STDERR_FILENO))
		fprintf(stderr, "ready, %s; use it through: jitctl configure %s\n", until,
			TEXT_ESCAPED(member_text(session, "profile")));
}

int command_request(const struct options *options, struct error *error)
{
	json_auto_t *request = NULL, *session = NULL;
	struct wish wish = { 0 };
	int r = read_wish(options, &wish, error);

	if (r < 0) {
		error_next(error, "jitctl request --help");
		return r;
	}
	r = ask(options, &wish, &request, error);
	json_decref(wish.parameters);
	if (r == 0)
		r = show_request(options, request, error);
	if (r < 0 || !option_value(options, "wait"))
		return r;
	r = wait_for_session(request, wish.timeout, &session, error);
	if (r == 0 && !options->json)
		show_ready(session);
	return r;
}
