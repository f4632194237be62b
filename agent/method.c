/* SPDX-License-Identifier: MIT */
#include "agent/method.h"

#include <string.h>

#include "agent/agent.h"
#include "protocol/message.h"
#include "protocol/service.h"

#define VARLINK "org.varlink.service."
#define AGENT SERVICE_INTERFACE "."

/* clang-format off */
const struct method methods[] = {
	{ VARLINK "GetInfo", { { NULL } }, 0, method_get_info },
	{ VARLINK "GetInterfaceDescription", {
		{ "interface", JSON_STRING, false } }, 0, method_get_interface_description },
	{ AGENT "Enroll", {
		{ "broker",     JSON_STRING, false },
		{ "code",       JSON_STRING, false },
		{ "keystore",   JSON_STRING, true },
		{ "ca_file",    JSON_STRING, true },
		{ "passphrase", JSON_STRING, true } }, 0, method_enroll },
	{ AGENT "Profiles", { { NULL } }, METHOD_ENROLLED | METHOD_UNLOCKED, method_profiles },
	{ AGENT "Request", {
		{ "profile",          JSON_STRING,  false },
		{ "parameters",       JSON_OBJECT,  true },
		{ "reason",           JSON_STRING,  false },
		{ "duration_seconds", JSON_INTEGER, true } },
		METHOD_ENROLLED | METHOD_UNLOCKED, method_request },
	{ AGENT "ListPending", { { NULL } }, METHOD_ENROLLED | METHOD_UNLOCKED, method_pending },
	{ AGENT "Decide", {
		{ "id",      JSON_STRING, false },
		{ "verdict", JSON_STRING, false },
		{ "reason",  JSON_STRING, true } },
		METHOD_ENROLLED | METHOD_UNLOCKED, method_decide },
	{ AGENT "Status", { { NULL } }, 0, method_status },
	{ AGENT "Watch", { { NULL } }, METHOD_ENROLLED | METHOD_MORE, method_watch },
	{ AGENT "End", {
		{ "id", JSON_STRING, true } }, METHOD_ENROLLED, method_end },
	{ AGENT "Lock", { { NULL } }, METHOD_ENROLLED, method_lock },
	{ AGENT "Unlock", {
		{ "passphrase", JSON_STRING, true } }, METHOD_ENROLLED, method_unlock },
	{ AGENT "GetCredentials", {
		{ "profile", JSON_STRING, true },
		{ "session", JSON_STRING, true } },
		METHOD_ENROLLED | METHOD_UNLOCKED | METHOD_UPGRADE, method_get_credentials },
	{ .name = NULL },
};
/* clang-format on */

static const struct method *find(const char *name)
{
	for (const struct method *row = methods; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

static void fail_standard(struct call *call, const char *name, const char *key,
			  const char *value)
{
	call_reply_text(call, message_standard_error_text(name, key, value));
}

/* Whether there is an interface for "interface.Method". */
static void fail_unknown(struct call *call, const char *name)
{
	const char *dot = strrchr(name, '.');
	char interface[256] = "";

	if (dot && (size_t)(dot - name) < sizeof(interface))
		memcpy(interface, name, (size_t)(dot - name));
	if (service_description(interface))
		fail_standard(call, "MethodNotFound", "method", name);
	else
		fail_standard(call, "InterfaceNotFound", "interface", interface);
}

static const struct method_parameter *find_parameter(const struct method *method,
						     const char *name)
{
	for (const struct method_parameter *row = method->parameters; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

/* The name of the first parameter that is not as the row says, or NULL. */
static const char *wrong_parameter(const struct method *method, json_t *parameters)
{
	const char *name;
	json_t *value;

	json_object_foreach(parameters, name, value)
	{
		const struct method_parameter *row = find_parameter(method, name);

		if (!row || (json_typeof(value) != row->type &&
			     !(row->is_optional && json_is_null(value))))
			return name;
	}
	for (const struct method_parameter *row = method->parameters; row->name; row++)
		if (!row->is_optional && !json_object_get(parameters, row->name))
			return row->name;
	return NULL;
}

static int check_rules(const struct agent *agent, const struct method *method,
		       struct error *error)
{
	int r = 0;

	if (method->rules & METHOD_ENROLLED)
		r = agent_check_enrolled(agent, error);
	if (r == 0 && (method->rules & METHOD_UNLOCKED))
		r = agent_check_unlocked(agent, error);
	return r;
}

void method_call(struct agent *agent, struct call *call, const char *name,
		 json_t *parameters)
{
	const struct method *method = find(name);
	struct error error = { ERROR_NONE };
	const char *wrong;

	if (!method) {
		fail_unknown(call, name);
		return;
	}
	wrong = wrong_parameter(method, parameters);
	if (wrong)
		fail_standard(call, "InvalidParameter", "parameter", wrong);
	else if ((method->rules & METHOD_MORE) && !call->wants_more)
		fail_standard(call, "ExpectedMore", NULL, NULL);
	else if ((method->rules & METHOD_UPGRADE) && !call->wants_upgrade)
		fail_standard(call, "ExpectedUpgrade", NULL, NULL);
	else if (check_rules(agent, method, &error) < 0 ||
		 method->handle(agent, call, parameters, &error) < 0)
		call_fail(call, &error);
}

const char *method_string(const json_t *parameters, const char *name)
{
	return json_string_value(json_object_get(parameters, name));
}

int method_get_info(struct agent *agent, struct call *call, json_t *parameters,
		    struct error *error)
{
	(void)agent;
	(void)parameters;
	(void)error;
	call_reply(call, service_info());
	return 0;
}

int method_get_interface_description(struct agent *agent, struct call *call,
				     json_t *parameters, struct error *error)
{
	const char *interface = method_string(parameters, "interface");
	const char *description = service_description(interface);

	(void)agent;
	(void)error;
	if (description)
		call_reply(call, json_pack("{s:s}", "description", description));
	else
		fail_standard(call, "InterfaceNotFound", "interface", interface);
	return 0;
}
