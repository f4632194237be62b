/* SPDX-License-Identifier: MIT */
#include "agent/watch.h"

#include "agent/agent.h"
#include "agent/status.h"

void watch_init(struct watch *watch)
{
	TAILQ_INIT(&watch->calls);
}

static json_t *change_of(const struct session *session)
{
	if (session_is_live(session) || session->state == SESSION_ENDED)
		return json_pack("{s:o}", "session", status_of_session(session));
	return json_pack("{s:o}", "request", status_of_request(session));
}

void watch_begin(struct agent *agent, struct call *call)
{
	struct session *session;

	TAILQ_INSERT_TAIL(&agent->watch.calls, call, entry);
	call->is_watching = true;
	TAILQ_FOREACH(session, &agent->sessions.list, entry)
	if (!call_continue(call, change_of(session)))
		return;
	sync_poke(agent);
}

void watch_tell(struct agent *agent, const struct session *session)
{
	struct call *call, *next;

	/* A peer that reads nothing is closed, which takes it off the list. */
	for (call = TAILQ_FIRST(&agent->watch.calls); call; call = next) {
		next = TAILQ_NEXT(call, entry);
		call_continue(call, change_of(session));
	}
}

void watch_end(struct agent *agent, struct call *call)
{
	TAILQ_REMOVE(&agent->watch.calls, call, entry);
	call->is_watching = false;
	sync_poke(agent);
}
