/* SPDX-License-Identifier: MIT */
#ifndef AWS_HTTP_ERROR_H
#define AWS_HTTP_ERROR_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/error.h"

/* Why a call came to nothing, in our own words: nothing here is the peer's. */
struct http_outcome {
	CURLcode code;
	long verify_result; /* X509_V_..., of the certificate */
	bool is_too_long;   /* the answer went past a limit */
	bool left_loopback; /* plain http, and the name led off this machine */
};

/*
 * Puts a failed call into words that name the host.  *may_pass: whether the
 * same call may succeed later.  Returns as error_set() does.
 */
int http_error_set(const struct http_outcome *outcome, const char *host, bool *may_pass,
		   struct error *error);

#endif
