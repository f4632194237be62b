/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/job.h"
#include "base/json.h"
#include "base/log.h"
#include "keystore/keystore.h"

/*
 * The keyring worker: one job on descriptor 0, its answer on descriptor 1,
 * then exit.  The agent's core kills it at its own deadline; this one is for a
 * prompt left open by a core that is gone.
 */
#define LONGEST_SECONDS 180

struct job {
	const char *name;
	const char *keystore;
	struct keystore_place place;
	struct secret *key; /* to store, or loaded */
};

static void json_freep(json_t **json)
{
	json_decref(*json);
}

static void job_done(struct job *job)
{
	secret_free(job->place.passphrase);
	secret_free(job->key);
}

static int run_store(const struct keystore_backend *backend, struct job *job,
		     struct error *error)
{
	if (!job->key || secret_length(job->key) != KEYSTORE_KEY_SIZE)
		return error_set(error, ERROR_USAGE, "a master key has %d bytes",
				 KEYSTORE_KEY_SIZE);
	return backend->store(&job->place, job->key, error);
}

static int run_load(const struct keystore_backend *backend, struct job *job,
		    struct error *error)
{
	job->key = secret_free(job->key);
	return backend->load(&job->place, &job->key, error);
}

static int run_erase(const struct keystore_backend *backend, struct job *job,
		     struct error *error)
{
	return backend->erase(&job->place, error);
}

/* clang-format off */
static const struct {
	const char *name;
	int (*run)(const struct keystore_backend *backend, struct job *job,
		   struct error *error);
	bool answers_with_key;
} jobs[] = {
	{ "store", run_store, false },
	{ "load",  run_load,  true },
	{ "erase", run_erase, false },
};
/* clang-format on */

static const struct keystore_backend *find_backend(const char *name)
{
	for (size_t i = 0; keystore_backends[i]; i++)
		if (strcmp(keystore_backends[i]->name, name) == 0)
			return keystore_backends[i];
	return NULL;
}

/* Takes count bytes of the payload; none is no secret at all. */
static int take_secret(char *bytes, size_t count, struct secret **secret,
		       struct error *error)
{
	if (count == 0)
		return 0;
	*secret = secret_take(bytes, count);
	return *secret ? 0 : error_set(error, ERROR_INTERNAL, "out of memory");
}

/* Moves what is secret out of the buffer; the names stay borrowed from json. */
static int read_job(json_t *json, char *payload, size_t length, struct job *job,
		    struct error *error)
{
	json_int_t passphrase, ignored;
	int prompt = 0;
	int r = json_read(json, error, "{s:s, s:s, s:s, s?b, s:I, s:I !}", "job",
			  &job->name, "keystore", &job->keystore, "state",
			  &job->place.state, "prompt", &prompt, "passphrase", &passphrase,
			  "payload", &ignored);

	if (r < 0)
		return r;
	if (passphrase < 0 || (size_t)passphrase > length)
		return error_set(error, ERROR_USAGE, "the passphrase is cut short");
	job->place.may_prompt = prompt;
	r = take_secret(payload, (size_t)passphrase, &job->place.passphrase, error);
	if (r == 0)
		r = take_secret(payload + passphrase, length - (size_t)passphrase,
				&job->key, error);
	return r;
}

static int run_job(struct job *job, bool *answers_with_key, struct error *error)
{
	const struct keystore_backend *backend = find_backend(job->keystore);

	if (!backend)
		return error_set(error, ERROR_USAGE, "no such keystore");
	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		if (strcmp(jobs[i].name, job->name) != 0)
			continue;
		*answers_with_key = jobs[i].answers_with_key;
		return jobs[i].run(backend, job, error);
	}
	return error_set(error, ERROR_USAGE, "no such job");
}

static int answer_with_key(struct secret *key)
{
	scoped(secret_concealp) struct secret *open = key;

	return job_answer(STDOUT_FILENO, json_object(), secret_reveal(key),
			  secret_length(key));
}

static int serve(struct error *error)
{
	scoped(buffer_done) struct buffer bytes = BUFFER_WITH_LIMIT(JOB_MAX);
	scoped(json_freep) json_t *json = NULL;
	scoped(job_done) struct job job = { 0 };
	bool answers_with_key = false;
	const char *payload;
	size_t length;
	int r = job_read(STDIN_FILENO, &bytes, &json, &payload, &length, error);

	if (r == 0)
		r = read_job(json, bytes.bytes + (payload - bytes.bytes), length, &job,
			     error);
	if (r == 0)
		r = run_job(&job, &answers_with_key, error);
	if (r < 0)
		return r;
	r = answers_with_key ? answer_with_key(job.key)
			     : job_answer(STDOUT_FILENO, json_object(), NULL, 0);
	return r < 0 ? error_set(error, ERROR_INTERNAL, "cannot answer: %s", strerror(-r))
		     : 0;
}

int main(void)
{
	struct error error;

	log_open("jit-agent-keyring");
	json_init_wiping();
	if (secret_harden_process() < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    secret_init() < 0) {
		log_error("cannot protect this process");
		return 1;
	}
	alarm(LONGEST_SECONDS);
	if (serve(&error) == 0)
		return 0;
	if (job_answer_error(STDOUT_FILENO, &error, -1) < 0)
		log_error("%s", error.text);
	return error_exit_status(error.kind);
}
