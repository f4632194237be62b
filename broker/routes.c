/* SPDX-License-Identifier: MIT */
#include "broker/routes.h"

#include <assert.h>
#include <string.h>

#include "base/output.h"

#define OPENID "/.well-known/openid-configuration"

/* clang-format off */
const struct route routes[] = {
	{ "POST", "/v1/enroll",                 ROUTE_ENROLLING, handle_enroll },
	{ "GET",  "/v1/profiles",               ROUTE_READ,      handle_profiles },
	{ "GET",  "/v1/requests",               ROUTE_READ,      handle_pending },
	{ "POST", "/v1/requests",               ROUTE_CHANGE,    handle_ask },
	{ "GET",  "/v1/requests/{id}",          ROUTE_READ,      handle_request },
	{ "POST", "/v1/requests/{id}/decision", ROUTE_CHANGE,    handle_decision },
	{ "POST", "/v1/requests/{id}/end",      ROUTE_CHANGE,    handle_end },
	{ "POST", "/v1/requests/{id}/grant",    ROUTE_CHANGE,    handle_grant },
	{ "GET",  "/v1/events",                 ROUTE_READ,      handle_events },
	{ "GET",  OPENID,                       ROUTE_OPEN,      handle_configuration },
	{ "GET",  "/jwks.json",                 ROUTE_OPEN,      handle_jwks },
	{ NULL,   NULL,                         ROUTE_OPEN,      NULL },
};
/* clang-format on */

/* Compares path (up to '?') with a pattern; fills id from where "{id}" stands. */
static bool matches(const char *pattern, const char *path, size_t length,
		    char id[static ID_SIZE])
{
	const char *hole = strstr(pattern, "{id}");
	size_t before = hole ? (size_t)(hole - pattern) : strlen(pattern);
	const char *after = hole ? hole + strlen("{id}") : "";
	size_t id_length = hole ? ID_SIZE - 1 : 0;

	if (length != before + id_length + strlen(after) ||
	    strncmp(path, pattern, before) != 0 ||
	    strncmp(path + before + id_length, after, strlen(after)) != 0)
		return false;
	memcpy(id, path + before, id_length);
	id[id_length] = '\0';
	return !hole || id_is_valid('r', id);
}

/* RFC 3986, 2: other bytes are no URI, and would stand in the audit as they came. */
static bool is_plain(const char *uri)
{
	for (; *uri; uri++)
		if (*uri <= ' ' || *uri > '~')
			return false;
	return true;
}

static int find_route(struct call *call, const struct route **route, struct error *error)
{
	size_t length = strcspn(call->uri, "?");
	bool path_is_known = false;

	if (!is_plain(call->uri))
		return error_set(error, ERROR_USAGE,
				 "the target of a call is printable ASCII");
	call->query = call->uri[length] ? call->uri + length + 1 : "";
	for (const struct route *row = routes; row->method; row++) {
		if (!matches(row->pattern, call->uri, length, call->id))
			continue;
		path_is_known = true;
		if (strcmp(row->method, call->method) == 0) {
			*route = row;
			return 0;
		}
	}
	call->id[0] = '\0';
	if (path_is_known)
		return error_set(error, ERROR_USAGE, "that is not done by %s",
				 TEXT_ESCAPED(call->method));
	return error_set(error, ERROR_NOT_FOUND, "there is nothing at %s",
			 TEXT_ESCAPED(call->uri));
}

static int admit(struct broker *broker, struct call *call, const struct route *route,
		 struct error *error)
{
	int r = 0;

	assert(route);
	if (route->rule == ROUTE_OPEN || route->rule == ROUTE_ENROLLING)
		return 0;
	if (!call->is_authenticated) {
		r = call_authenticate(broker, call, error);
		if (r == 0 && route->rule == ROUTE_READ)
			r = call_read_once(broker, call, error);
	}
	return r < 0 ? r : call_identify(broker, call, error);
}

int routes_answer(struct broker *broker, struct call *call, json_t **answer)
{
	struct error error = { .kind = ERROR_NONE };
	const struct route *route = NULL;
	int r = find_route(call, &route, &error);

	*answer = NULL;
	if (r == 0)
		r = admit(broker, call, route, &error);
	assert(r < 0 || route);
	if (r == 0)
		r = route->handle(broker, call, answer, &error);
	call_done(call);
	if (r >= 0)
		return *answer ? 200 : 0;
	if (!call->is_noted)
		call_note_refusal(broker, call, &error);
	*answer = error_json(&error);
	return error_http_status(error.kind);
}
