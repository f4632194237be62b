/* SPDX-License-Identifier: MIT */
#include "protocol/message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/text.h"

#define STANDARD "org.varlink.service."

static int read_call(struct message_call *call, json_t *json, struct error *error)
{
	int oneway = 0, more = 0, upgrade = 0;
	json_t *parameters = NULL;
	int r;

	r = json_read(json, error, "{s:s, s?o, s?b, s?b, s?b !}", "method", &call->method,
		      "parameters", &parameters, "oneway", &oneway, "more", &more,
		      "upgrade", &upgrade);
	if (r < 0)
		return r;
	if (!parameters || json_is_null(parameters)) {
		parameters = json_object();
		if (json_object_set_new(json, "parameters", parameters) < 0)
			return error_set(error, ERROR_INTERNAL, "out of memory");
	}
	if (!json_is_object(parameters))
		return error_set(error, ERROR_USAGE, "\"parameters\" is not an object");
	call->parameters = parameters;
	call->oneway = oneway;
	call->more = more;
	call->upgrade = upgrade;
	return 0;
}

int message_call_parse(struct message_call *call, const char *text, size_t length,
		       struct error *error)
{
	json_auto_t *json = json_parse_object(text, length, error);
	struct message_call result = { 0 };
	int r;

	if (!json)
		return -EINVAL;
	r = read_call(&result, json, error);
	if (r < 0)
		return r;
	*call = result;
	call->json = json_incref(json);
	return 0;
}

void message_call_done(struct message_call *call)
{
	json_decref(call->json);
	*call = (struct message_call){ 0 };
}

/* json_pack() wants an object for "o"; a NULL there is memory that ran out. */
static char *text_of(json_t *json)
{
	char *text = json ? json_text(json) : NULL;

	json_decref(json);
	return text;
}

char *message_call_text(const char *method, json_t *parameters, bool more, bool upgrade)
{
	json_t *call = json_pack("{s:s, s:o}", "method", method, "parameters",
				 parameters);

	if (call && more && json_object_set_new(call, "more", json_true()) < 0) {
		json_decref(call);
		return NULL;
	}
	if (call && upgrade && json_object_set_new(call, "upgrade", json_true()) < 0) {
		json_decref(call);
		return NULL;
	}
	return text_of(call);
}

char *message_reply_text(json_t *parameters, bool continues)
{
	if (continues)
		return text_of(
		    json_pack("{s:o, s:b}", "parameters", parameters, "continues", 1));
	return text_of(json_pack("{s:o}", "parameters", parameters));
}

char *message_error_text(const struct error *error)
{
	return text_of(json_pack("{s:s, s:{s:s, s:s}}", "error",
				 error_wire_name(error->kind), "parameters", "text",
				 error->text, "next", error->next));
}

char *message_standard_error_text(const char *name, const char *key, const char *value)
{
	json_t *parameters = key ? json_pack("{s:s}", key, value) : json_object();
	scoped(freep) char *full = NULL;

	if (asprintf(&full, STANDARD "%s", name) < 0) {
		full = NULL;
		json_decref(parameters);
		return NULL;
	}
	return text_of(json_pack("{s:s, s:o}", "error", full, "parameters", parameters));
}

/* One of ours: the sentence and the next step are the peer's, so escaped. */
static int fill_own_error(struct error *error, const char *name, json_t *parameters)
{
	const char *text = name, *next = "";
	char escaped[sizeof(error->text)];
	int r;

	(void)json_unpack(parameters, "{s?s, s?s}", "text", &text, "next", &next);
	r = error_set(error, error_from_wire_name(name), "%s",
		      text_escape(text, escaped, sizeof(escaped)));
	error_next(error, "%s", text_escape(next, escaped, sizeof(error->next)));
	return r;
}

static int fill_error(struct error *error, const char *name, json_t *parameters)
{
	const char *what = "";

	if (strncmp(name, STANDARD, strlen(STANDARD)) != 0)
		return fill_own_error(error, name, parameters);
	(void)json_unpack(parameters, "{s?s, s?s, s?s}", "method", &what, "interface",
			  &what, "parameter", &what);
	return error_set(error, ERROR_USAGE, "the agent answered %s%s%s",
			 TEXT_ESCAPED(name + strlen(STANDARD)), *what ? ": " : "",
			 TEXT_ESCAPED(what));
}

int message_reply_parse(const char *text, size_t length, json_t **parameters,
			bool *continues, struct error *error)
{
	json_auto_t *json = json_parse_object(text, length, NULL);
	const char *name = NULL;
	json_t *body = NULL;
	int goes_on = 0;

	if (!json || json_unpack(json, "{s?s, s?o, s?b !}", "error", &name, "parameters",
				 &body, "continues", &goes_on) < 0)
		return error_set(error, ERROR_INTERNAL, "the agent sent no valid reply");
	if (name)
		return fill_error(error, name, body);
	if (body && !json_is_object(body))
		return error_set(error, ERROR_INTERNAL, "the agent sent no valid reply");
	*parameters = body ? json_incref(body) : json_object();
	*continues = goes_on;
	return *parameters ? 0 : error_set(error, ERROR_INTERNAL, "out of memory");
}
