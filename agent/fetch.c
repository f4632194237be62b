/* SPDX-License-Identifier: MIT */
#include <signal.h>

#include "agent/fetch-job.h"
#include "agent/fetch-sandbox.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/log.h"
#include "base/secret.h"

/* A job minds its own deadline; this is for what hangs in spite of it. */
#define LONGEST_MS (FETCH_DEADLINE_MAX_MS + 5000)

static void json_freep(json_t **json)
{
	json_decref(*json);
}

static int run(json_t *job, struct fetch_answer *answer, struct error *error)
{
	scoped(http_freep) struct http *http = http_new();

	if (!http)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return fetch_job_run(http, job, answer, error);
}

static int answer_one_job(void)
{
	scoped(fetch_answer_done) struct fetch_answer answer = FETCH_ANSWER_INIT;
	scoped(buffer_done) struct buffer bytes = BUFFER_WITH_LIMIT(JOB_MAX);
	scoped(json_freep) json_t *job = NULL;
	struct error error = { .kind = ERROR_NONE };
	const char *payload;
	size_t length;
	int r = job_read(STDIN_FILENO, &bytes, &job, &payload, &length, &error);

	if (r == 0)
		r = run(job, &answer, &error);
	if (r < 0)
		return job_answer_error(STDOUT_FILENO, &error, answer.retry_seconds);
	return job_answer(STDOUT_FILENO, take(answer.object), answer.payload.bytes,
			  answer.payload.used);
}

int main(void)
{
	log_open("jit-agent-fetch");
	signal(SIGPIPE, SIG_IGN);
	json_init_wiping();
	if (secret_harden_process() < 0 || secret_init() < 0 ||
	    fetch_sandbox_enter() < 0 || http_init() < 0 ||
	    fetch_sandbox_watch(STDIN_FILENO, LONGEST_MS) < 0) {
		log_error("cannot confine itself");
		return error_exit_status(ERROR_INTERNAL);
	}
	return answer_one_job() < 0 ? error_exit_status(ERROR_INTERNAL) : 0;
}
