/* SPDX-License-Identifier: MIT */
#include "client/decide.h"

#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "client/call.h"
#include "client/commands.h"
#include "client/output.h"
#include "client/words.h"

const struct option_rule options_decide[] = {
	{ "reason", "TEXT", "say why; the requester and the audit trail get it" },
	{ NULL, NULL, NULL },
};

static void show_decided(const json_t *request, const char *verdict)
{
	scoped(freep) char *id = escaped_copy(member_text(request, "id"));
	scoped(freep) char *user = escaped_copy(member_text(request, "user"));
	scoped(freep) char *profile = words_profile(request);
	scoped(freep) char *needs = words_list(json_object_get(request, "still_needed"),
					       "; ");
	bool denies = strcmp(verdict, "deny") == 0;

	if (!id || !user || !profile || !needs)
		return;
	printf("%s %s: %s for %s", denies ? "denied" : "approved", id, profile, user);
	if (*needs && !denies)
		printf("; still needed: %s", needs);
	putchar('\n');
}

int decide(const struct options *options, const char *verdict, struct error *error)
{
	json_auto_t *reply = NULL;
	const char *id = options->arguments[0], *reason;
	json_t *request;
	int r;

	if (!id_is_valid('r', id)) {
		r = error_set(error, ERROR_USAGE, "'%s' is no request's id",
			      TEXT_ESCAPED(id));
		error_next(error, "jitctl pending");
		return r;
	}
	r = option_text(options, "reason", &reason, error);
	if (r < 0) {
		error_next(error, "jitctl %s --help", verdict);
		return r;
	}
	r = call_agent(
	    "Decide",
	    json_pack("{s:s, s:s, s:s*}", "id", id, "verdict", verdict, "reason", reason),
	    CALL_SECONDS, &reply, error);
	if (r < 0 && error->kind == ERROR_NOT_FOUND)
		error_next(error, "jitctl pending");
	if (r < 0)
		return r;
	request = json_object_get(reply, "request");
	if (options->json)
		return output_json(json_incref(request), error);
	show_decided(request, verdict);
	return 0;
}
