/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "client/output.h"
#include "client/show.h"
#include "client/words.h"

/* "ended by ann; dead in AWS after 4 s" */
static char *end_detail(const json_t *item)
{
	scoped(freep) char *reason = escaped_copy(member_text(item, "end_reason"));
	scoped(freep) char *proof = words_proof(item);
	char *text;

	if (!reason || !proof || !*proof)
		return take(reason);
	return asprintf(&text, "%s%s%s", reason, *reason ? "; " : "", proof) < 0 ? NULL
										 : text;
}

/* What matters most in that state. */
static char *detail_of(const json_t *item, const char *state, int64_t now)
{
	if (strcmp(state, "pending") == 0)
		return words_list(json_object_get(item, "still_needed"), "; ");
	if (strcmp(state, "failing") == 0 ||
	    (strcmp(state, "fetching") == 0 && *member_text(item, "last_error")))
		return escaped_copy(member_text(item, "last_error"));
	if (strcmp(state, "ended") == 0)
		return end_detail(item);
	if (member_time(item, "ends_at") > 0)
		return words_until("ends", "ended", member_time(item, "ends_at"), now);
	return strdup("");
}

void show_change(FILE *file, const json_t *change, int64_t now)
{
	const json_t *request = json_object_get(change, "request");
	const json_t *item = request ? request : json_object_get(change, "session");
	scoped(freep) char *id = escaped_copy(member_text(item, "id"));
	scoped(freep) char *state = escaped_copy(member_text(item, "state"));
	scoped(freep) char *profile = words_profile(item);
	scoped(freep) char *detail = NULL;
	time_t seconds = (time_t)now;
	struct tm local;
	char hour[16];

	if (!id || !state || !profile)
		return;
	detail = detail_of(item, state, now);
	localtime_r(&seconds, &local);
	strftime(hour, sizeof(hour), "%H:%M:%S", &local);
	fprintf(file, "%s  %s  %s  %s%s%s\n", hour, id, profile, state,
		detail && *detail ? ": " : "", detail ? detail : "");
}
