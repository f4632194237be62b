/* SPDX-License-Identifier: MIT */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/broker-call.h"
#include "agent/lifecycle.h"
#include "agent/method.h"
#include "agent/record.h"

/* The methods that are one call to the broker: Profiles, Request, Pending, Decide. */

static void answer_list(struct call *waiting, const struct broker_answer *answer,
			const char *key,
			json_t *(*record)(json_t *json, struct error *error))
{
	struct error error = answer->error;
	json_t *list = NULL;

	if (error.kind == ERROR_NONE)
		list = record_list(answer->body, key, record, &error);
	if (list)
		call_reply(waiting, json_pack("{s:o}", key, list));
	else
		call_fail(waiting, &error);
}

static void on_profiles(void *data, const struct broker_answer *answer)
{
	answer_list(data, answer, "profiles", record_profile);
}

/* The request less its session, which has its own type. */
static json_t *plain_request(json_t *json, struct error *error)
{
	json_t *record = record_request(json, error);

	if (record)
		json_object_del(record, "session");
	return record;
}

static void on_pending(void *data, const struct broker_answer *answer)
{
	answer_list(data, answer, "requests", plain_request);
}

static void on_decided(void *data, const struct broker_answer *answer)
{
	struct error error = answer->error;
	json_t *request = NULL;

	if (error.kind == ERROR_NONE)
		request = plain_request(json_object_get(answer->body, "request"), &error);
	if (request)
		call_reply(data, json_pack("{s:o}", "request", request));
	else
		call_fail(data, &error);
}

static void on_requested(void *data, const struct broker_answer *answer)
{
	struct call *waiting = data;
	struct error error = answer->error;
	struct agent *agent = call_agent(waiting);
	json_t *request = NULL;

	if (error.kind == ERROR_NONE)
		request = plain_request(json_object_get(answer->body, "request"), &error);
	if (!request || lifecycle_apply(agent, json_object_get(answer->body, "request"),
					answer->date, NULL, &error) < 0) {
		json_decref(request);
		call_fail(waiting, &error);
		return;
	}
	call_reply(waiting, json_pack("{s:o}", "request", request));
}

static int forward(struct agent *agent, struct call *waiting, const char *method,
		   const char *path, json_t *body, broker_done *done, struct error *error)
{
	const struct broker_call call = {
		.method = method,
		.path = path,
		.body = body,
		.deadline_msec = BROKER_CALL_DEADLINE_MSEC,
		.done = done,
		.data = waiting,
	};

	return broker_call_start(agent, &call, NULL, error);
}

int method_profiles(struct agent *agent, struct call *call, json_t *parameters,
		    struct error *error)
{
	(void)parameters;
	return forward(agent, call, "GET", "/v1/profiles", NULL, on_profiles, error);
}

int method_pending(struct agent *agent, struct call *call, json_t *parameters,
		   struct error *error)
{
	(void)parameters;
	return forward(agent, call, "GET", "/v1/requests?pending=1", NULL, on_pending,
		       error);
}

/* A key of its own makes a call that is sent twice the same request. */
static json_t *request_body(json_t *parameters)
{
	unsigned char random[16];
	char key[2 * sizeof(random) + 1];
	json_t *given = json_object_get(parameters, "parameters");
	json_t *duration = json_object_get(parameters, "duration_seconds");
	json_t *body;

	randombytes_buf(random, sizeof(random));
	body = json_pack("{s:O, s:O, s:s}", "profile",
			 json_object_get(parameters, "profile"), "reason",
			 json_object_get(parameters, "reason"), "key",
			 sodium_bin2hex(key, sizeof(key), random, sizeof(random)));
	if (!body)
		return NULL;
	if (json_is_object(given))
		json_object_set(body, "parameters", given);
	else
		json_object_set_new(body, "parameters", json_object());
	if (json_is_integer(duration))
		json_object_set(body, "duration_seconds", duration);
	return body;
}

int method_request(struct agent *agent, struct call *call, json_t *parameters,
		   struct error *error)
{
	return forward(agent, call, "POST", "/v1/requests", request_body(parameters),
		       on_requested, error);
}

static void on_ended(void *data, const struct broker_answer *answer)
{
	struct error error = answer->error;
	json_auto_t *request = NULL;

	if (error.kind == ERROR_NONE)
		request = plain_request(json_object_get(answer->body, "request"), &error);
	if (request)
		call_reply(data,
			   json_pack("{s:[s]}", "ended", record_string(request, "id")));
	else
		call_fail(data, &error);
}

int method_end_elsewhere(struct agent *agent, struct call *call, const char *id,
			 struct error *error)
{
	char path[64];

	snprintf(path, sizeof(path), "/v1/requests/%s/end", id);
	return forward(agent, call, "POST", path, json_object(), on_ended, error);
}

int method_decide(struct agent *agent, struct call *call, json_t *parameters,
		  struct error *error)
{
	const char *id = method_string(parameters, "id");
	const char *verdict = method_string(parameters, "verdict");
	const char *reason = method_string(parameters, "reason");
	char path[64];
	json_t *body;

	if (!id_is_valid('r', id))
		return error_set(error, ERROR_NOT_FOUND, "no request is called '%s'",
				 TEXT_ESCAPED(id));
	if (strcmp(verdict, "approve") != 0 && strcmp(verdict, "deny") != 0)
		return error_set(error, ERROR_USAGE,
				 "a verdict is approve or deny, not '%s'",
				 TEXT_ESCAPED(verdict));
	snprintf(path, sizeof(path), "/v1/requests/%s/decision", id);
	body = json_pack("{s:s}", "verdict", verdict);
	if (body && reason)
		json_object_set_new(body, "reason", json_string(reason));
	return forward(agent, call, "POST", path, body, on_decided, error);
}
