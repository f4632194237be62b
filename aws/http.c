/* SPDX-License-Identifier: MIT */
#include "aws/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>

#include "aws/http-error.h"
#include "aws/url.h"
#include "base/cleanup.h"
#include "base/wiping.h"

struct http {
	CURL *curl;
};

/* What the callbacks of one call share. */
struct transfer {
	struct url_traits url;
	struct http_answer *answer;
	const atomic_bool *stop;
	size_t header_bytes;
	struct http_outcome outcome;
};

int http_init(void)
{
	return curl_global_init_mem(CURL_GLOBAL_DEFAULT, wiping_malloc, wiping_free,
				    wiping_realloc, wiping_strdup,
				    wiping_calloc) == CURLE_OK
		   ? 0
		   : -EIO;
}

struct http *http_new(void)
{
	struct http *http = calloc(1, sizeof(*http));

	if (!http)
		return NULL;
	http->curl = curl_easy_init();
	return http->curl ? http : http_free(http);
}

struct http *http_free(struct http *http)
{
	if (http && http->curl)
		curl_easy_cleanup(http->curl);
	free(http);
	return NULL;
}

void http_answer_done(struct http_answer *answer)
{
	buffer_done(&answer->body);
}

/* Called before each connection: the address, not the name, is what counts. */
static curl_socket_t open_socket(void *data, curlsocktype purpose,
				 struct curl_sockaddr *address)
{
	struct transfer *transfer = data;

	(void)purpose;
	if (transfer->url.is_plain && !address_is_loopback(&address->addr)) {
		transfer->outcome.left_loopback = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC,
		      address->protocol);
}

/* What Content-Length says is not believed; what comes is counted. */
static size_t take_body(char *bytes, size_t one, size_t count, void *data)
{
	struct transfer *transfer = data;

	(void)one;
	if (buffer_add(&transfer->answer->body, bytes, count) < 0) {
		transfer->outcome.is_too_long = true;
		return 0;
	}
	return count;
}

static size_t take_header(char *bytes, size_t one, size_t count, void *data)
{
	struct transfer *transfer = data;

	(void)one;
	(void)bytes;
	transfer->header_bytes += count;
	if (transfer->header_bytes > HTTP_HEADERS_MAX) {
		transfer->outcome.is_too_long = true;
		return 0;
	}
	return count;
}

/* Called at least once a second. */
static int may_go_on(void *data, curl_off_t expected, curl_off_t got, curl_off_t to_send,
		     curl_off_t sent)
{
	const struct transfer *transfer = data;

	(void)expected;
	(void)got;
	(void)to_send;
	(void)sent;
	return transfer->stop && atomic_load(transfer->stop);
}

static void slist_freep(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

static int add_header(struct curl_slist **list, const char *header, struct error *error)
{
	struct curl_slist *longer;

	if (strpbrk(header, "\r\n"))
		return error_set(error, ERROR_USAGE, "a header holds a line break");
	longer = curl_slist_append(*list, header);
	if (!longer)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	*list = longer;
	return 0;
}

static int collect_headers(const struct http_request *request, struct curl_slist **list,
			   struct error *error)
{
	const struct http_signing *signing = request->signing;
	int r = 0;

	for (size_t i = 0; r == 0 && request->headers && request->headers[i]; i++)
		r = add_header(list, request->headers[i], error);
	if (r == 0 && signing && signing->session_token[0]) {
		scoped(buffer_done) struct buffer line = BUFFER_WITH_LIMIT((size_t)16 *
									   1024);

		if (buffer_print(&line, "X-Amz-Security-Token: %s",
				 signing->session_token) < 0)
			return error_set(error, ERROR_USAGE,
					 "a session token is too long");
		r = add_header(list, line.bytes, error);
	}
	return r;
}

static CURLcode set_limits(CURL *curl, const struct http_request *request,
			   const struct transfer *transfer)
{
	long deadline = (long)request->deadline_ms;
	const struct {
		CURLoption option;
		long value;
	} limits[] = {
		{ CURLOPT_SSL_VERIFYPEER, 1 },
		{ CURLOPT_SSL_VERIFYHOST, 2 },
		{ CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
		{ CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
		{ CURLOPT_FOLLOWLOCATION, 0 },
		{ CURLOPT_NETRC, CURL_NETRC_IGNORED },
		{ CURLOPT_PATH_AS_IS, 1 },
		{ CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
		{ CURLOPT_NOSIGNAL, 1 },
		{ CURLOPT_QUICK_EXIT, 1 }, /* no wait for a resolver past the deadline */
		{ CURLOPT_TIMEOUT_MS, deadline },
		{ CURLOPT_CONNECTTIMEOUT_MS,
		  deadline < HTTP_CONNECT_MS ? deadline : HTTP_CONNECT_MS },
	};
	CURLcode code = CURLE_OK;

	for (size_t i = 0; code == CURLE_OK && i < sizeof(limits) / sizeof(*limits); i++)
		code = curl_easy_setopt(curl, limits[i].option, limits[i].value);
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR,
					transfer->url.is_plain ? "http" : "https");
	if (code == CURLE_OK && transfer->url.is_plain)
		code = curl_easy_setopt(curl, CURLOPT_PROXY, "");
	if (code == CURLE_OK && request->ca_file && request->ca_file[0])
		code = curl_easy_setopt(curl, CURLOPT_CAINFO, request->ca_file);
	return code;
}

static CURLcode set_callbacks(CURL *curl, struct transfer *transfer)
{
	CURLcode code = curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);

	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, transfer);
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_WRITEDATA, transfer);
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
	if (code == CURLE_OK && transfer->stop)
		code = curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, may_go_on);
	if (code == CURLE_OK && transfer->stop)
		code = curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
	if (code == CURLE_OK && transfer->stop)
		code = curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	return code;
}

static CURLcode set_signing(CURL *curl, const struct http_signing *signing)
{
	scoped(buffer_done) struct buffer scope = BUFFER_WITH_LIMIT(256);
	CURLcode code;

	if (buffer_print(&scope, "aws:amz:%s:%s", signing->region, signing->service) < 0)
		return CURLE_OUT_OF_MEMORY;
	code = curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, scope.bytes);
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_USERNAME, signing->access_key_id);
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_PASSWORD,
					signing->secret_access_key);
	return code;
}

/*
 * CUSTOMREQUEST alone would still wait for the body of an answer to HEAD, and
 * send a POST without a body no Content-Length.
 */
static CURLcode set_message(CURL *curl, const struct http_request *request,
			    struct curl_slist *headers)
{
	bool has_body = request->body || strcmp(request->method, "POST") == 0;
	CURLcode code = curl_easy_setopt(curl, CURLOPT_URL, request->url);

	if (code == CURLE_OK && has_body)
		code = curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
					(curl_off_t)request->body_length);
	if (code == CURLE_OK && has_body)
		code = curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
					request->body ? request->body : "");
	if (code == CURLE_OK && strcmp(request->method, "HEAD") == 0)
		code = curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	if (code == CURLE_OK && request->signing)
		code = set_signing(curl, request->signing);
	return code;
}

static void read_head(CURL *curl, struct http_answer *answer)
{
	struct curl_header *date;
	long status = 0;
	time_t when;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	answer->status = (int)status;
	answer->date_seconds = 0;
	if (curl_easy_header(curl, "Date", 0, CURLH_HEADER, -1, &date) != CURLHE_OK)
		return;
	when = curl_getdate(date->value, NULL);
	answer->date_seconds = when > 0 ? when : 0;
}

static CURLcode perform(CURL *curl, const struct http_request *request,
			struct curl_slist *headers, struct transfer *transfer)
{
	CURLcode code;

	curl_easy_reset(curl);
	code = set_limits(curl, request, transfer);
	if (code == CURLE_OK)
		code = set_callbacks(curl, transfer);
	if (code == CURLE_OK)
		code = set_message(curl, request, headers);
	if (code == CURLE_OK)
		code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_SSL_VERIFYRESULT,
			  &transfer->outcome.verify_result);
	if (code == CURLE_OK)
		read_head(curl, transfer->answer);
	/* What the handle still knows of this call: body, headers, keys. */
	curl_easy_reset(curl);
	return code;
}

int http_call(struct http *http, const struct http_request *request,
	      struct http_answer *answer, struct error *error)
{
	scoped(slist_freep) struct curl_slist *headers = NULL;
	struct transfer transfer = { .answer = answer, .stop = request->stop };
	int r = url_check(request->url, &transfer.url, error);

	answer->may_pass = false;
	buffer_done(&answer->body);
	if (r == 0 && request->deadline_ms < 1)
		return error_set(error, ERROR_UNREACHABLE, "no time left to call %s",
				 transfer.url.host);
	if (r == 0)
		r = collect_headers(request, &headers, error);
	if (r < 0)
		return r;
	transfer.outcome.code = perform(http->curl, request, headers, &transfer);
	if (transfer.outcome.code == CURLE_OK) {
		/* An empty body is still a text. */
		return buffer_add(&answer->body, "", 0) == 0
			   ? 0
			   : error_set(error, ERROR_INTERNAL, "out of memory");
	}
	buffer_done(&answer->body);
	return http_error_set(&transfer.outcome, transfer.url.host, &answer->may_pass,
			      error);
}
