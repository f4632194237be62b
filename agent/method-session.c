/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "agent/agent.h"
#include "agent/credentials.h"
#include "agent/lifecycle.h"
#include "agent/method.h"
#include "agent/renewal.h"
#include "agent/status.h"

/* The methods that look at the table of sessions. */

/*
 * Right after a failed fetch its error is the answer: no storm on the broker.  While
 * AWS has to do something first, that is the answer, not a wait without end.
 */
#define FAILURE_IS_FRESH_USEC (2 * USEC_PER_SEC)

int method_status(struct agent *agent, struct call *call, json_t *parameters,
		  struct error *error)
{
	(void)parameters;
	(void)error;
	lifecycle_sweep(agent);
	call_reply(call, status_of_agent(agent));
	return 0;
}

int method_watch(struct agent *agent, struct call *call, json_t *parameters,
		 struct error *error)
{
	(void)parameters;
	(void)error;
	watch_begin(agent, call);
	return 0;
}

/*
 * Remembered before it is done: a crash in between must not bring it back.  The
 * wipe happens even where the disk is full.
 */
static int end_one(struct agent *agent, struct session *session, json_t *done,
		   struct error *error)
{
	int r;

	if (session_is_final(session))
		return 0;
	r = ended_add(&agent->ended, session->id, error);
	json_array_append_new(done, json_string(session->id));
	lifecycle_end(agent, session,
		      session->state == SESSION_PENDING ? SESSION_WITHDRAWN
							: SESSION_ENDED,
		      "ended here");
	return r;
}

static int end_all(struct agent *agent, json_t *done, struct error *error)
{
	struct session *session;
	int r = 0;

	TAILQ_FOREACH(session, &agent->sessions.list, entry)
	{
		int one = end_one(agent, session, done, error);

		if (one < 0)
			r = one;
	}
	return r;
}

int method_end(struct agent *agent, struct call *call, json_t *parameters,
	       struct error *error)
{
	const char *id = method_string(parameters, "id");
	struct session *session = id ? sessions_find(&agent->sessions, id) : NULL;
	json_auto_t *done = json_array();
	int r;

	if (id && !session && !id_is_valid('r', id))
		return error_set(error, ERROR_NOT_FOUND,
				 "no request or session is called '%s'",
				 TEXT_ESCAPED(id));
	if (id && !session)
		return method_end_elsewhere(agent, call, id, error);
	if (session && session_is_final(session))
		return session_explain(session, session->profile, agent->clock, error);
	r = session ? end_one(agent, session, done, error) : end_all(agent, done, error);
	sync_poke(agent);
	if (r < 0)
		return r;
	call_reply(call, json_pack("{s:O}", "ended", done));
	return 0;
}

static int serve(struct agent *agent, struct session *session, struct call *call,
		 struct error *error)
{
	const struct renewal *renewal = &session->renewal;
	int64_t now = agent->clock->boot_usec(agent->clock->data);

	if (credentials_are_good(agent, session)) {
		TAILQ_INSERT_TAIL(&session->waiters, call, entry);
		credentials_answer(agent, session, &session->waiters);
		return 0;
	}
	if (renewal->error.kind == ERROR_PENDING ||
	    (!renewal->job && renewal->error.kind != ERROR_NONE &&
	     now - renewal->failed_boot_usec < FAILURE_IS_FRESH_USEC))
		return renewal_explain(session, error);
	renewal_wait(agent, session, call);
	return 0;
}

int method_get_credentials(struct agent *agent, struct call *call, json_t *parameters,
			   struct error *error)
{
	const char *profile = method_string(parameters, "profile");
	const char *id = method_string(parameters, "session");
	struct session *session;

	if (!profile == !id || !text_is_name(profile ? profile : id))
		return error_set(error, ERROR_USAGE,
				 "name either a profile or a session");
	lifecycle_sweep(agent);
	session = id ? sessions_find(&agent->sessions, id)
		     : sessions_find_live(&agent->sessions, profile);
	if (session && session_is_live(session))
		return serve(agent, session, call, error);
	if (id && !session)
		return error_set(error, ERROR_NO_SESSION, "no session is called %s", id);
	if (!session)
		session = sessions_find_not_live(&agent->sessions, profile);
	return session_explain(session, session ? session->profile : profile,
			       agent->clock, error);
}
