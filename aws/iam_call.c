/* SPDX-License-Identifier: MIT */
#include "aws/iam_call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "aws/http.h"
#include "aws/query.h"
#include "aws/retry.h"
#include "aws/url.h"
#include "base/cleanup.h"

#define VERSION "2010-05-08"
#define FORM_MAX ((size_t)128 * 1024)
#define TRY_LONGEST_MS 10000
#define MARKER_SIZE 1024
#define PAGES_MAX 1000

struct iam {
	struct http *http;
	struct endpoint endpoint;
	char url[URL_MAX + 1];
	struct iam_config config;
};

int iam_new(const struct iam_config *config, struct iam **iam, struct error *error)
{
	scoped(iam_freep) struct iam *new = calloc(1, sizeof(*new));
	struct url_traits traits;
	const char *url = config->url;
	int r;

	if (!new || !(new->http = http_new()))
		return error_set(error, ERROR_INTERNAL, "out of memory");
	new->config = *config;
	r = endpoint_iam(config->region, &new->endpoint, error);
	if (r == 0 && !(url && *url))
		url = new->endpoint.url;
	if (r == 0)
		r = url_check(url, &traits, error);
	if (r < 0)
		return r;
	memcpy(new->url, url, strlen(url) + 1);
	*iam = take(new);
	return 0;
}

struct iam *iam_free(struct iam *iam)
{
	if (iam)
		http_free(iam->http);
	free(iam);
	return NULL;
}

int iam_form_begin(struct buffer *form, const char *action,
		   const struct iam_parameter *parameters)
{
	int r = query_add(form, "Action", action);

	if (r == 0)
		r = query_add(form, "Version", VERSION);
	for (; r == 0 && parameters->name; parameters++)
		if (parameters->value)
			r = query_add(form, parameters->name, parameters->value);
	return r;
}

static int set_refusal(const struct http_answer *answer, enum query_action *action,
		       struct error *error)
{
	struct query_refusal refusal;
	int r;

	query_refusal_read(answer->status, answer->body.bytes, answer->body.used,
			   &refusal);
	*action = refusal.action;
	r = query_refusal_error("IAM", answer->status, &refusal, error);
	if (strcmp(refusal.code, "NoSuchEntity") == 0)
		return -ENOENT;
	return strcmp(refusal.code, "EntityAlreadyExists") == 0 ? -EEXIST : r;
}

/* One try; its answer, if it is a good one, stays in *answer. */
static int try_once(struct iam *iam, const struct buffer *form, int64_t deadline_ms,
		    struct http_answer *answer, enum query_action *action,
		    struct error *error)
{
	static const char *const headers[] = {
		"Content-Type: application/x-www-form-urlencoded", NULL
	};
	scoped(credentials_wipe) struct credentials keys = { .expires_at_seconds = 0 };
	const struct http_signing signing = {
		.region = iam->endpoint.region,
		.service = "iam",
		.access_key_id = keys.access_key_id,
		.secret_access_key = keys.secret_access_key,
		.session_token = keys.session_token,
	};
	const struct http_request request = {
		.method = "POST",
		.url = iam->url,
		.headers = headers,
		.body = form->bytes,
		.body_length = form->used,
		.ca_file = iam->config.ca_file,
		.signing = &signing,
		.deadline_ms = deadline_ms,
	};
	int r = credentials_get(iam->config.credentials, &keys, error);

	*action = QUERY_GIVE_UP;
	if (r < 0)
		return r;
	r = http_call(iam->http, &request, answer, error);
	if (r < 0) {
		*action = answer->may_pass ? QUERY_RETRY : QUERY_GIVE_UP;
		return r;
	}
	return answer->status == 200 ? 0 : set_refusal(answer, action, error);
}

/* Keys that AWS calls expired are fetched anew and tried once more. */
static bool should_retry(struct iam *iam, enum query_action action, struct retry *retry)
{
	if (action == QUERY_NEW_TOKEN && retry->tries > 0)
		return false;
	if (action == QUERY_NEW_TOKEN)
		credentials_forget(iam->config.credentials);
	return action != QUERY_GIVE_UP && retry_wait(retry);
}

static int read_answer(const struct http_answer *answer, xml_element_fn *on_element,
		       void *data, struct error *error)
{
	struct error why = { .kind = ERROR_NONE };
	int r;

	/* For a reader that stops without words of its own. */
	error_set(error, ERROR_UNREACHABLE, "the answer of IAM cannot be used");
	r = xml_read(answer->body.bytes, answer->body.used, on_element, data, &why);
	if (r < 0 && why.kind != ERROR_NONE)
		return error_set(error, why.kind, "the answer of IAM %s", why.text);
	return r;
}

int iam_call(struct iam *iam, const struct buffer *form, xml_element_fn *on_element,
	     void *data, struct error *error)
{
	scoped(http_answer_done) struct http_answer answer = HTTP_ANSWER_INIT;
	struct retry retry = retry_begin(iam->config.deadline_ms);
	enum query_action action;
	int r;

	do {
		int64_t left_ms = retry_left_ms(&retry);

		r = try_once(iam, form,
			     left_ms < TRY_LONGEST_MS ? left_ms : TRY_LONGEST_MS, &answer,
			     &action, error);
	} while (r < 0 && should_retry(iam, action, &retry));
	if (r < 0 || !on_element)
		return r;
	return read_answer(&answer, on_element, data, error);
}

int iam_call_action(struct iam *iam, const char *action,
		    const struct iam_parameter *parameters, xml_element_fn *on_element,
		    void *data, struct error *error)
{
	scoped(buffer_done) struct buffer form = BUFFER_WITH_LIMIT(IAM_FORM_MAX);

	if (iam_form_begin(&form, action, parameters) < 0)
		return error_set(error, ERROR_LIMIT, "too long a call of IAM");
	return iam_call(iam, &form, on_element, data, error);
}

/* Stands between the pages and the caller, and takes note of the next one. */
struct paging {
	xml_element_fn *on_element;
	void *data;
	bool is_truncated;
	char marker[MARKER_SIZE];
};

static int on_page_element(void *data, const char *path, const char *text)
{
	struct paging *paging = data;

	if (strstr(path, "Result/Marker")) {
		if (strlen(text) >= sizeof(paging->marker))
			return -EMSGSIZE;
		memcpy(paging->marker, text, strlen(text) + 1);
		return 0;
	}
	if (strstr(path, "Result/IsTruncated")) {
		paging->is_truncated = strcmp(text, "true") == 0;
		return 0;
	}
	return paging->on_element(paging->data, path, text);
}

static int call_page(struct iam *iam, const char *action,
		     const struct iam_parameter *parameters, struct paging *paging,
		     struct error *error)
{
	scoped(buffer_done) struct buffer form = BUFFER_WITH_LIMIT(IAM_FORM_MAX);
	int r = iam_form_begin(&form, action, parameters);

	if (r == 0 && paging->marker[0])
		r = query_add(&form, "Marker", paging->marker);
	if (r < 0)
		return error_set(error, ERROR_LIMIT, "too long a call of IAM");
	paging->is_truncated = false;
	paging->marker[0] = '\0';
	return iam_call(iam, &form, on_page_element, paging, error);
}

int iam_call_pages(struct iam *iam, const char *action,
		   const struct iam_parameter *parameters, xml_element_fn *on_element,
		   void *data, struct error *error)
{
	struct paging paging = { .on_element = on_element, .data = data };

	for (int page = 0; page < PAGES_MAX; page++) {
		int r = call_page(iam, action, parameters, &paging, error);

		if (r < 0 || !paging.is_truncated)
			return r;
		if (!paging.marker[0])
			return error_set(error, ERROR_UNREACHABLE,
					 "the answer of IAM is cut off without a Marker");
	}
	return error_set(error, ERROR_LIMIT, "a list of IAM has too many pages");
}
