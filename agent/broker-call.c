/* SPDX-License-Identifier: MIT */
#include "agent/broker-call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "base/json.h"
#include "protocol/signature.h"

/* The worker keeps its own deadline; this is for one that does not. */
#define WORKER_GRACE_MSEC 250

struct broker_job {
	struct agent *agent;
	struct worker_job *worker;
	broker_done *done;
	void *data;
	bool is_of_enrolment; /* says nothing of the broker in force */
};

static json_t *headers_of(const struct signature_headers *headers, bool has_body)
{
	json_t *json = json_pack(
	    "{s:s, s:s, s:s}", "Content-Digest", headers->content_digest,
	    "Signature-Input", headers->signature_input, "Signature", headers->signature);

	if (json && has_body)
		json_object_set_new(json, "Content-Type",
				    json_string("application/json"));
	return json;
}

static json_t *sign(struct agent *agent, const struct broker_identity *identity,
		    const char *method, const char *path, json_t *body,
		    int64_t deadline_msec)
{
	scoped(json_text_freep) char *text = body ? json_text(body) : NULL;
	scoped(freep) char *url = NULL;
	struct signature_headers headers;
	struct signed_call call = { .method = method };

	json_decref(body);
	if ((body && !text) || asprintf(&url, "%s%s", identity->url, path) < 0) {
		url = NULL;
		return NULL;
	}
	call.target_uri = url;
	call.body = text;
	call.body_length = text ? strlen(text) : 0;
	if (signature_sign(&call, identity->device, clock_wall_seconds(agent->clock),
			   &headers) < 0)
		return NULL;
	return json_pack("{s:s, s:s, s:o, s:s?, s:s, s:I}", "method", method, "url", url,
			 "headers", headers_of(&headers, text != NULL), "body", text,
			 "ca_file", identity->ca_file, "deadline_ms",
			 (json_int_t)deadline_msec);
}

static struct broker_identity in_force(const struct agent *agent)
{
	return (struct broker_identity){ agent->settings.broker, agent->settings.ca_file,
					 agent->keys.device };
}

json_t *broker_call_signed(struct agent *agent, const char *method, const char *path,
			   json_t *body, int64_t deadline_msec)
{
	const struct broker_identity identity = in_force(agent);

	return sign(agent, &identity, method, path, body, deadline_msec);
}

/* {"error": {"kind", "message", "next"}}, or a failure without such words. */
static void read_failure(struct broker_answer *answer, int status, json_t *body)
{
	const char *kind = "", *message = NULL, *next = "";
	char escaped[sizeof(answer->error.text)];

	(void)json_unpack(body, "{s:{s:s, s:s, s?s}}", "error", "kind", &kind, "message",
			  &message, "next", &next);
	answer->retry_seconds = status >= 500 || status == 429 ? 1 : -1;
	if (!message) {
		error_set(&answer->error, ERROR_UNREACHABLE,
			  "the broker answered with HTTP status %d", status);
		return;
	}
	error_set(&answer->error, error_kind_from_name(kind), "%s",
		  text_escape(message, escaped, sizeof(escaped)));
	if (answer->error.kind == ERROR_NONE)
		answer->error.kind = ERROR_INTERNAL;
	error_next(&answer->error, "%s",
		   text_escape(next, escaped, sizeof(answer->error.next)));
}

static void read_answer(struct broker_answer *answer, const struct worker_result *result)
{
	json_int_t status = 0, date = 0;

	if (json_unpack(result->answer, "{s:I, s:I}", "status", &status, "date", &date) <
	    0) {
		error_set(&answer->error, ERROR_INTERNAL,
			  "the fetch worker's answer makes no sense");
		return;
	}
	answer->date = date;
	answer->body = json_parse_object(result->payload, result->length, NULL);
	if (status != 200) {
		read_failure(answer, (int)status, answer->body);
		json_decref(answer->body);
		answer->body = NULL;
	} else if (!answer->body) {
		error_set(&answer->error, ERROR_UNREACHABLE,
			  "the broker's answer is no JSON object");
		answer->retry_seconds = 1;
	}
}

static void on_answer(void *data, const struct worker_result *result)
{
	struct broker_job *job = data;
	struct broker_answer answer = { .retry_seconds = -1 };

	if (result->error.kind != ERROR_NONE) {
		answer.error = result->error;
		answer.retry_seconds = result->retry_seconds;
	} else {
		read_answer(&answer, result);
	}
	if (!job->is_of_enrolment)
		job->agent->sync.is_reachable = answer.error.kind != ERROR_UNREACHABLE;
	job->done(job->data, &answer);
	json_decref(answer.body);
	free(job);
}

static int start(struct agent *agent, const struct broker_call *call,
		 const struct broker_identity *identity, struct broker_job *job,
		 struct error *error)
{
	json_t *signed_call = sign(agent, identity, call->method, call->path, call->body,
				   call->deadline_msec);
	struct worker_order order = {
		.program = LAUNCHER_FETCH,
		.job = signed_call,
		.deadline_msec = call->deadline_msec + WORKER_GRACE_MSEC,
		.done = on_answer,
		.data = job,
	};

	if (!signed_call ||
	    json_object_set_new(signed_call, "job", json_string("call")) < 0) {
		json_decref(signed_call);
		return error_set(error, ERROR_INTERNAL, "out of memory");
	}
	return workers_start(&agent->workers, &order, &job->worker, error);
}

int broker_call_start(struct agent *agent, const struct broker_call *call,
		      struct broker_job **job, struct error *error)
{
	const struct broker_identity identity = call->identity ? *call->identity
							       : in_force(agent);
	scoped(freep) struct broker_job *new = calloc(1, sizeof(*new));
	int r;

	if (!new || !identity.device) {
		json_decref(call->body);
		return new ? agent_check_unlocked(agent, error)
			   : error_set(error, ERROR_INTERNAL, "out of memory");
	}
	new->agent = agent;
	new->done = call->done;
	new->data = call->data;
	new->is_of_enrolment = call->identity != NULL;
	r = start(agent, call, &identity, new, error);
	if (r < 0)
		return r;
	if (job)
		*job = new;
	new = NULL; /* on_answer() frees it */
	return 0;
}

void broker_call_cancel(struct broker_job *job)
{
	if (!job)
		return;
	workers_cancel(&job->agent->workers, job->worker);
	free(job);
}
