/* SPDX-License-Identifier: MIT */
/*
 * What a worker that was taken over sends back: the first byte says to which of
 * the core's jobs, fetch and keyring alike, and whether a document follows.
 */
#include <assert.h>
#include <stdint.h>

#include "agent/unlock.h"
#include "tests/agent_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void on_unlock(void *data, const struct error *error)
{
	(void)data;
	(void)error;
}

/* The core has a job of that kind under way. */
static struct fixture_job *job_of(struct fixture *fixture, unsigned int kind)
{
	struct agent *agent = &fixture->agent;

	switch (kind) {
	case 0:
		fixture_session(fixture, 1800);
		return fixture_find(fixture, "credentials");
	case 1:
		sync_restart(agent);
		return fixture_find(fixture, "call");
	case 2:
		if (ended_add(&agent->ended, FIXTURE_ID, NULL) == 0)
			sync_poke(agent);
		return fixture_find(fixture, "call");
	default:
		keys_set(&agent->keys, NULL, NULL);
		if (unlock_start(agent, NULL, 1000, on_unlock, NULL, NULL) < 0)
			abort();
		return fixture_find(fixture, "load");
	}
}

/* An answer that is framed well, so that the fuzzer gets to what is in it. */
static void answer_framed(struct fixture_job *job, const char *bytes, size_t size)
{
	json_t *object = json_pack("{s:i, s:I, s:I, s:s, s:i}", "status", 200, "date",
				   (json_int_t)FIXTURE_NOW, "credentials_expire_at",
				   (json_int_t)FIXTURE_NOW + 900, "access_key_id", "ASIA",
				   "clock_skew_seconds", 0);

	(void)job_answer(job->fd, object, bytes, size < JOB_PAYLOAD_MAX ? size : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fixture *fixture;
	struct fixture_job *job;
	struct session *session;

	if (size < 1 || size > 65536)
		return 0;
	json_init_wiping();
	fixture = fixture_new();
	job = job_of(fixture, data[0] & 3);
	assert(job);
	if (data[0] & 4)
		answer_framed(job, (const char *)data + 1, size - 1);
	else
		(void)!send(job->fd, data + 1, size - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	fixture_hang_up(job);
	fixture_turn(fixture);
	TAILQ_FOREACH(session, &fixture->agent.sessions.list, entry)
	assert(!credentials_are_good(&fixture->agent, session) ||
	       vault_length(&session->vault) <= JOB_DOCUMENT_MAX);
	fixture_free(fixture);
	return 0;
}
