/* SPDX-License-Identifier: MIT */
#include "agent/lifecycle.h"

#include <errno.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/renewal.h"
#include "agent/session-file.h"
#include "base/log.h"

/* How far a clock may be from another one before it is not believed. */
#define CLOCK_TRUST_SECONDS 2

bool lifecycle_is_notable(int64_t skew_seconds)
{
	return skew_seconds > CLOCK_TRUST_SECONDS || skew_seconds < -CLOCK_TRUST_SECONDS;
}

static struct instant next_moment(const struct session *session)
{
	struct instant next = session->ends;

	if (session_is_final(session))
		return instant_add(session->over, SESSION_REMEMBERED_USEC);
	if (session->state == SESSION_PENDING)
		return INSTANT_NEVER;
	if (!vault_is_empty(&session->vault))
		next = instant_earlier(next, session->credentials_end);
	return next;
}

static void set_alarm(struct agent *agent)
{
	struct instant next = INSTANT_NEVER;
	struct session *session;

	TAILQ_FOREACH(session, &agent->sessions.list, entry)
	next = instant_earlier(next, next_moment(session));
	alarm_set(&agent->alarm, next);
}

void lifecycle_changed(struct agent *agent, struct session *session)
{
	set_alarm(agent);
	watch_tell(agent, session);
	sync_poke(agent);
}

void lifecycle_destroy_credentials(struct agent *agent, struct session *session)
{
	vault_done(&session->vault);
	session_file_destroy(agent->runtime_path, session->id);
	session->is_from_file = false;
	session->credentials_expire_at = 0;
}

void lifecycle_end(struct agent *agent, struct session *session, enum session_state state,
		   const char *reason)
{
	struct error error;

	if (session_is_final(session))
		return;
	renewal_stop(session);
	lifecycle_destroy_credentials(agent, session);
	session->state = state;
	session->over = clock_now(agent->clock);
	text_escape(reason, session->end_reason, sizeof(session->end_reason));
	session_explain(session, session->profile, agent->clock, &error);
	renewal_fail_waiters(session, &error);
	log_info("%s (%s): %s", session->id, session->profile, session_state_name(state));
	lifecycle_changed(agent, session);
}

void lifecycle_end_by_time(struct agent *agent, struct session *session)
{
	struct instant now = clock_now(agent->clock);
	int64_t wall = now.wall_usec - session->ends.wall_usec;
	int64_t boot = now.boot_usec - session->ends.boot_usec;
	struct error error;

	if (lifecycle_is_notable((wall - boot) / USEC_PER_SEC) &&
	    ended_add(&agent->ended, session->id, &error) < 0)
		log_warning("%s: %s", session->id, error.text);
	lifecycle_end(agent, session, SESSION_ENDED, "its time was over");
}

void lifecycle_settle(struct agent *agent, struct session *session)
{
	enum session_state before = session->state;

	if (!session_is_live(session))
		return;
	if (session->renewal.error.kind != ERROR_NONE &&
	    session->renewal.error.kind != ERROR_PENDING)
		session->state = SESSION_FAILING;
	else
		session->state = vault_is_empty(&session->vault) ? SESSION_FETCHING
								 : SESSION_READY;
	/* What it waits for is news too. */
	if (session->state != before || session->renewal.error.kind == ERROR_PENDING)
		lifecycle_changed(agent, session);
}

int lifecycle_put(struct agent *agent, struct session *session, const char *document,
		  size_t length, int64_t expire_at, int64_t skew, struct error *error)
{
	struct instant now = clock_now(agent->clock);
	int64_t left = expire_at * USEC_PER_SEC - now.wall_usec;
	struct instant end = { expire_at * USEC_PER_SEC, now.boot_usec + left };
	struct error why;

	if (lifecycle_is_notable(skew))
		end.boot_usec -= (skew + 1) * USEC_PER_SEC;
	if (left <= 0 || end.boot_usec <= now.boot_usec)
		return error_set(error, ERROR_INTERNAL,
				 "the credentials expire too soon, or this machine's "
				 "clock is wrong");
	if (vault_put(&session->vault, session->id, document, length,
		      agent->keys.master) < 0)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	session->credentials_expire_at = expire_at;
	session->credentials_end = instant_earlier(end, session->ends);
	/* Served from memory all the same; a restart would fetch again. */
	if (session_file_write(agent->runtime_path, session, document, length, &why) < 0)
		log_warning("%s: %s", session->id, why.text);
	session->renewal.error = (struct error){ ERROR_NONE };
	session->state = SESSION_READY;
	lifecycle_changed(agent, session);
	return 0;
}

static void sweep_one(struct agent *agent, struct session *session)
{
	if (!session_is_live(session))
		return;
	if (instant_is_past(session->ends, agent->clock)) {
		lifecycle_end_by_time(agent, session);
	} else if (!vault_is_empty(&session->vault) &&
		   instant_is_past(session->credentials_end, agent->clock)) {
		lifecycle_destroy_credentials(agent, session);
		lifecycle_settle(agent, session);
		renewal_plan(agent, session);
	}
}

static void forget_old(struct agent *agent)
{
	struct session *session, *next;

	for (session = TAILQ_FIRST(&agent->sessions.list); session; session = next) {
		next = TAILQ_NEXT(session, entry);
		if (session_is_final(session) &&
		    instant_is_past(instant_add(session->over, SESSION_REMEMBERED_USEC),
				    agent->clock))
			sessions_remove(&agent->sessions, session);
	}
}

/*
 * Whoever is told of an end may ask something else at once, which sweeps again:
 * no session but one that is over for long vanishes, and none while another ends.
 */
void lifecycle_sweep(struct agent *agent)
{
	struct session *session;

	TAILQ_FOREACH(session, &agent->sessions.list, entry)
	{
		sweep_one(agent, session);
	}
	forget_old(agent);
	set_alarm(agent);
}

void lifecycle_done(struct agent *agent)
{
	struct session *session;

	while ((session = TAILQ_FIRST(&agent->sessions.list))) {
		renewal_stop(session);
		sessions_remove(&agent->sessions, session);
	}
}

void lifecycle_forget_all(struct agent *agent)
{
	struct session *session;
	struct error error;

	error_set(&error, ERROR_NO_SESSION, "this agent was enrolled anew");
	/* None is live when those who wait are told: they may ask for another. */
	TAILQ_FOREACH(session, &agent->sessions.list, entry)
	{
		renewal_stop(session);
		lifecycle_destroy_credentials(agent, session);
		session->state = SESSION_ENDED;
		session->over = clock_now(agent->clock);
	}
	TAILQ_FOREACH(session, &agent->sessions.list, entry)
	{
		renewal_fail_waiters(session, &error);
	}
	lifecycle_done(agent);
	set_alarm(agent);
}
