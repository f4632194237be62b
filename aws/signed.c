/* SPDX-License-Identifier: MIT */
#include "aws/signed.h"

#include <errno.h>
#include <string.h>

#include "aws/retry.h"
#include "base/cleanup.h"

/* One try is kept short, so that a stalled one leaves time for another. */
#define TRY_LONGEST_MS 10000

int signed_form_begin(struct buffer *form, const struct signed_service *service,
		      const char *action, const struct signed_parameter *parameters)
{
	int r = query_add(form, "Action", action);

	if (r == 0)
		r = query_add(form, "Version", service->version);
	for (; r == 0 && parameters->name; parameters++)
		if (parameters->value)
			r = query_add(form, parameters->name, parameters->value);
	return r;
}

static void note_late(const struct signed_service *service)
{
	if (service->may_be_late)
		*service->may_be_late = true;
}

static int set_refusal(const struct signed_service *service,
		       const struct http_answer *answer, enum query_action *action,
		       char code[static QUERY_CODE_SIZE], struct error *error)
{
	struct query_refusal refusal;

	query_refusal_read(answer->status, answer->body.bytes, answer->body.used,
			   &refusal);
	*action = refusal.action;
	if (answer->status >= 500)
		note_late(service);
	memcpy(code, refusal.code, QUERY_CODE_SIZE);
	return query_refusal_error(service->title, answer->status, &refusal, error);
}

/* One try; its answer, if it is a good one, stays in *answer. */
static int try_once(struct http *http, const struct signed_service *service,
		    const struct buffer *form, int64_t deadline_ms,
		    struct http_answer *answer, enum query_action *action,
		    char code[static QUERY_CODE_SIZE], struct error *error)
{
	static const char *const headers[] = {
		"Content-Type: application/x-www-form-urlencoded", "Accept: text/xml",
		NULL
	};
	scoped(credentials_wipe) struct credentials keys = { .expires_at_seconds = 0 };
	const struct http_signing signing = {
		.region = service->region,
		.service = service->name,
		.access_key_id = keys.access_key_id,
		.secret_access_key = keys.secret_access_key,
		.session_token = keys.session_token,
	};
	const struct http_request request = {
		.method = "POST",
		.url = service->url,
		.headers = headers,
		.body = form->bytes,
		.body_length = form->used,
		.ca_file = service->ca_file,
		.signing = &signing,
		.deadline_ms = deadline_ms,
		.stop = service->stop,
	};
	int r = credentials_get(service->credentials, &keys, error);

	*action = QUERY_GIVE_UP;
	code[0] = '\0';
	if (r < 0)
		return r;
	r = http_call(http, &request, answer, error);
	if (r < 0) {
		*action = answer->may_pass ? QUERY_RETRY : QUERY_GIVE_UP;
		note_late(service);
		return r;
	}
	return answer->status == 200 ? 0
				     : set_refusal(service, answer, action, code, error);
}

/* Keys that AWS calls expired are fetched anew and tried once more. */
static bool should_retry(const struct signed_service *service, enum query_action action,
			 struct retry *retry)
{
	if (retry_is_stopped(retry))
		return false;
	if (action == QUERY_NEW_TOKEN && retry->tries > 0)
		return false;
	if (action == QUERY_NEW_TOKEN)
		credentials_forget(service->credentials);
	return action != QUERY_GIVE_UP && retry_wait(retry);
}

int signed_call(struct http *http, const struct signed_service *service,
		const struct buffer *form, struct http_answer *answer,
		char code[static QUERY_CODE_SIZE], struct error *error)
{
	struct retry retry = retry_begin(service->deadline_ms);
	enum query_action action;
	int r;

	retry.stop = service->stop;
	if (service->may_be_late)
		*service->may_be_late = false;
	do {
		int64_t left_ms = retry_left_ms(&retry);

		r = try_once(http, service, form,
			     left_ms < TRY_LONGEST_MS ? left_ms : TRY_LONGEST_MS, answer,
			     &action, code, error);
	} while (r < 0 && should_retry(service, action, &retry));
	return r < 0 && code[0] && action != QUERY_GIVE_UP ? -EAGAIN : r;
}
