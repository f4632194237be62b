/* SPDX-License-Identifier: MIT */
#ifndef PROTOCOL_MESSAGE_H
#define PROTOCOL_MESSAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Varlink's two messages, as JSON values: the call and the reply.
 * io.jitctl.Agent.varlink says what they mean; this module knows only their
 * shape (https://varlink.org/Method-Call).
 */
struct message_call {
	json_t *json;       /* owns the rest */
	const char *method; /* "io.jitctl.Agent.Status" */
	json_t *parameters; /* always an object */
	bool oneway;
	bool more;
	bool upgrade;
};

/*
 * Parses a call, strictly: no duplicate keys, no unknown ones.  Returns 0 and
 * a call that message_call_done() releases, or error_set(..., ERROR_USAGE).
 */
int message_call_parse(struct message_call *call, const char *text, size_t length,
		       struct error *error);
void message_call_done(struct message_call *call);

/* The text of a call, without its NUL; takes parameters.  json_text_free() it. */
char *message_call_text(const char *method, json_t *parameters, bool more, bool upgrade);

/* The text of a reply, without its NUL; takes parameters.  NULL when OOM. */
char *message_reply_text(json_t *parameters, bool continues);

/* The text of a failed reply.  NULL when memory is short. */
char *message_error_text(const struct error *error);

/*
 * The text of one of Varlink's own errors: org.varlink.service.MethodNotFound
 * (key "method"), .InterfaceNotFound ("interface"), .InvalidParameter
 * ("parameter"), .MethodNotImplemented ("method"), .ExpectedMore and .ExpectedUpgrade
 * (no parameter: key NULL).
 */
char *message_standard_error_text(const char *name, const char *key, const char *value);

/*
 * Parses a reply.  Returns 0 with *parameters a new reference and *continues
 * set; for a reply that says failure, fills error with the kind and text the
 * peer sent (escaped) and returns -errno.
 */
int message_reply_parse(const char *text, size_t length, json_t **parameters,
			bool *continues, struct error *error);

#endif
