/* SPDX-License-Identifier: MIT */
#include "agent/sync.h"

#include <sodium.h>
#include <stdio.h>

#include "agent/agent.h"
#include "agent/broker-call.h"
#include "agent/lifecycle.h"
#include "agent/renewal.h"
#include "base/log.h"

#define WAIT_SECONDS 55
#define POLL_DEADLINE_MSEC (INT64_C(1000) * (WAIT_SECONDS + 10))

static void poll_broker(struct agent *agent);
static void tell_broker(struct agent *agent);

static bool wants_news(const struct agent *agent)
{
	return !agent->sync.has_all || sessions_want_news(&agent->sessions) ||
	       !TAILQ_EMPTY(&agent->watch.calls);
}

/* Half to one and a half times the backoff, so that agents do not march in step. */
static void again(struct agent *agent, struct ev_timer *timer, unsigned int failures)
{
	double jitter = 0.5 + (double)randombytes_uniform(1001) / 1000.0;

	ev_timer_stop(agent->loop, timer);
	ev_timer_set(timer, (double)renewal_backoff(failures) * jitter, 0);
	ev_timer_start(agent->loop, timer);
}

static void on_poll_again(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	poll_broker(timer->data);
}

static void on_tell_again(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	tell_broker(timer->data);
}

void sync_init(struct agent *agent)
{
	ev_init(&agent->sync.poll_again, on_poll_again);
	ev_init(&agent->sync.tell_again, on_tell_again);
	agent->sync.poll_again.data = agent;
	agent->sync.tell_again.data = agent;
}

static int apply_all(struct agent *agent, const struct broker_answer *answer,
		     struct error *error)
{
	json_t *requests = json_object_get(answer->body, "requests"), *request;
	json_t *next = json_object_get(answer->body, "next");
	size_t i;

	if (!json_is_array(requests) || !json_is_integer(next))
		return error_set(error, ERROR_INTERNAL,
				 "the broker's answer makes no sense: its events");
	json_array_foreach(requests, i, request)
	{
		int r = lifecycle_apply(agent, request, answer->date, NULL, error);

		if (r < 0)
			return r;
	}
	agent->sync.since = json_integer_value(next);
	agent->sync.has_all = true;
	return 0;
}

static void poll_failed(struct agent *agent, const struct error *error)
{
	if (agent->sync.poll_failures++ == 0 && error->kind != ERROR_NO_AGENT)
		log_warning("no news from the broker: %s", error->text);
	again(agent, &agent->sync.poll_again, agent->sync.poll_failures - 1);
}

static void on_news(void *data, const struct broker_answer *answer)
{
	struct agent *agent = data;
	struct error error = answer->error;

	agent->sync.poll = NULL;
	if (error.kind == ERROR_NONE)
		apply_all(agent, answer, &error);
	if (error.kind != ERROR_NONE) {
		poll_failed(agent, &error);
		return;
	}
	if (agent->sync.poll_failures > 0)
		log_info("the broker can be reached again");
	agent->sync.poll_failures = 0;
	sync_poke(agent);
}

static void poll_broker(struct agent *agent)
{
	struct sync *sync = &agent->sync;
	struct error error = { ERROR_NONE };
	char path[64];
	struct broker_call call = {
		.method = "GET",
		.path = path,
		.deadline_msec = POLL_DEADLINE_MSEC,
		.done = on_news,
		.data = agent,
	};

	if (sync->poll || !agent->keys.device)
		return;
	/* The first answer comes at once: whether anything is wanted is in it. */
	snprintf(path, sizeof(path), "/v1/events?since=%lld&wait=%d",
		 (long long)sync->since, sync->has_all ? WAIT_SECONDS : 0);
	if (broker_call_start(agent, &call, &sync->poll, &error) < 0)
		poll_failed(agent, &error);
}

/* What the broker makes of an end: it may go on to ask AWS, and there will be news. */
static void note_end(struct agent *agent, const struct broker_answer *answer)
{
	json_t *request = json_object_get(answer->body, "request");
	struct error error;

	if (request && lifecycle_apply(agent, request, answer->date, NULL, &error) < 0)
		log_warning("%s", error.text);
}

/* Any answer but "try again" means that there is nothing left to tell. */
static void on_told(void *data, const struct broker_answer *answer)
{
	struct agent *agent = data;
	struct error error;

	agent->sync.tell = NULL;
	if (answer->error.kind != ERROR_NONE && answer->retry_seconds >= 0) {
		again(agent, &agent->sync.tell_again, agent->sync.tell_failures++);
		return;
	}
	if (answer->error.kind == ERROR_UNAUTHENTICATED) {
		again(agent, &agent->sync.tell_again, 6);
		return;
	}
	agent->sync.tell_failures = 0;
	if (agent->ended.count > 0 &&
	    ended_remove(&agent->ended, agent->ended.ids[0], &error) < 0)
		log_warning("%s", error.text);
	note_end(agent, answer);
	sync_poke(agent);
}

static void tell_broker(struct agent *agent)
{
	struct error error;
	char path[64];
	struct broker_call call = {
		.method = "POST",
		.path = path,
		.deadline_msec = BROKER_CALL_DEADLINE_MSEC,
		.done = on_told,
		.data = agent,
	};

	if (agent->sync.tell || agent->ended.count == 0 || !agent->keys.device)
		return;
	snprintf(path, sizeof(path), "/v1/requests/%s/end", agent->ended.ids[0]);
	call.body = json_object();
	if (broker_call_start(agent, &call, &agent->sync.tell, &error) < 0)
		again(agent, &agent->sync.tell_again, agent->sync.tell_failures++);
}

void sync_poke(struct agent *agent)
{
	struct sync *sync = &agent->sync;

	if (!agent->keys.device)
		return;
	if (!ev_is_active(&sync->tell_again))
		tell_broker(agent);
	if (!wants_news(agent)) {
		broker_call_cancel(sync->poll);
		sync->poll = NULL;
		ev_timer_stop(agent->loop, &sync->poll_again);
	} else if (!ev_is_active(&sync->poll_again)) {
		poll_broker(agent);
	}
}

void sync_restart(struct agent *agent)
{
	sync_stop(agent);
	agent->sync.since = 0;
	agent->sync.has_all = false;
	agent->sync.poll_failures = 0;
	sync_poke(agent);
}

void sync_stop(struct agent *agent)
{
	struct sync *sync = &agent->sync;

	broker_call_cancel(sync->poll);
	broker_call_cancel(sync->tell);
	sync->poll = sync->tell = NULL;
	ev_timer_stop(agent->loop, &sync->poll_again);
	ev_timer_stop(agent->loop, &sync->tell_again);
}
