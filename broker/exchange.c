/* SPDX-License-Identifier: MIT */
#include "broker/exchange.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/output.h"
#include "broker/forwarded.h"
#include "broker/routes.h"

#define STATUS_TOO_LARGE 413

struct exchange {
	struct exchanges *all;
	struct MHD_Connection *connection;
	struct call call;
	struct waiter waiter;
	struct buffer body;
	bool has_begun;
	bool is_too_large;
	char uri[]; /* "" if it is too large */
};

void exchanges_init(struct exchanges *exchanges)
{
	*exchanges = (struct exchanges){ .trusted_proxy = "" };
	pthread_mutex_init(&exchanges->lock, NULL);
	pthread_cond_init(&exchanges->is_idle, NULL);
}

void exchanges_done(struct exchanges *exchanges)
{
	pthread_cond_destroy(&exchanges->is_idle);
	pthread_mutex_destroy(&exchanges->lock);
}

static size_t path_length(const char *url)
{
	const char *host = strstr(url, "://");
	const char *path = host ? strchr(host + 3, '/') : NULL;

	return path ? strlen(path) : 0;
}

void exchanges_open(struct exchanges *exchanges, struct broker *broker)
{
	exchanges->broker = broker;
	exchanges->prefix_length = path_length(broker->issuer);
}

void exchanges_drain(struct exchanges *exchanges, unsigned int seconds)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += seconds;
	pthread_mutex_lock(&exchanges->lock);
	while (exchanges->count > 0 &&
	       pthread_cond_clockwait(&exchanges->is_idle, &exchanges->lock,
				      CLOCK_MONOTONIC, &until) == 0)
		continue;
	pthread_mutex_unlock(&exchanges->lock);
}

static void count_one(struct exchanges *exchanges, int by)
{
	pthread_mutex_lock(&exchanges->lock);
	exchanges->count = by > 0 ? exchanges->count + 1 : exchanges->count - 1;
	if (exchanges->count == 0)
		pthread_cond_signal(&exchanges->is_idle);
	pthread_mutex_unlock(&exchanges->lock);
}

/* The only place where libmicrohttpd shows the target as it was sent. */
void *exchange_begin(void *data, const char *uri, struct MHD_Connection *connection)
{
	size_t length = strlen(uri);
	bool is_too_large = length > CALL_URI_MAX;
	struct exchange *exchange = calloc(1, sizeof(*exchange) + 1 +
						  (is_too_large ? 0 : length));

	if (!exchange)
		return NULL;
	exchange->all = data;
	exchange->connection = connection;
	exchange->body = (struct buffer)BUFFER_WITH_LIMIT(CALL_BODY_MAX);
	exchange->is_too_large = is_too_large;
	if (!is_too_large)
		memcpy(exchange->uri, uri, length);
	count_one(exchange->all, 1);
	return exchange;
}

void exchange_end(void *data, struct MHD_Connection *connection, void **state,
		  enum MHD_RequestTerminationCode code)
{
	struct exchange *exchange = *state;

	(void)data;
	(void)connection;
	(void)code;
	if (!exchange)
		return;
	count_one(exchange->all, -1);
	call_done(&exchange->call);
	buffer_done(&exchange->body);
	free(exchange);
	*state = NULL;
}

static bool copy_header(struct MHD_Connection *connection, const char *name, char *out,
			size_t size)
{
	const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							name);

	if (!value || strlen(value) >= size)
		return false;
	memcpy(out, value, strlen(value) + 1);
	return true;
}

/* Of several lines the last: a proxy may add its own behind the caller's. */
static enum MHD_Result keep_forwarded(void *data, enum MHD_ValueKind kind,
				      const char *name, const char *value)
{
	const char **forwarded = data;

	(void)kind;
	if (strcasecmp(name, "X-Forwarded-For") == 0)
		*forwarded = value;
	return MHD_YES;
}

static void read_headers(struct exchange *exchange)
{
	struct MHD_Connection *connection = exchange->connection;
	struct signature_headers *headers = &exchange->call.headers;
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							 MHD_HTTP_HEADER_CONTENT_LENGTH);
	const char *forwarded = NULL;

	exchange->call.has_headers = copy_header(connection, "Content-Digest",
						 headers->content_digest,
						 sizeof(headers->content_digest)) &&
				     copy_header(connection, "Signature-Input",
						 headers->signature_input,
						 sizeof(headers->signature_input)) &&
				     copy_header(connection, "Signature",
						 headers->signature,
						 sizeof(headers->signature));
	MHD_get_connection_values(connection, MHD_HEADER_KIND, keep_forwarded,
				  &forwarded);
	forwarded_peer_name(info ? info->client_addr : NULL, exchange->all->trusted_proxy,
			    forwarded, exchange->call.address,
			    sizeof(exchange->call.address));
	if (length && strtoull(length, NULL, 10) > CALL_BODY_MAX)
		exchange->is_too_large = true;
}

static void free_text(void *text)
{
	json_text_free(text);
}

static enum MHD_Result send_json(struct MHD_Connection *connection, int status,
				 json_t *answer)
{
	char *text = answer ? json_text(answer) : NULL;
	struct MHD_Response *response;
	enum MHD_Result result;

	if (!text)
		return MHD_NO;
	response = MHD_create_response_from_buffer_with_free_callback(strlen(text), text,
								      free_text);
	if (!response) {
		json_text_free(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
				"application/json");
	MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	result = MHD_queue_response(connection, (unsigned int)status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result send_too_large(struct MHD_Connection *connection)
{
	struct error error;
	json_auto_t *answer = NULL;

	error_set(&error, ERROR_LIMIT, "a call is at most %d bytes, its target %d",
		  CALL_BODY_MAX, CALL_URI_MAX);
	answer = error_json(&error);
	return send_json(connection, STATUS_TOO_LARGE, answer);
}

static void on_wake(struct waiter *waiter)
{
	struct exchange *exchange = (struct exchange *)((char *)waiter -
							offsetof(struct exchange,
								 waiter));

	exchange->call.has_waited = true;
	MHD_resume_connection(exchange->connection);
}

/* A resumed connection is answered by another turn of exchange_go_on(). */
static void wait_for_change(struct exchange *exchange)
{
	struct call *call = &exchange->call;
	int r;

	exchange->waiter.wake = on_wake;
	MHD_suspend_connection(exchange->connection);
	r = hub_wait(exchange->all->broker->hub,
		     call->wait_topic[0] ? call->wait_topic : call->user,
		     call->wait_since, call->wait_seconds, &exchange->waiter);
	if (r == 0)
		return;
	call->has_waited = r != -EALREADY;
	call->cannot_wait = r == -ESHUTDOWN;
	MHD_resume_connection(exchange->connection);
}

/* Drops the path of the issuer, if the proxy in front left it there. */
static const char *own_target(const struct exchange *exchange)
{
	size_t length = exchange->all->prefix_length;
	const char *issuer = exchange->all->broker->issuer;
	const char *prefix = issuer + strlen(issuer) - length;

	if (length > 0 && strncmp(exchange->uri, prefix, length) == 0)
		return exchange->uri + length;
	return exchange->uri;
}

static enum MHD_Result answer_call(struct exchange *exchange, const char *method)
{
	struct call *call = &exchange->call;
	json_auto_t *answer = NULL;
	int status;

	call->method = method;
	call->uri = own_target(exchange);
	call->body = exchange->body.bytes;
	call->body_length = exchange->body.used;
	status = routes_answer(exchange->all->broker, call, &answer);
	if (status == 0) {
		wait_for_change(exchange);
		return MHD_YES;
	}
	return send_json(exchange->connection, status, answer);
}

/*
 * Called once for the headers, then for each piece of the body, then for its
 * end.  Answering only then keeps the connection usable (and is far faster).
 */
enum MHD_Result exchange_go_on(void *data, struct MHD_Connection *connection,
			       const char *url, const char *method, const char *version,
			       const char *piece, size_t *piece_length, void **state)
{
	struct exchange *exchange = *state;

	(void)data;
	(void)url;
	(void)version;
	if (!exchange)
		return MHD_NO;
	if (!exchange->has_begun) {
		exchange->has_begun = true;
		read_headers(exchange);
		return exchange->is_too_large ? send_too_large(connection) : MHD_YES;
	}
	if (*piece_length > 0) {
		if (buffer_add(&exchange->body, piece, *piece_length) < 0)
			return MHD_NO;
		*piece_length = 0;
		return MHD_YES;
	}
	return answer_call(exchange, method);
}
