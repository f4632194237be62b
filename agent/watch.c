/* SPDX-License-Identifier: MIT */
#include "agent/watch.h"

#include "agent/agent.h"
#include "agent/call.h"
#include "agent/status.h"

void watch_init(struct watch *watch)
{
	TAILQ_INIT(&watch->calls);
	watch->telling = NULL;
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

/*
 * A peer that reads nothing is closed, which takes it off the list, and whatever
 * follows from that may close others and tell of more; so watch_end() moves on
 * every telling that would come to the one that leaves.
 */
struct watch_telling {
	struct call *next;
	struct watch_telling *outer;
};

void watch_tell(struct agent *agent, const struct session *session)
{
	struct watch *watch = &agent->watch;
	struct watch_telling telling = { TAILQ_FIRST(&watch->calls), watch->telling };
	struct call *call;

	watch->telling = &telling;
	while ((call = telling.next)) {
		telling.next = TAILQ_NEXT(call, entry);
		call_continue(call, change_of(session));
	}
	watch->telling = telling.outer;
}

void watch_end(struct agent *agent, struct call *call)
{
	struct watch_telling *telling;

	for (telling = agent->watch.telling; telling; telling = telling->outer)
		if (telling->next == call)
			telling->next = TAILQ_NEXT(call, entry);
	TAILQ_REMOVE(&agent->watch.calls, call, entry);
	call->is_watching = false;
	sync_poke(agent);
}
