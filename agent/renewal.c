/* SPDX-License-Identifier: MIT */
#include "agent/renewal.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/broker-call.h"
#include "agent/call.h"
#include "agent/credentials.h"
#include "agent/job.h"
#include "agent/lifecycle.h"
#include "base/log.h"

#define BEFORE_EXPIRY_SECONDS (INT64_C(16) * 60)
#define FETCH_DEADLINE_MSEC 30000
#define BACKOFF_MAX_SECONDS 60
#define PATIENCE_SEC 1.5

int64_t renewal_time(int64_t now, int64_t expire_at, int64_t ends_at)
{
	int64_t life = expire_at - now;
	int64_t half = now + life / 2;
	int64_t before = expire_at - BEFORE_EXPIRY_SECONDS;
	int64_t when = half < before ? half : before;
	int64_t least = now + life / 4;

	if (ends_at <= expire_at + JOB_MARGIN_SECONDS)
		return INT64_MAX;
	return when > least ? when : least;
}

int64_t renewal_backoff(unsigned int failures)
{
	int64_t seconds = failures > 6 ? BACKOFF_MAX_SECONDS : (int64_t)1 << failures;

	return seconds < BACKOFF_MAX_SECONDS ? seconds : BACKOFF_MAX_SECONDS;
}

static void fetch(struct agent *agent, struct session *session);

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct session *session = timer->data;

	(void)loop;
	(void)events;
	fetch(session->agent, session);
}

int renewal_explain(const struct session *session, struct error *error)
{
	const struct error *why = &session->renewal.error;
	int r = error_set(error, why->kind, "%s: %s", session->profile, why->text);

	error_next(error, "%s", why->next);
	return r;
}

static void on_patience_over(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct session *session = timer->data;
	struct error error;

	(void)loop;
	(void)events;
	renewal_explain(session, &error);
	renewal_fail_waiters(session, &error);
}

void renewal_init(struct session *session)
{
	ev_init(&session->renewal.timer, on_timer);
	session->renewal.timer.data = session;
	ev_timer_init(&session->renewal.patience, on_patience_over, PATIENCE_SEC, 0);
	session->renewal.patience.data = session;
}

static void again_in(struct agent *agent, struct session *session, double seconds)
{
	ev_timer_stop(agent->loop, &session->renewal.timer);
	ev_timer_set(&session->renewal.timer, seconds > 0.01 ? seconds : 0.01, 0);
	ev_timer_start(agent->loop, &session->renewal.timer);
}

/* From half to one and a half, so that a team's agents do not march in step. */
static double with_jitter(int64_t seconds)
{
	return (double)seconds * (0.5 + (double)randombytes_uniform(1001) / 1000.0);
}

void renewal_fail_waiters(struct session *session, const struct error *error)
{
	struct call *call;

	ev_timer_stop(session->agent->loop, &session->renewal.patience);
	while ((call = TAILQ_FIRST(&session->waiters))) {
		TAILQ_REMOVE(&session->waiters, call, entry);
		call_fail(call, error);
	}
}

static void failed(struct agent *agent, struct session *session,
		   const struct error *error, int retry_seconds)
{
	bool is_pending = error->kind ==
			  ERROR_PENDING; /* no failure: AWS takes its time */
	int64_t wait = is_pending ? 0 : renewal_backoff(session->renewal.failures++);

	session->renewal.error = *error;
	session->renewal.failed_boot_usec = agent->clock->boot_usec(agent->clock->data);
	if (is_pending)
		log_info("%s (%s): %s", session->id, session->profile, error->text);
	else if (error->kind != ERROR_NO_AGENT)
		log_warning("%s (%s): %s", session->id, session->profile, error->text);
	if (retry_seconds >= 0)
		again_in(agent, session,
			 with_jitter(wait > retry_seconds ? wait : retry_seconds));
	lifecycle_settle(agent, session);
	renewal_fail_waiters(session, error);
}

static int take_answer(struct agent *agent, struct session *session,
		       const struct worker_result *result, struct error *error)
{
	json_int_t expire_at, skew;

	if (json_unpack(result->answer, "{s:I, s:I}", "credentials_expire_at", &expire_at,
			"clock_skew_seconds", &skew) < 0 ||
	    !time_is_plausible(expire_at) || !time_is_plausible(skew) ||
	    !credentials_look_right(result->payload, result->length))
		return error_set(error, ERROR_INTERNAL,
				 "the fetch worker's answer makes no sense");
	return lifecycle_put(agent, session, result->payload, result->length, expire_at,
			     skew, error);
}

static void on_fetched(void *data, const struct worker_result *result)
{
	struct session *session = data;
	struct agent *agent = session->agent;
	struct error error = { ERROR_NONE };

	session->renewal.job = NULL;
	if (result->error.kind != ERROR_NONE) {
		failed(agent, session, &result->error, result->retry_seconds);
		return;
	}
	if (take_answer(agent, session, result, &error) < 0) {
		failed(agent, session, &error, 5);
		return;
	}
	session->renewal.failures = 0;
	ev_timer_stop(agent->loop, &session->renewal.patience);
	credentials_answer(agent, session, &session->waiters);
	renewal_plan(agent, session);
}

static json_t *job_for(struct agent *agent, const struct session *session)
{
	char path[64];
	json_t *grant;

	snprintf(path, sizeof(path), "/v1/requests/%s/grant", session->id);
	grant = broker_call_signed(agent, "POST", path, json_object(),
				   FETCH_DEADLINE_MSEC);
	if (!grant)
		return NULL;
	return json_pack("{s:s, s:o, s:s, s:I}", "job", "credentials", "grant", grant,
			 "sts_url", agent->settings.sts_url, "deadline_ms",
			 (json_int_t)FETCH_DEADLINE_MSEC);
}

static void fetch(struct agent *agent, struct session *session)
{
	struct error error = { ERROR_NONE };
	struct worker_order order = {
		.program = LAUNCHER_FETCH,
		.deadline_msec = FETCH_DEADLINE_MSEC + 1000,
		.done = on_fetched,
		.data = session,
	};

	if (session->renewal.job || !session_is_live(session) || !agent->keys.device)
		return;
	ev_timer_stop(agent->loop, &session->renewal.timer);
	order.job = job_for(agent, session);
	if (workers_start(&agent->workers, &order, &session->renewal.job, &error) < 0)
		failed(agent, session, &error, 1);
}

/* In seconds, by whichever clock says less. */
static int64_t left_until(const struct agent *agent, struct instant instant)
{
	struct instant now = clock_now(agent->clock);
	int64_t wall = instant.wall_usec - now.wall_usec;
	int64_t boot = instant.boot_usec - now.boot_usec;

	return (wall < boot ? wall : boot) / USEC_PER_SEC;
}

void renewal_plan(struct agent *agent, struct session *session)
{
	int64_t ends_at = session->ends.wall_usec / USEC_PER_SEC, left, wait;
	bool is_planned = ev_is_active(&session->renewal.timer);

	if (!session_is_live(session) || session->renewal.job || !agent->keys.device)
		return;
	/* A plan made for credentials that are gone, in a suspend, is none. */
	if (vault_is_empty(&session->vault) &&
	    (!is_planned || session->renewal.error.kind == ERROR_NONE)) {
		fetch(agent, session);
		return;
	}
	if (is_planned)
		return;
	left = left_until(agent, session->credentials_end);
	wait = renewal_time(0, left, left + ends_at - session->credentials_expire_at);
	if (wait != INT64_MAX)
		again_in(agent, session, (double)wait);
}

void renewal_wait(struct agent *agent, struct session *session, struct call *call)
{
	TAILQ_INSERT_TAIL(&session->waiters, call, entry);
	fetch(agent, session);
	if (session->renewal.error.kind == ERROR_NONE || TAILQ_EMPTY(&session->waiters) ||
	    ev_is_active(&session->renewal.patience))
		return;
	ev_timer_set(&session->renewal.patience, PATIENCE_SEC, 0);
	ev_timer_start(agent->loop, &session->renewal.patience);
}

void renewal_stop(struct session *session)
{
	struct agent *agent = session->agent;

	ev_timer_stop(agent->loop, &session->renewal.timer);
	ev_timer_stop(agent->loop, &session->renewal.patience);
	workers_cancel(&agent->workers, session->renewal.job);
	session->renewal.job = NULL;
}
