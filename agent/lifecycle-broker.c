/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/lifecycle.h"
#include "agent/record.h"
#include "agent/renewal.h"

/* What becomes of a request by what the broker says of it. */

/*
 * The end on both clocks.  Where the broker's clock and ours differ, the boot
 * clock goes by the broker's: a wrong wall clock must not make a session last.
 */
static struct instant end_of(const struct agent *agent, int64_t ends_at, int64_t date)
{
	struct instant now = clock_now(agent->clock);
	int64_t end_usec = ends_at * USEC_PER_SEC;
	int64_t skew = date - now.wall_usec / USEC_PER_SEC;
	int64_t left = end_usec - now.wall_usec;

	if (date > 0 && lifecycle_is_notable(skew))
		left = (ends_at - date - 1) * USEC_PER_SEC;
	return (struct instant){ end_usec, now.boot_usec + left };
}

static void go_live(struct agent *agent, struct session *session, int64_t date)
{
	const json_t *approved = json_object_get(session->request, "session");
	int64_t ends_at = record_time(approved, "ends_at");

	if (session->state == SESSION_PENDING)
		session->state = SESSION_FETCHING;
	if (session->ends.wall_usec != ends_at * USEC_PER_SEC)
		session->ends = end_of(agent, ends_at, date);
	if (instant_is_past(session->ends, agent->clock)) {
		lifecycle_end_by_time(agent, session);
		return;
	}
	if (ended_has(&agent->ended, session->id)) {
		lifecycle_end(agent, session, SESSION_ENDED, "ended here");
		return;
	}
	lifecycle_changed(agent, session);
	renewal_plan(agent, session);
}

/* An end that the broker knows of: it says when, so that "ended 3 s ago" fits. */
static void end_as_told(struct agent *agent, struct session *session,
			enum session_state state)
{
	const json_t *approved = json_object_get(session->request, "session");
	int64_t at = record_time(approved, "ended_at");
	struct instant now = clock_now(agent->clock);
	int64_t ago = at == INT64_MIN ? 0 : now.wall_usec - at * USEC_PER_SEC;

	lifecycle_end(agent, session, state, record_string(approved, "end_reason"));
	if (ago > 0 && ago < SESSION_REMEMBERED_USEC)
		session->over = instant_add(now, -ago);
}

/* clang-format off */
static const struct {
	const char *name;
	enum session_state state;
} broker_states[] = {
	{ "pending",   SESSION_PENDING },
	{ "approved",  SESSION_FETCHING },
	{ "denied",    SESSION_DENIED },
	{ "expired",   SESSION_EXPIRED },
	{ "withdrawn", SESSION_WITHDRAWN },
	{ "ended",     SESSION_ENDED },
};
/* clang-format on */

static int read_state(const json_t *request, enum session_state *state,
		      struct error *error)
{
	const char *name = record_string(request, "state");

	for (size_t i = 0; i < sizeof(broker_states) / sizeof(broker_states[0]); i++)
		if (strcmp(broker_states[i].name, name) == 0) {
			*state = broker_states[i].state;
			if (*state == SESSION_FETCHING &&
			    !json_object_get(request, "session"))
				break;
			return 0;
		}
	return error_set(error, ERROR_INTERNAL,
			 "the broker's answer makes no sense: the state of a request");
}

/* That AWS was seen to refuse it is news of a session that is over. */
static bool has_proof(const struct session *session)
{
	return json_object_get(json_object_get(session->request, "session"),
			       "dead_after_seconds") != NULL;
}

static void take_state(struct agent *agent, struct session *session,
		       enum session_state state, int64_t date)
{
	if (session_is_final(session)) {
		if (has_proof(session))
			lifecycle_changed(agent, session);
		return;
	}
	if (state == SESSION_FETCHING)
		go_live(agent, session, date);
	else if (state != SESSION_PENDING)
		end_as_told(agent, session, state);
	else
		lifecycle_changed(agent, session);
}

int lifecycle_apply(struct agent *agent, json_t *request, int64_t date,
		    struct session **session, struct error *error)
{
	json_auto_t *record = record_request(request, error);
	enum session_state state;
	struct session *row;
	bool is_new;

	if (!record)
		return -EBADMSG;
	if (read_state(record, &state, error) < 0)
		return -EBADMSG;
	row = sessions_find(&agent->sessions, record_string(record, "id"));
	is_new = !row;
	if (is_new)
		row = sessions_add(&agent->sessions, agent, record_string(record, "id"),
				   record_string(record, "profile"));
	if (!row)
		return error_set(error, ERROR_LIMIT, "more than %d requests and sessions",
				 SESSIONS_MAX);
	if (is_new)
		renewal_init(row);
	if (session)
		*session = row;
	if (!is_new && json_equal(row->request, record))
		return 0;
	json_decref(row->request);
	row->request = json_incref(record);
	take_state(agent, row, state, date);
	return 0;
}
