/* SPDX-License-Identifier: MIT */
#ifndef AWS_HTTP_H
#define AWS_HTTP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/*
 * One bounded HTTP call by libcurl, the only way in which anything here
 * speaks HTTP.  TLS 1.2 or newer with the certificate checked, always; plain
 * http to this machine only (aws/url.h); no redirects, cookies, netrc,
 * compression or HTTP/2; an answer of at most HTTP_ANSWER_MAX bytes, counted
 * as they come; a deadline on the whole.  https goes through a proxy where
 * https_proxy, all_proxy and no_proxy say so, as with curl and the AWS CLI:
 * TLS stays end to end.  Plain http never does.
 */
#define HTTP_ANSWER_MAX ((size_t)256 * 1024)
#define HTTP_HEADERS_MAX ((size_t)64 * 1024)
#define HTTP_CONNECT_MS 5000

/* What is signed with SigV4 (libcurl's own; right for POST to "/"). */
struct http_signing {
	const char *region;
	const char *service;
	const char *access_key_id;
	const char *secret_access_key;
	const char *session_token; /* "" for none */
};

/* All borrowed for the length of the call. */
struct http_request {
	const char *method;
	const char *url;
	const char *const *headers; /* "Name: value", ends with NULL; NULL for none */
	const char *body;           /* NULL for none */
	size_t body_length;
	const char *ca_file;                /* instead of the system's; "" or NULL */
	const struct http_signing *signing; /* NULL for none */
	int64_t deadline_ms;                /* from now, connecting included */
	const atomic_bool *stop; /* once true the call fails within 1 s; NULL: never */
};

struct http_answer {
	int status;
	int64_t date_seconds; /* the server's Date, since 1970; 0 if it sent none */
	struct buffer body;   /* starts as BUFFER_WITH_LIMIT(HTTP_ANSWER_MAX) */
	bool may_pass;        /* on failure: of the kind that trying again can mend */
};

#define HTTP_ANSWER_INIT                                   \
	{                                                  \
		.body = BUFFER_WITH_LIMIT(HTTP_ANSWER_MAX) \
	}

/* Connections and loaded certificates live in one, from call to call. */
struct http;

/* Once per process, before any thread.  Returns 0 or -EIO. */
int http_init(void);

/* NULL when memory is short.  Used by one thread at a time. */
struct http *http_new(void);
struct http *http_free(struct http *http);

/*
 * Calls.  Any HTTP status is an answer and returns 0.  Otherwise returns
 * error_set() with words that name the host and hold nothing that came over
 * the wire: ERROR_UNREACHABLE, or ERROR_USAGE for a URL or header that is
 * refused; the answer's body is then empty.
 */
int http_call(struct http *http, const struct http_request *request,
	      struct http_answer *answer, struct error *error);

/* Wipes and frees. */
void http_answer_done(struct http_answer *answer);

static inline void http_freep(struct http **http)
{
	*http = http_free(*http);
}

#endif
