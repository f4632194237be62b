/* SPDX-License-Identifier: MIT */
#include "aws/sts.h"

#include "aws/query.h"
#include "aws/retry.h"
#include "base/cleanup.h"
#include "base/clock.h"

/* One try is kept short, so that a stalled one leaves time for another. */
#define TRY_LONGEST_MS 10000
#define FORM_MAX ((size_t)96 * 1024)

static int add_fields(struct buffer *form, const struct sts_request *request)
{
	int r = query_add(form, "Action", "AssumeRoleWithWebIdentity");

	if (r == 0)
		r = query_add(form, "Version", "2011-06-15");
	if (r == 0)
		r = query_add(form, "RoleArn", request->role_arn);
	if (r == 0)
		r = query_add(form, "RoleSessionName", request->session_name);
	if (r == 0)
		r = query_add_integer(form, "DurationSeconds", request->duration_seconds);
	if (r == 0 && request->policy[0])
		r = query_add(form, "Policy", request->policy);
	if (r == 0)
		r = query_add(form, "WebIdentityToken", request->token);
	return r;
}

static int try_once(struct http *http, const struct http_request *call,
		    struct sts_credentials *credentials, struct sts_outcome *outcome,
		    bool *should_retry, struct error *error)
{
	scoped(http_answer_done) struct http_answer answer = HTTP_ANSWER_INIT;
	int r = http_call(http, call, &answer, error);

	*should_retry = answer.may_pass;
	outcome->code[0] = '\0';
	outcome->retry_seconds = answer.may_pass ? 5 : -1;
	if (r < 0)
		return r;
	if (answer.date_seconds > 0) {
		outcome->date_seconds = answer.date_seconds;
		outcome->date_seen_at_seconds = clock_wall_seconds(&clock_system);
	}
	return sts_read_answer(answer.status, answer.body.bytes, answer.body.used,
			       credentials, outcome, should_retry, error);
}

int sts_assume_role(struct http *http, const struct sts_request *request,
		    struct sts_credentials *credentials, struct sts_outcome *outcome,
		    struct error *error)
{
	static const char *const headers[] = {
		"Content-Type: application/x-www-form-urlencoded", "Accept: text/xml",
		NULL
	};
	scoped(buffer_done) struct buffer form = BUFFER_WITH_LIMIT(FORM_MAX);
	struct retry retry = retry_begin(request->deadline_ms);
	struct http_request call = {
		.method = "POST",
		.url = request->url,
		.headers = headers,
		.ca_file = request->ca_file,
		.stop = request->stop,
	};
	bool should_retry;
	int r;

	*outcome = (struct sts_outcome){ .retry_seconds = -1 };
	retry.stop = request->stop;
	if (add_fields(&form, request) < 0)
		return error_set(error, ERROR_LIMIT, "the grant is too long for STS");
	call.body = form.bytes;
	call.body_length = form.used;
	do {
		call.deadline_ms = retry_left_ms(&retry);
		if (call.deadline_ms > TRY_LONGEST_MS)
			call.deadline_ms = TRY_LONGEST_MS;
		r = try_once(http, &call, credentials, outcome, &should_retry, error);
	} while (r < 0 && should_retry && retry_wait(&retry));
	return r;
}
