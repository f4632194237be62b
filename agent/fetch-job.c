/* SPDX-License-Identifier: MIT */
#include "agent/fetch-job.h"

#include <string.h>

#include "base/text.h"

static const struct {
	const char *name;
	int (*run)(struct http *http, json_t *job, struct fetch_answer *answer,
		   struct error *error);
} jobs[] = {
	{ "call", fetch_call_run },
	{ "credentials", fetch_credentials_run },
};

void fetch_answer_done(struct fetch_answer *answer)
{
	json_decref(answer->object);
	answer->object = NULL;
	buffer_done(&answer->payload);
}

int fetch_job_run(struct http *http, json_t *job, struct fetch_answer *answer,
		  struct error *error)
{
	const char *name = json_string_value(json_object_get(job, "job"));

	for (size_t i = 0; name && i < sizeof(jobs) / sizeof(*jobs); i++)
		if (strcmp(jobs[i].name, name) == 0)
			return jobs[i].run(http, job, answer, error);
	return error_set(error, ERROR_USAGE, "no job '%s'",
			 TEXT_ESCAPED(name ? name : ""));
}
