/* SPDX-License-Identifier: MIT */
#include "agent/status.h"

#include <unistd.h>

#include "agent/agent.h"
#include "agent/record.h"

static int set_time(json_t *object, const char *key, int64_t seconds)
{
	char text[TIME_TEXT_SIZE];

	return json_object_set_new(object, key, json_string(time_format(seconds, text)));
}

/* The broker's words, less the session's part. */
json_t *status_of_request(const struct session *session)
{
	json_t *request = json_copy(session->request);

	if (!request)
		return NULL;
	json_object_del(request, "session");
	json_object_set_new(request, "state",
			    json_string(session_state_name(session->state)));
	return request;
}

static void add_end(json_t *status, const struct session *session)
{
	if (session->state != SESSION_ENDED)
		return;
	set_time(status, "ended_at", session->over.wall_usec / USEC_PER_SEC);
	if (session->end_reason[0])
		json_object_set_new(status, "end_reason",
				    json_string(session->end_reason));
}

static void add_last_error(json_t *status, const struct session *session)
{
	const struct error *error = &session->renewal.error;

	if (!session_is_live(session) || error->kind == ERROR_NONE)
		return;
	json_object_set_new(status, "last_error", json_string(error->text));
	json_object_set_new(status, "last_error_kind",
			    json_string(error_kind_name(error->kind)));
}

json_t *status_of_session(const struct session *session)
{
	json_t *approved = json_object_get(session->request, "session");
	json_t *status = json_copy(approved);

	if (!status)
		status = json_object();
	json_object_set_new(status, "id", json_string(session->id));
	json_object_set_new(status, "profile", json_string(session->profile));
	json_object_set(status, "parameters",
			json_object_get(session->request, "parameters"));
	json_object_set_new(status, "state",
			    json_string(session_state_name(session->state)));
	json_object_del(status, "ended_at");
	json_object_del(status, "end_reason");
	if (!vault_is_empty(&session->vault))
		set_time(status, "credentials_expire_at", session->credentials_expire_at);
	add_last_error(status, session);
	add_end(status, session);
	return status;
}

static json_t *list(const struct agent *agent, bool of_sessions)
{
	json_t *array = json_array();
	struct session *session;

	TAILQ_FOREACH(session, &agent->sessions.list, entry)
	{
		bool is_session = session_is_live(session) ||
				  session->state == SESSION_ENDED;

		if (is_session == of_sessions)
			json_array_append_new(array, of_sessions
							 ? status_of_session(session)
							 : status_of_request(session));
	}
	return array;
}

json_t *status_of_agent(const struct agent *agent)
{
	const struct settings *settings = &agent->settings;

	return json_pack("{s:{s:s, s:i, s:s, s:b}, s:{s:s, s:s, s:b}, s:o, s:o}", "agent",
			 "version", JIT_VERSION, "pid", (int)getpid(), "keystore",
			 settings->keystore, "locked", agent->keys.master == NULL,
			 "broker", "url", settings->broker, "user", settings->user,
			 "reachable", (int)agent->sync.is_reachable, "requests",
			 list(agent, false), "sessions", list(agent, true));
}
