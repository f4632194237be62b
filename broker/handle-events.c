/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "base/cleanup.h"
#include "broker/routes.h"

#define WAIT_MAX_SECONDS 55
#define ENDED_SHOWN_SECONDS 3600

struct watching {
	struct call *call;
	int64_t since;
	int64_t now_seconds;
	int64_t next;
	json_t *list;
	size_t bytes;
};

/* What does not fit this answer comes with the next: `next` stays before it. */
static int add(void *data, const struct request *request)
{
	struct watching *watching = data;
	json_t *shown = approvals_show(watching->call->profiles, request,
				       watching->now_seconds);

	watching->bytes += json_dumpb(shown, NULL, 0, JSON_COMPACT) + 1;
	if (watching->bytes > CALL_ANSWER_MAX - 1024) {
		json_decref(shown);
		return 1;
	}
	if (json_array_append_new(watching->list, shown) < 0)
		return -ENOMEM;
	watching->next = request->changed;
	return 0;
}

static int add_current(void *data, const struct request *request)
{
	const struct watching *watching = data;
	enum request_state state = request_state_at(request, watching->now_seconds);
	int64_t over = state == REQUEST_ENDED     ? request->ends_at
		       : state == REQUEST_EXPIRED ? request->expires_at
						  : watching->now_seconds;

	/* Over by time alone, and not written down yet. */
	if (request->ended_at == 0 && over < watching->now_seconds - ENDED_SHOWN_SECONDS)
		return 0;
	return add(data, request);
}

static int list_changes(struct transaction *transaction, void *data, struct error *error)
{
	struct watching *watching = data;
	const char *user = watching->call->user;
	int r;

	if (watching->since > 0)
		return store_requests_since(transaction, user, watching->since, add,
					    watching, error);
	r = store_requests_current(transaction, user,
				   watching->now_seconds - ENDED_SHOWN_SECONDS,
				   add_current, watching, error);
	/* The rest of the past is over: the next call need not hear of it. */
	return r == 0 ? store_changed_last(transaction, user, &watching->next, error) : r;
}

int handle_events(struct broker *broker, struct call *call, json_t **answer,
		  struct error *error)
{
	json_auto_t *list = json_array();
	struct watching watching = { .call = call,
				     .now_seconds = clock_wall_seconds(broker->clock),
				     .list = list };
	int64_t wait_seconds = 0;
	int r = call_query_number(call, "since", INT64_MAX, &watching.since, error);

	if (r == 0)
		r = call_query_number(call, "wait", WAIT_MAX_SECONDS, &wait_seconds,
				      error);
	if (r < 0)
		return r;
	watching.next = watching.since;
	r = store_read(broker->store, list_changes, &watching, error);
	if (r < 0)
		return r;
	if (json_array_size(list) == 0 && wait_seconds > 0 && !call->has_waited) {
		call->wait_since = watching.next;
		call->wait_seconds = wait_seconds;
		return 0;
	}
	return call_answered(
	    answer,
	    json_pack("{s:I, s:O}", "next", (json_int_t)watching.next, "requests", list),
	    error);
}
