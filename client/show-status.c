/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/cleanup.h"
#include "client/output.h"
#include "client/show.h"
#include "client/table.h"
#include "client/words.h"

/* What scripts rely on: these keys, always all of them, null where absent. */
static const char *const agent_keys[] = { "version", "pid", "keystore", "locked", NULL };
static const char *const broker_keys[] = { "url", "user", "reachable", NULL };
static const char *const request_keys[] = { "id",         "profile",      "parameters",
					    "state",      "reason",       "requested_at",
					    "expires_at", "still_needed", NULL };
static const char *const session_keys[] = {
	"id",    "profile",     "parameters",  "account_id", "role_arn",
	"state", "approved_by", "approved_at", "ends_at",    "credentials_expire_at",
	NULL
};

/* An agent that is not enrolled has "" for its broker: that is absent too. */
static bool is_absent(const json_t *value)
{
	return !value || (json_is_string(value) && json_string_length(value) == 0);
}

static json_t *pick(const json_t *object, const char *const keys[])
{
	json_t *picked = json_object();

	for (; picked && *keys; keys++) {
		json_t *value = json_object_get(object, *keys);

		json_object_set_new(picked, *keys,
				    is_absent(value) ? json_null() : json_incref(value));
	}
	return picked;
}

/*
 * Why it fails and when AWS was seen to refuse it, only where that is so: scripts
 * compare the keys of the others.
 */
static json_t *pick_session(const json_t *session)
{
	json_t *picked = pick(session, session_keys);

	if (picked && strcmp(member_text(session, "state"), "failing") == 0)
		json_object_set(picked, "last_error",
				json_object_get(session, "last_error"));
	if (picked && json_object_get(session, "dead_after_seconds"))
		json_object_set(picked, "dead_after_seconds",
				json_object_get(session, "dead_after_seconds"));
	return picked;
}

static json_t *pick_request(const json_t *request)
{
	return pick(request, request_keys);
}

static json_t *pick_each(const json_t *list, json_t *(*pick_one)(const json_t *))
{
	json_t *picked = json_array();
	json_t *object;
	size_t i;

	json_array_foreach(list, i, object)
	{
		json_array_append_new(picked, pick_one(object));
	}
	return picked;
}

json_t *show_status_json(const json_t *status)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "agent",
			 pick(json_object_get(status, "agent"), agent_keys), "broker",
			 pick(json_object_get(status, "broker"), broker_keys), "requests",
			 pick_each(json_object_get(status, "requests"), pick_request),
			 "sessions",
			 pick_each(json_object_get(status, "sessions"), pick_session));
}

/* A memory keystore does not outlive its agent: there is nothing to unlock. */
static const char *lock_words(const char *keystore, bool locked)
{
	if (!locked)
		return "unlocked";
	if (strcmp(keystore, "memory") == 0)
		return "gone with the agent that had it; run: "
		       "jitctl enroll --broker URL --code CODE";
	return "locked; run: jitctl unlock";
}

static void show_agent(FILE *file, const json_t *status)
{
	const json_t *agent = json_object_get(status, "agent");
	const json_t *broker = json_object_get(status, "broker");
	scoped(freep) char *keystore = escaped_copy(member_text(agent, "keystore"));
	scoped(freep) char *url = escaped_copy(member_text(broker, "url"));
	scoped(freep) char *user = escaped_copy(member_text(broker, "user"));
	bool locked = json_is_true(json_object_get(agent, "locked"));

	if (!keystore || !url || !user)
		return;
	if (!*url) {
		fputs("not enrolled; run: jitctl enroll --broker URL --code CODE\n",
		      file);
		return;
	}
	fprintf(file, "%s at %s, %s; keystore %s, %s\n", user, url,
		json_is_true(json_object_get(broker, "reachable")) ? "reachable"
								   : "not reachable",
		keystore, lock_words(keystore, locked));
}

/* "ready", "failing: sts.eu-west-1.amazonaws.com does not answer", "fetching: waiting
 * ..." */
static char *session_state(const json_t *session)
{
	scoped(freep) char *why = escaped_copy(member_text(session, "last_error"));
	scoped(freep) char *state = escaped_copy(member_text(session, "state"));
	char *text;

	if (!why || !state || strcmp(state, "ready") == 0 || !*why)
		return take(state);
	return asprintf(&text, "%s: %s", state, why) < 0 ? NULL : text;
}

static char *session_end(const json_t *session, int64_t now)
{
	scoped(freep) char *reason = escaped_copy(member_text(session, "end_reason"));
	scoped(freep) char *proof = words_proof(session);
	scoped(freep) char *ended = NULL;
	bool has_reason = reason && *reason;
	char *text;

	if (strcmp(member_text(session, "state"), "ended") != 0)
		return words_until("ends", "ended", member_time(session, "ends_at"), now);
	ended = words_until("ends", "ended", member_time(session, "ended_at"), now);
	if (!ended || !proof)
		return NULL;
	return asprintf(&text, "%s%s%s%s%s", ended, has_reason ? ": " : "",
			has_reason ? reason : "", *proof ? "; " : "", proof) < 0
		   ? NULL
		   : text;
}

static void show_sessions(FILE *file, const json_t *list, int64_t now)
{
	static const char *const headings[] = { "SESSION", "PROFILE",     "STATE",
						"END",     "APPROVED BY", NULL };
	scoped(table_done) struct table table = table_new(headings);
	json_t *session;
	size_t i;

	json_array_foreach(list, i, session)
	{
		table_add(&table,
			  (char *[]){ escaped_copy(member_text(session, "id")),
				      words_profile(session), session_state(session),
				      session_end(session, now),
				      words_list(json_object_get(session, "approved_by"),
						 ", ") });
	}
	table_print(&table, file);
}

static char *request_needs(const json_t *request, int64_t now)
{
	scoped(freep) char *needs = words_list(json_object_get(request, "still_needed"),
					       "; ");
	scoped(freep) char *lapses = NULL;
	char *text;

	if (strcmp(member_text(request, "state"), "pending") != 0)
		return take(needs);
	lapses = words_until("lapses", "lapsed", member_time(request, "expires_at"), now);
	if (!needs || !lapses)
		return NULL;
	return asprintf(&text, "%s (%s)", *needs ? needs : "nothing more", lapses) < 0
		   ? NULL
		   : text;
}

static void show_requests(FILE *file, const json_t *list, int64_t now)
{
	static const char *const headings[] = { "REQUEST", "PROFILE",      "STATE",
						"ASKED",   "STILL NEEDED", NULL };
	scoped(table_done) struct table table = table_new(headings);
	json_t *request;
	size_t i;

	json_array_foreach(list, i, request)
	{
		table_add(
		    &table,
		    (char *[]){ escaped_copy(member_text(request, "id")),
				words_profile(request),
				escaped_copy(member_text(request, "state")),
				words_ago(member_time(request, "requested_at"), now),
				request_needs(request, now) });
	}
	table_print(&table, file);
}

void show_status(FILE *file, const json_t *status, int64_t now)
{
	const json_t *sessions = json_object_get(status, "sessions");
	const json_t *requests = json_object_get(status, "requests");

	show_agent(file, status);
	if (json_array_size(sessions) > 0)
		fputc('\n', file);
	show_sessions(file, sessions, now);
	if (json_array_size(requests) > 0)
		fputc('\n', file);
	show_requests(file, requests, now);
}
