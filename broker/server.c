/* SPDX-License-Identifier: MIT */
#include "broker/server.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/output.h"
#include "broker/forwarded.h"
#include "broker/listen.h"
#include "broker/routes.h"

#define THREADS 8
#define CONNECTIONS_MAX 16384
#define CONNECTION_MEMORY 8192
#define IDLE_SECONDS 75 /* more than the longest wait */
#define DRAIN_SECONDS 5
#define FILES_FOR_OTHER_THINGS 64
#define STATUS_TOO_LARGE 413

struct server {
	int fd;
	char url[LISTEN_URL_SIZE];
	size_t prefix_length; /* of the issuer's own path */
	const char *trusted_proxy;
	struct broker *broker;
	struct MHD_Daemon *daemon;
	pthread_mutex_t lock;
	pthread_cond_t is_idle;
	size_t calls; /* under way or waiting */
};

/* One call while it is here; lives from its first line to its last byte. */
struct exchange {
	struct server *server;
	struct MHD_Connection *connection;
	struct call call;
	struct waiter waiter;
	char *uri;
	struct buffer body;
	bool has_begun;
	bool is_too_large;
};

static void count_call(struct server *server, int by)
{
	pthread_mutex_lock(&server->lock);
	server->calls = by > 0 ? server->calls + 1 : server->calls - 1;
	if (server->calls == 0)
		pthread_cond_signal(&server->is_idle);
	pthread_mutex_unlock(&server->lock);
}

/* The only place where libmicrohttpd shows the target as it was sent. */
static void *on_first_line(void *data, const char *uri, struct MHD_Connection *connection)
{
	struct server *server = data;
	struct exchange *exchange = calloc(1, sizeof(*exchange));

	if (!exchange)
		return NULL;
	exchange->server = server;
	exchange->connection = connection;
	exchange->body = (struct buffer)BUFFER_WITH_LIMIT(CALL_BODY_MAX);
	exchange->is_too_large = strlen(uri) > CALL_URI_MAX;
	exchange->uri = exchange->is_too_large ? NULL : strdup(uri);
	count_call(server, 1);
	return exchange;
}

static void on_completed(void *data, struct MHD_Connection *connection, void **state,
			 enum MHD_RequestTerminationCode code)
{
	struct exchange *exchange = *state;

	(void)data;
	(void)connection;
	(void)code;
	if (!exchange)
		return;
	count_call(exchange->server, -1);
	call_done(&exchange->call);
	buffer_done(&exchange->body);
	free(exchange->uri);
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
	forwarded_peer_name(info ? info->client_addr : NULL,
			    exchange->server->trusted_proxy, forwarded,
			    exchange->call.address, sizeof(exchange->call.address));
	if (length && strtoull(length, NULL, 10) > CALL_BODY_MAX)
		exchange->is_too_large = true;
}

static enum MHD_Result send_json(struct MHD_Connection *connection, int status,
				 json_t *answer)
{
	scoped(json_text_freep) char *text = answer ? json_text(answer) : NULL;
	struct MHD_Response *response;
	enum MHD_Result result;

	if (!text)
		return MHD_NO;
	response = MHD_create_response_from_buffer(strlen(text), text,
						   MHD_RESPMEM_MUST_COPY);
	if (!response)
		return MHD_NO;
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

/* A resumed connection is answered by another turn of on_call(). */
static void wait_for_change(struct exchange *exchange)
{
	struct call *call = &exchange->call;
	int r;

	exchange->waiter.wake = on_wake;
	MHD_suspend_connection(exchange->connection);
	r = hub_wait(exchange->server->broker->hub,
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
	const struct server *server = exchange->server;
	size_t length = server->prefix_length;
	const char *prefix = server->broker->issuer + strlen(server->broker->issuer) -
			     length;

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
	status = routes_answer(exchange->server->broker, call, &answer);
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
static enum MHD_Result on_call(void *data, struct MHD_Connection *connection,
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
	return exchange->uri ? answer_call(exchange, method) : MHD_NO;
}

int server_listen(const char *address, bool has_tls, struct server **server,
		  struct error *error)
{
	struct server *new = calloc(1, sizeof(*new));
	int r;

	if (!new)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	r = listen_open(address, has_tls, &new->fd, new->url, error);
	if (r < 0) {
		free(new);
		return r;
	}
	new->trusted_proxy = "";
	pthread_mutex_init(&new->lock, NULL);
	pthread_cond_init(&new->is_idle, NULL);
	*server = new;
	return 0;
}

void server_trust_proxy(struct server *server, const char *address)
{
	server->trusted_proxy = address;
}

const char *server_url(const struct server *server)
{
	return server->url;
}

/* As many connections as this process may have files, up to our own limit. */
static unsigned int connection_limit(void)
{
	struct rlimit files = { 0 };

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return CONNECTIONS_MAX / THREADS;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur > CONNECTIONS_MAX + FILES_FOR_OTHER_THINGS)
		return CONNECTIONS_MAX;
	return files.rlim_cur > (rlim_t)2 * FILES_FOR_OTHER_THINGS
		   ? (unsigned int)files.rlim_cur - FILES_FOR_OTHER_THINGS
		   : FILES_FOR_OTHER_THINGS;
}

static size_t path_length(const char *url)
{
	const char *host = strstr(url, "://");
	const char *path = host ? strchr(host + 3, '/') : NULL;

	return path ? strlen(path) : 0;
}

int server_start(struct server *server, struct broker *broker, const char *certificate,
		 const char *key, struct error *error)
{
	unsigned int flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL |
			     MHD_ALLOW_SUSPEND_RESUME | (certificate ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)certificate },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0,
		  "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" },
		{ MHD_OPTION_END, 0, NULL },
	};

	server->broker = broker;
	server->prefix_length = path_length(broker->issuer);
	server->daemon = MHD_start_daemon(
	    flags, 0, NULL, NULL, on_call, server, MHD_OPTION_LISTEN_SOCKET, server->fd,
	    MHD_OPTION_URI_LOG_CALLBACK, on_first_line, server,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
	    MHD_OPTION_THREAD_POOL_SIZE, (unsigned int)THREADS,
	    MHD_OPTION_CONNECTION_LIMIT, connection_limit(),
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)IDLE_SECONDS,
	    certificate ? MHD_OPTION_ARRAY : MHD_OPTION_END, tls, MHD_OPTION_END);
	if (!server->daemon)
		return error_set(error, ERROR_INTERNAL,
				 certificate ? "cannot serve with that tls_certificate "
					       "and tls_key"
					     : "cannot start the HTTP server");
	return 0;
}

void server_stop(struct server *server)
{
	struct timespec until;

	if (!server->daemon)
		return;
	hub_close(server->broker->hub);
	MHD_quiesce_daemon(server->daemon);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += DRAIN_SECONDS;
	pthread_mutex_lock(&server->lock);
	while (server->calls > 0 &&
	       pthread_cond_clockwait(&server->is_idle, &server->lock, CLOCK_MONOTONIC,
				      &until) == 0)
		continue;
	pthread_mutex_unlock(&server->lock);
	MHD_stop_daemon(server->daemon);
	server->daemon = NULL;
}

void server_free(struct server *server)
{
	if (!server)
		return;
	server_stop(server);
	close(server->fd);
	pthread_cond_destroy(&server->is_idle);
	pthread_mutex_destroy(&server->lock);
	free(server);
}
