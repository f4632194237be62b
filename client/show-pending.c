/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "client/output.h"
#include "client/show.h"
#include "client/words.h"

static void show_lines(FILE *file, const char *label, const json_t *list)
{
	json_t *line;
	size_t i;

	json_array_foreach(list, i, line)
	{
		scoped(freep) char *text = escaped_copy(
		    json_is_string(line) ? json_string_value(line) : "");

		if (text)
			fprintf(file, "  %-7s %s\n", i == 0 ? label : "", text);
	}
}

static void show_decisions(FILE *file, const json_t *list)
{
	json_t *decision;
	size_t i;

	json_array_foreach(list, i, decision)
	{
		scoped(freep) char *user = escaped_copy(member_text(decision, "user"));
		scoped(freep) char *reason = escaped_copy(
		    member_text(decision, "reason"));
		bool denies = strcmp(member_text(decision, "verdict"), "deny") == 0;

		if (user && reason)
			fprintf(file, "  %-7s %s said %s%s%s\n", i == 0 ? "so far" : "",
				user, denies ? "no" : "yes", *reason ? ": " : "", reason);
	}
}

static void show_account(FILE *file, const json_t *account)
{
	scoped(freep) char *name = escaped_copy(member_text(account, "name"));
	scoped(freep) char *id = escaped_copy(member_text(account, "id"));
	scoped(freep) char *region = escaped_copy(member_text(account, "region"));

	if (account && name && id && region)
		fprintf(file, "  %-7s account %s (%s), %s\n", "in", name, id, region);
}

/* The clock starts at the approval. */
static void show_end(FILE *file, int64_t duration_seconds, int64_t now)
{
	scoped(freep) char *end = words_clock(now + duration_seconds, now);

	if (end)
		fprintf(file, "  %-7s %s if approved now\n", "until", end);
}

static void show_request(FILE *file, const json_t *request, int64_t now)
{
	int64_t seconds = json_integer_value(
	    json_object_get(request, "duration_seconds"));
	scoped(freep) char *id = escaped_copy(member_text(request, "id"));
	scoped(freep) char *user = escaped_copy(member_text(request, "user"));
	scoped(freep) char *reason = escaped_copy(member_text(request, "reason"));
	scoped(freep) char *profile = words_profile(request);
	scoped(freep) char *asked = words_ago(member_time(request, "requested_at"), now);
	scoped(freep) char *lapses = words_until("lapses", "lapsed",
						 member_time(request, "expires_at"), now);
	scoped(freep) char *span = words_span(seconds);

	if (!id || !user || !reason || !profile || !asked || !lapses || !span)
		return;
	fprintf(file, "%s  %s asks for %s, for %s (%s)\n", id, user, profile, span,
		asked);
	fprintf(file, "  %-7s %s\n", "reason", reason);
	show_lines(file, "access", json_object_get(request, "access"));
	show_account(file, json_object_get(request, "account"));
	show_end(file, seconds, now);
	show_decisions(file, json_object_get(request, "decisions"));
	show_lines(file, "needs", json_object_get(request, "still_needed"));
	fprintf(file, "  %s\n", lapses);
}

void show_pending(FILE *file, const json_t *requests, int64_t now)
{
	json_t *request;
	size_t i;

	json_array_foreach(requests, i, request)
	{
		if (i > 0)
			fputc('\n', file);
		show_request(file, request, now);
	}
}
