/* SPDX-License-Identifier: MIT */
#include "aws/iam-call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "aws/endpoint.h"
#include "aws/query.h"
#include "aws/signed.h"
#include "aws/url.h"
#include "base/cleanup.h"

#define MARKER_SIZE 1024
#define PAGES_MAX 1000

struct iam {
	struct http *http;
	struct endpoint endpoint;
	char url[URL_MAX + 1];
	struct signed_service service;
	bool may_be_late;
};

/* What IAM answers with, where its caller is to know. */
static const struct {
	const char *code;
	int r;
} results[] = {
	{ "NoSuchEntity", -ENOENT },
	{ "EntityAlreadyExists", -EEXIST },
	{ "LimitExceeded", -EDQUOT },
	{ "DeleteConflict", -EBUSY },
	{ "EntityTemporarilyUnmodifiable", -EAGAIN },
	{ "InvalidClientTokenId", -EKEYREJECTED },
	{ "UnrecognizedClientException", -EKEYREJECTED },
	{ "SignatureDoesNotMatch", -EKEYREJECTED },
	{ "IncompleteSignature", -EKEYREJECTED },
	{ "MissingAuthenticationToken", -EKEYREJECTED },
	{ "RequestExpired", -EKEYREJECTED },
};

int iam_new(const struct iam_config *config, struct iam **iam, struct error *error)
{
	scoped(iam_freep) struct iam *new = calloc(1, sizeof(*new));
	struct url_traits traits;
	const char *url = config->url;
	int r;

	if (!new || !(new->http = http_new()))
		return error_set(error, ERROR_INTERNAL, "out of memory");
	r = endpoint_iam(config->region, &new->endpoint, error);
	if (r == 0 && !(url && *url))
		url = new->endpoint.url;
	if (r == 0)
		r = url_check(url, &traits, error);
	if (r < 0)
		return r;
	memcpy(new->url, url, strlen(url) + 1);
	new->service = (struct signed_service){
		.title = "IAM",
		.name = "iam",
		.version = "2010-05-08",
		.url = new->url,
		.region = new->endpoint.region,
		.ca_file = config->ca_file,
		.credentials = config->credentials,
		.deadline_ms = config->deadline_ms,
		.stop = config->stop,
		.may_be_late = &new->may_be_late,
	};
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

bool iam_may_be_late(const struct iam *iam)
{
	return iam->may_be_late;
}

int iam_form_begin(struct iam *iam, struct buffer *form, const char *action,
		   const struct iam_parameter *parameters)
{
	return signed_form_begin(form, &iam->service, action, parameters);
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
	if (r == 0 && error)
		error->kind = ERROR_NONE;
	return r;
}

int iam_call(struct iam *iam, const struct buffer *form, xml_element_fn *on_element,
	     void *data, struct error *error)
{
	scoped(http_answer_done) struct http_answer answer = HTTP_ANSWER_INIT;
	char code[QUERY_CODE_SIZE];
	int r = signed_call(iam->http, &iam->service, form, &answer, code, error);

	for (size_t i = 0; r < 0 && i < sizeof(results) / sizeof(*results); i++)
		if (strcmp(results[i].code, code) == 0)
			return results[i].r;
	if (r < 0 || !on_element)
		return r;
	return read_answer(&answer, on_element, data, error);
}

int iam_call_action(struct iam *iam, const char *action,
		    const struct iam_parameter *parameters, xml_element_fn *on_element,
		    void *data, struct error *error)
{
	scoped(buffer_done) struct buffer form = BUFFER_WITH_LIMIT(IAM_FORM_MAX);

	if (iam_form_begin(iam, &form, action, parameters) < 0)
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
	int r = iam_form_begin(iam, &form, action, parameters);

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
