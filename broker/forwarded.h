/* SPDX-License-Identifier: MIT */
#ifndef BROKER_FORWARDED_H
#define BROKER_FORWARDED_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/*
 * Whose call it is when a proxy passes it on.  Only the one proxy that broker.conf
 * names is believed, and of its X-Forwarded-For only the last address: the proxy
 * wrote that one, all before it are whatever the caller made up.
 */

/* Whether text is an IPv4 or IPv6 address and nothing else. */
bool forwarded_is_address(const char *text);

/*
 * The name (listen_peer_name()) of peer, or where peer is the trusted proxy ("":
 * there is none) of the last address in header (NULL: there was none).  A header
 * that can't be read leaves the proxy's own name.
 */
void forwarded_peer_name(const struct sockaddr *peer, const char *trusted,
			 const char *header, char *out, size_t size);

#endif
