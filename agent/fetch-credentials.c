/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/fetch-call.h"
#include "agent/fetch-document.h"
#include "agent/fetch-grant.h"
#include "agent/fetch-job.h"
#include "aws/endpoint.h"
#include "aws/retry.h"
#include "aws/sts.h"
#include "base/cleanup.h"
#include "base/json.h"

#define NOTABLE_SKEW_SECONDS 60
#define RETRY_SECONDS 5

/* How far the clocks of those we spoke to are ahead of ours. */
struct skews {
	int64_t broker_seconds;
	int64_t sts_seconds;
	bool has_broker, has_sts;
};

struct exchange {
	struct http *http;
	const char *sts_url;
	const char *ca_file; /* of the broker's call */
	struct retry retry;  /* holds the deadline of the whole job */
	struct skews skews;
};

static int get_grant(struct exchange *exchange, json_t *json, struct fetch_grant *grant,
		     int *retry_seconds, struct error *error)
{
	scoped(http_answer_done) struct http_answer answer = HTTP_ANSWER_INIT;
	scoped(fetch_call_done) struct fetch_call call;
	int64_t left_ms = retry_left_ms(&exchange->retry);
	int r = fetch_call_read(json, &call, error);

	if (r < 0)
		return r;
	exchange->ca_file = call.request.ca_file;
	if (call.request.deadline_ms > left_ms)
		call.request.deadline_ms = left_ms;
	r = http_call(exchange->http, &call.request, &answer, error);
	if (r < 0) {
		*retry_seconds = answer.may_pass ? RETRY_SECONDS : -1;
		return r;
	}
	if (answer.date_seconds > 0) {
		exchange->skews.has_broker = true;
		exchange->skews.broker_seconds = answer.date_seconds -
						 clock_wall_seconds(&clock_system);
	}
	r = fetch_grant_read(answer.status, answer.body.bytes, answer.body.used, grant,
			     error);
	if (r < 0 && error->kind == ERROR_PENDING)
		*retry_seconds = 1; /* the broker has held the call as long as it does */
	else if (r < 0 && (answer.status >= 500 || answer.status == 429))
		*retry_seconds = RETRY_SECONDS;
	return r;
}

/* A private STS (sts_url) is trusted through the broker's ca_file, AWS's never. */
static int assume_role(struct exchange *exchange, const struct fetch_grant *grant,
		       struct sts_credentials *credentials, int *retry_seconds,
		       struct error *error)
{
	bool is_ours = exchange->sts_url[0] != '\0';
	struct endpoint endpoint = { .url = "" };
	struct sts_outcome outcome;
	struct sts_request request = {
		.url = is_ours ? exchange->sts_url : endpoint.url,
		.ca_file = is_ours ? exchange->ca_file : "",
		.role_arn = grant->role_arn,
		.session_name = grant->session_name,
		.token = grant->token,
		.policy = grant->session_policy,
		.duration_seconds = grant->duration_seconds,
		.deadline_ms = retry_left_ms(&exchange->retry),
	};
	int r = is_ours ? 0 : endpoint_sts(grant->region, &endpoint, error);

	if (r < 0)
		return r;
	r = sts_assume_role(exchange->http, &request, credentials, &outcome, error);
	*retry_seconds = outcome.retry_seconds;
	if (outcome.date_seconds > 0) {
		exchange->skews.has_sts = true;
		exchange->skews.sts_seconds = outcome.date_seconds -
					      outcome.date_seen_at_seconds;
	}
	return r;
}

/* Puts "the broker's clock is 412 s behind AWS's" in front of what was said. */
static void blame_clock(struct error *error, const char *whose, int64_t ahead_seconds)
{
	struct error said = *error;

	if (llabs(ahead_seconds) < NOTABLE_SKEW_SECONDS)
		return;
	error_set(error, said.kind, "%s clock is %lld s %s AWS's; %s", whose,
		  llabs(ahead_seconds), ahead_seconds > 0 ? "ahead of" : "behind",
		  said.text);
	error_next(error, "%s", said.next);
}

/* STS judges the grant by the broker's clock, the document is judged by ours. */
static void explain_clocks(const struct skews *skews, struct error *error)
{
	if (!skews->has_sts)
		return;
	if (error->kind == ERROR_REFUSED_BY_AWS && skews->has_broker)
		blame_clock(error, "the broker's",
			    skews->broker_seconds - skews->sts_seconds);
	else if (error->kind == ERROR_INTERNAL || error->kind == ERROR_NO_SESSION)
		blame_clock(error, "this machine's", -skews->sts_seconds);
}

static int render(const struct exchange *exchange, const struct fetch_grant *grant,
		  const struct sts_credentials *credentials, struct fetch_answer *answer,
		  struct error *error)
{
	scoped(buffer_done) struct buffer document = BUFFER_WITH_LIMIT(JOB_DOCUMENT_MAX);
	int64_t expire_at_seconds;
	int r = fetch_document_render(credentials, grant->account_id,
				      grant->ends_at_seconds, &clock_system, &document,
				      &expire_at_seconds, error);

	if (r < 0)
		return r;
	answer->object = json_pack("{s:I, s:s, s:I}", "credentials_expire_at",
				   (json_int_t)expire_at_seconds, "access_key_id",
				   credentials->access_key_id, "clock_skew_seconds",
				   (json_int_t)exchange->skews.sts_seconds);
	if (!answer->object ||
	    buffer_add(&answer->payload, document.bytes, document.used) < 0)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return 0;
}

static int exchange_grant(struct exchange *exchange, json_t *call,
			  struct fetch_answer *answer, struct error *error)
{
	scoped(sts_credentials_wipe) struct sts_credentials credentials = {
		.expires_at_seconds = 0
	};
	scoped(fetch_grant_done) struct fetch_grant grant = { .json = NULL };
	int r = get_grant(exchange, call, &grant, &answer->retry_seconds, error);

	if (r == 0)
		r = assume_role(exchange, &grant, &credentials, &answer->retry_seconds,
				error);
	if (r == 0)
		r = render(exchange, &grant, &credentials, answer, error);
	if (r < 0)
		explain_clocks(&exchange->skews, error);
	return r;
}

int fetch_credentials_run(struct http *http, json_t *job, struct fetch_answer *answer,
			  struct error *error)
{
	struct exchange exchange = { .http = http, .ca_file = "" };
	json_int_t deadline_ms, payload;
	const char *name;
	json_t *call;
	int r = json_read(job, error, "{s:s, s:o, s:s, s:I, s:I !}", "job", &name,
			  "grant", &call, "sts_url", &exchange.sts_url, "deadline_ms",
			  &deadline_ms, "payload", &payload);

	if (r == 0)
		r = fetch_deadline_check(deadline_ms, error);
	if (r < 0)
		return r;
	exchange.retry = retry_begin(deadline_ms);
	return exchange_grant(&exchange, call, answer, error);
}
