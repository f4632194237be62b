/* SPDX-License-Identifier: MIT */
#include "broker/server.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "broker/acceptor.h"
#include "broker/exchange.h"
#include "broker/listen.h"

/* Each waits for the disk with the call that it answers, so there are some to spare. */
#define THREADS 32
#define CONNECTIONS_MAX 16384
#define CONNECTION_MEMORY 8192
#define IDLE_SECONDS 75 /* more than the longest wait */
#define DRAIN_SECONDS 5
#define FILES_FOR_OTHER_THINGS (64 + 2 * THREADS)

struct server {
	int fd;
	char url[LISTEN_URL_SIZE];
	struct exchanges exchanges;
	struct MHD_Daemon *daemon;
	struct acceptor *acceptor;
};

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
	exchanges_init(&new->exchanges);
	*server = new;
	return 0;
}

void server_trust_proxy(struct server *server, const char *address)
{
	server->exchanges.trusted_proxy = address;
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

/* Round the threads, by its number.  One too many is closed. */
static void take_connection(void *data, int fd, const struct sockaddr *peer,
			    socklen_t length)
{
	MHD_add_connection(data, fd, peer, length);
}

int server_start(struct server *server, struct broker *broker, const char *certificate,
		 const char *key, struct error *error)
{
	unsigned int flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL |
			     MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME |
			     (certificate ? MHD_USE_TLS : 0);
	struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)certificate },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)key },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0,
		  "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2" },
		{ MHD_OPTION_END, 0, NULL },
	};

	exchanges_open(&server->exchanges, broker);
	server->daemon = MHD_start_daemon(
	    flags, 0, NULL, NULL, exchange_go_on, &server->exchanges,
	    MHD_OPTION_URI_LOG_CALLBACK, exchange_begin, &server->exchanges,
	    MHD_OPTION_NOTIFY_COMPLETED, exchange_end, &server->exchanges,
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
	return acceptor_start(server->fd, take_connection, server->daemon,
			      &server->acceptor, error);
}

void server_stop(struct server *server)
{
	if (!server->daemon)
		return;
	acceptor_stop(server->acceptor);
	server->acceptor = NULL;
	hub_close(server->exchanges.broker->hub);
	exchanges_drain(&server->exchanges, DRAIN_SECONDS);
	MHD_stop_daemon(server->daemon);
	server->daemon = NULL;
}

void server_free(struct server *server)
{
	if (!server)
		return;
	server_stop(server);
	close(server->fd);
	exchanges_done(&server->exchanges);
	free(server);
}
