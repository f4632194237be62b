/* SPDX-License-Identifier: MIT */
#include "client/wait.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "client/call.h"
#include "client/live.h"
#include "client/output.h"
#include "client/words.h"

#define REDRAW_MS 1000

static int over(struct error *error, enum error_kind kind, const char *id,
		const char *what, const char *why)
{
	int r = error_set(error, kind, "%s: %s%s%s", id, what, *why ? ": " : "",
			  TEXT_ESCAPED(why));

	error_next(error, "jitctl status");
	return r;
}

/* Who said no, and why. */
static int denied(const json_t *request, const char *id, struct error *error)
{
	const char *user = "an approver", *reason = "";
	json_t *decision;
	char what[128], name[90];
	size_t i;

	json_array_foreach(json_object_get(request, "decisions"), i, decision)
	{
		if (strcmp(member_text(decision, "verdict"), "deny") != 0)
			continue;
		user = member_text(decision, "user");
		reason = member_text(decision, "reason");
	}
	snprintf(what, sizeof(what), "denied by %s",
		 text_escape(user, name, sizeof(name)));
	return over(error, ERROR_DENIED, id, what, reason);
}

static int request_outcome(const json_t *request, const char *id, struct error *error)
{
	const char *state = member_text(request, "state");

	if (strcmp(state, "denied") == 0)
		return denied(request, id, error);
	if (strcmp(state, "expired") == 0)
		return over(error, ERROR_NO_SESSION, id,
			    "lapsed before enough people approved it", "");
	if (strcmp(state, "withdrawn") == 0)
		return over(error, ERROR_NO_SESSION, id, "withdrawn", "");
	return 0;
}

/*
 * By its kind, like every other failure; an agent of before said the words alone.
 * What AWS refused the broker has ended the session: the fetch may be told so
 * before the agent hears of the end, and that is the same refusal.
 */
static int failing(const json_t *session, const char *id, struct error *error)
{
	const char *kind = member_text(session, "last_error_kind");
	const char *reason = member_text(session, "last_error");
	bool is_refused = !*kind || strstr(reason, " is ended: AWS refused");

	return over(error, is_refused ? ERROR_REFUSED_BY_AWS : error_kind_from_name(kind),
		    id, "approved, but no credentials", reason);
}

static int session_outcome(const json_t *session, const char *id, struct error *error)
{
	const char *state = member_text(session, "state");

	if (strcmp(state, "ready") == 0)
		return 1;
	if (strcmp(state, "failing") == 0)
		return failing(session, id, error);
	if (strcmp(state, "ended") == 0) {
		const char *reason = member_text(session, "end_reason");
		bool is_refused = strncmp(reason, "AWS refused", 11) == 0;

		return over(error, is_refused ? ERROR_REFUSED_BY_AWS : ERROR_NO_SESSION,
			    id, "ended", reason);
	}
	return 0;
}

int wait_outcome(const json_t *change, const char *id, struct error *error)
{
	const json_t *request = json_object_get(change, "request");
	const json_t *session = json_object_get(change, "session");

	if (strcmp(member_text(request, "id"), id) == 0)
		return request_outcome(request, id, error);
	if (strcmp(member_text(session, "id"), id) == 0)
		return session_outcome(session, id, error);
	return 0;
}

struct waiting {
	const char *id;
	int64_t started; /* all three in microseconds since boot */
	int64_t until;   /* 0: no end */
	json_t *latest;  /* the last reply about this id */
	struct live live;
	struct call call;
	bool has_heard; /* this connection has answered */
};

static int64_t boot_now(void)
{
	return clock_now(&clock_system).boot_usec;
}

/* What the agent was told that it has to wait for; else there is one thing. */
static char *session_needs(const json_t *session)
{
	static const char words[] = "waiting for ";
	const char *why = member_text(session, "last_error");

	if (strncmp(why, words, sizeof(words) - 1) == 0)
		return escaped_copy(why + sizeof(words) - 1);
	return strdup("credentials");
}

static void show(struct waiting *waiting)
{
	const json_t *request = json_object_get(waiting->latest, "request");
	scoped(freep) char *span = words_span((boot_now() - waiting->started) /
					      USEC_PER_SEC);
	scoped(freep) char
	    *needs = request ? words_list(json_object_get(request, "still_needed"), "; ")
			     : session_needs(json_object_get(waiting->latest, "session"));
	scoped(freep) char *line = NULL;

	if (!span || !needs)
		return;
	if (asprintf(&line, "%s: waiting for %s (%s)", waiting->id,
		     *needs ? needs : "approval", span) < 0)
		line = NULL;
	if (line)
		live_show(&waiting->live, line);
}

/* Takes the replies that are there.  Returns 1 or -errno when it is decided. */
static int hear(struct waiting *waiting, struct error *error)
{
	json_t *change = NULL;
	int r, outcome;

	while ((r = call_next(&waiting->call, 0, &change, error)) > 0) {
		json_auto_t *held = change;
		const json_t *item = json_object_get(held, "request");

		item = item ? item : json_object_get(held, "session");
		waiting->has_heard = true;
		if (strcmp(member_text(item, "id"), waiting->id) != 0)
			continue;
		json_decref(waiting->latest);
		waiting->latest = json_incref(held);
		outcome = wait_outcome(held, waiting->id, error);
		if (outcome != 0)
			return outcome;
	}
	return r;
}

static int watch(struct waiting *waiting, struct error *error)
{
	call_done(&waiting->call);
	waiting->has_heard = false;
	return call_start(&waiting->call, "Watch", json_object(), true, error);
}

static int still_pending(const struct waiting *waiting, struct error *error)
{
	const json_t *request = json_object_get(waiting->latest, "request");
	scoped(freep) char *needs = words_list(json_object_get(request, "still_needed"),
					       "; ");
	int r = error_set(error, ERROR_PENDING, "%s is still pending%s%s", waiting->id,
			  needs && *needs ? ", it needs " : "",
			  TEXT_ESCAPED(needs ? needs : ""));

	error_next(error, "jitctl status");
	return r;
}

/*
 * An agent that was restarted is asked again; one that hangs up without
 * having said a thing is not, so this cannot spin.
 */
static int wait_until_decided(struct waiting *waiting, struct error *error)
{
	for (;;) {
		int64_t left = waiting->until - boot_now();
		int pause_ms = REDRAW_MS;
		int r = hear(waiting, error);

		if (r < 0 && error->kind == ERROR_NO_AGENT && waiting->has_heard)
			r = watch(waiting, error);
		if (r != 0)
			return r;
		if (waiting->until && left <= 0)
			return still_pending(waiting, error);
		if (waiting->until && left / 1000 < pause_ms)
			pause_ms = (int)(left / 1000) + 1;
		show(waiting);
		live_wait(&waiting->live, waiting->call.fd, pause_ms);
	}
}

int wait_for_session(const json_t *request, int64_t timeout_seconds, json_t **session,
		     struct error *error)
{
	int64_t now = boot_now();
	struct waiting waiting = {
		.id = member_text(request, "id"),
		.started = now,
		.until = timeout_seconds ? now + timeout_seconds * USEC_PER_SEC : 0,
		.call = CALL_INIT,
		.live = live_open(),
	};
	int r = watch(&waiting, error);

	if (r == 0)
		r = wait_until_decided(&waiting, error);
	live_done(&waiting.live);
	call_done(&waiting.call);
	if (r > 0)
		*session = json_incref(json_object_get(waiting.latest, "session"));
	json_decref(waiting.latest);
	return r < 0 ? r : 0;
}
