/* SPDX-License-Identifier: MIT */
#ifndef BROKER_LISTEN_H
#define BROKER_LISTEN_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/error.h"

/* Addresses, as broker.conf writes them and as the audit keeps them. */

#define LISTEN_URL_SIZE 128

/*
 * Whether "ADDRESS:PORT" can be listened on: numbers both, and without TLS a
 * loopback address.  0 or error_set().
 */
int listen_check(const char *address, bool has_tls, struct error *error);

/*
 * A listening socket for "ADDRESS:PORT"; *fd is the caller's, url says where it
 * is ("http" or "https").  Without TLS anything but loopback is refused.  0 or
 * error_set().
 */
int listen_open(const char *address, bool has_tls, int *fd,
		char url[static LISTEN_URL_SIZE], struct error *error);

/*
 * Who is counted as one stranger: an IPv4 address, or the /64 of an IPv6 one, of
 * which a single machine has as many as it likes.
 */
void listen_peer_name(const struct sockaddr *peer, char *out, size_t size);

/* Whether the host of an http:// or https:// URL is this machine. */
bool listen_url_is_loopback(const char *url);

#endif
