/* SPDX-License-Identifier: MIT */
#ifndef AWS_URL_H
#define AWS_URL_H

#include <stdbool.h>
#include <sys/socket.h>

#include "base/error.h"

/*
 * Which URLs are called at all: https to anywhere, plain http to this machine
 * only.  "This machine" is a host written as 127.0.0.0/8, [::1] or localhost,
 * and a connection whose address is one of those too, whatever a resolver
 * says.
 */
#define URL_MAX 2048
#define URL_HOST_SIZE 128

struct url_traits {
	bool is_plain;            /* http: every connection must be to loopback */
	char host[URL_HOST_SIZE]; /* "sts.eu-west-1.amazonaws.com:443", for error texts */
};

/*
 * Reads and checks a URL.  Refused: other schemes, plain http elsewhere, a
 * user or password, a fragment, bytes outside printable ASCII.  Returns 0 or
 * error_set(..., ERROR_USAGE).
 */
int url_check(const char *url, struct url_traits *traits, struct error *error);

/* Whether an address is this machine's own: 127.0.0.0/8, ::1, or the first mapped. */
bool address_is_loopback(const struct sockaddr *address);

#endif
