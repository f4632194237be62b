/* SPDX-License-Identifier: MIT */
#ifndef BROKER_SERVER_H
#define BROKER_SERVER_H

#include "base/error.h"
#include "broker/broker.h"

/*
 * HTTP, by libmicrohttpd: takes calls apart for routes_answer(), holds those that
 * wait without a thread each, and bounds what a stranger can make it keep.
 */
struct server;

/*
 * Listens on "ADDRESS:PORT" or "[ADDRESS]:PORT"; port 0 lets the kernel
 * choose.  Without TLS only on loopback.  0 and *server, or error_set().
 */
int server_listen(const char *address, bool has_tls, struct server **server,
		  struct error *error);

/*
 * The proxy whose X-Forwarded-For is believed, an address that must stay; before
 * server_start().  "" (as it is without this call): none.
 */
void server_trust_proxy(struct server *server, const char *address);

/* "http://127.0.0.1:8080": where it listens; the server's own. */
const char *server_url(const struct server *server);

/*
 * Answers calls from now on, with TLS if certificate and key (PEM texts,
 * which must stay) are given.  0 or error_set().
 */
int server_start(struct server *server, struct broker *broker, const char *certificate,
		 const char *key, struct error *error);

/* Answers who waits, finishes what is under way, up to some seconds, and stops. */
void server_stop(struct server *server);

void server_free(struct server *server); /* takes NULL */

static inline void server_freep(struct server **server)
{
	server_free(*server);
	*server = NULL;
}

#endif
