/* SPDX-License-Identifier: MIT */
#include "agent/worker-answer.h"

#include "base/job.h"
#include "base/text.h"

/* What a worker says is shown to people, so it is escaped like any stranger's. */
static void take_error(struct worker_result *result, json_t *reported)
{
	const char *kind, *message, *next = "";
	int retry = -1;
	char escaped[sizeof(result->error.text)];

	if (json_unpack(reported, "{s:s, s:s, s?s, s?i !}", "kind", &kind, "message",
			&message, "next", &next, "retry", &retry) < 0) {
		error_set(&result->error, ERROR_INTERNAL,
			  "a worker reported a failure without saying which");
		return;
	}
	error_set(&result->error, error_kind_from_name(kind), "%s",
		  text_escape(message, escaped, sizeof(escaped)));
	if (result->error.kind == ERROR_NONE)
		result->error.kind = ERROR_INTERNAL;
	error_next(&result->error, "%s",
		   text_escape(next, escaped, sizeof(result->error.next)));
	result->retry_seconds = retry;
}

void worker_answer_read(struct worker_result *result, const char *bytes, size_t count)
{
	json_auto_t *object = NULL;
	json_t *reported;

	*result = (struct worker_result){ .retry_seconds = -1 };
	if (job_split(bytes, count, &object, &result->payload, &result->length,
		      &result->error) < 0) {
		result->retry_seconds = 1;
		return;
	}
	reported = json_object_get(object, "error");
	if (reported)
		take_error(result, reported);
	else
		result->answer = json_incref(object);
}
