/* SPDX-License-Identifier: MIT */
#include "agent/fetch-call.h"

#include <stdio.h>
#include <string.h>

#include "agent/fetch-job.h"
#include "base/cleanup.h"
#include "base/json.h"

/* RFC 9110, section 5.6.2: what a method or the name of a header is made of. */
static const char token_letters[] = "!#$%&'*+-.^_`|~0123456789"
				    "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static bool is_token(const char *text)
{
	return *text && text[strspn(text, token_letters)] == '\0';
}

static bool is_header_value(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

int fetch_deadline_check(json_int_t deadline_ms, struct error *error)
{
	if (deadline_ms < 1 || deadline_ms > FETCH_DEADLINE_MAX_MS)
		return error_set(error, ERROR_USAGE, "a deadline is 1 to %d ms",
				 FETCH_DEADLINE_MAX_MS);
	return 0;
}

static int read_headers(json_t *headers, struct fetch_call *call, struct error *error)
{
	size_t count = 0;
	const char *name;
	json_t *value;

	if (json_object_size(headers) > FETCH_HEADERS_MAX)
		return error_set(error, ERROR_USAGE, "a call has at most %d headers",
				 FETCH_HEADERS_MAX);
	json_object_foreach(headers, name, value)
	{
		const char *text = json_string_value(value);

		if (!is_token(name) || !text || !*text || !is_header_value(text))
			return error_set(error, ERROR_USAGE, "a header is malformed");
		if (asprintf(&call->lines[count], "%s: %s", name, text) < 0) {
			call->lines[count] = NULL;
			return error_set(error, ERROR_INTERNAL, "out of memory");
		}
		count++;
	}
	call->request.headers = (const char *const *)call->lines;
	return 0;
}

int fetch_call_read(json_t *json, struct fetch_call *call, struct error *error)
{
	struct http_request *request = &call->request;
	json_t *headers, *body = NULL;
	const char *job = NULL;
	json_int_t deadline_ms, payload = 0;
	int r;

	*call = (struct fetch_call){ .request = { .method = NULL } };
	r = json_read(json, error, "{s?s, s:s, s:s, s:o, s:o, s:s, s:I, s?I !}", "job",
		      &job, "method", &request->method, "url", &request->url, "headers",
		      &headers, "body", &body, "ca_file", &request->ca_file,
		      "deadline_ms", &deadline_ms, "payload", &payload);
	if (r == 0)
		r = fetch_deadline_check(deadline_ms, error);
	if (r < 0)
		return r;
	if (!is_token(request->method) || !json_is_object(headers) ||
	    !(json_is_string(body) || json_is_null(body)))
		return error_set(error, ERROR_USAGE, "a call is malformed");
	request->deadline_ms = deadline_ms;
	request->body = json_string_value(body);
	request->body_length = json_string_length(body);
	r = read_headers(headers, call, error);
	if (r < 0)
		fetch_call_done(call);
	return r;
}

void fetch_call_done(struct fetch_call *call)
{
	for (size_t i = 0; call->lines[i]; i++)
		free(take(call->lines[i]));
}

int fetch_call_run(struct http *http, json_t *job, struct fetch_answer *answer,
		   struct error *error)
{
	scoped(http_answer_done) struct http_answer got = HTTP_ANSWER_INIT;
	struct fetch_call call;
	int r = fetch_call_read(job, &call, error);

	if (r < 0)
		return r;
	r = http_call(http, &call.request, &got, error);
	fetch_call_done(&call);
	if (r < 0) {
		answer->retry_seconds = got.may_pass ? 5 : -1;
		return r;
	}
	answer->object = json_pack("{s:i, s:I}", "status", got.status, "date",
				   (json_int_t)got.date_seconds);
	if (!answer->object ||
	    buffer_add(&answer->payload, got.body.bytes, got.body.used) < 0)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return 0;
}
