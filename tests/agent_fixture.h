/* SPDX-License-Identifier: MIT */
#ifndef TESTS_AGENT_FIXTURE_H
#define TESTS_AGENT_FIXTURE_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/connection.h"
#include "agent/credentials.h"
#include "agent/job.h"
#include "agent/lifecycle.h"
#include "base/buffer.h"
#include "base/file.h"
#include "base/json.h"

/*
 * A core without a socket and without workers: clocks that tests set, workers
 * that tests are, directories that are gone afterwards.
 */
#define FIXTURE_JOBS 64
#define FIXTURE_ID "r-7k2m9x4q1d"
#define FIXTURE_DOCUMENT "{\"Version\":1,\"SecretAccessKey\":\"of a test\"}\n"
#define FIXTURE_NOW INT64_C(1800000000)

struct fixture_job {
	uint32_t ticket;
	enum launcher_program program;
	int fd; /* -1: answered, or killed */
	bool was_killed;
};

struct fixture {
	struct agent agent;
	struct clock clock;
	int64_t wall_usec, boot_usec;
	struct fixture_job jobs[FIXTURE_JOBS];
	size_t job_count;
	bool is_busy; /* as a launcher whose socket is full */
	char state[64], runtime[80], config[80];
};

static inline int64_t fixture_wall(void *data)
{
	return ((struct fixture *)data)->wall_usec;
}

static inline int64_t fixture_boot(void *data)
{
	return ((struct fixture *)data)->boot_usec;
}

static inline int fixture_run(void *data, uint32_t ticket, enum launcher_program program,
			      int stream)
{
	struct fixture *fixture = data;

	if (fixture->is_busy)
		return -EAGAIN;
	if (fixture->job_count == FIXTURE_JOBS)
		return -ENOMEM;
	fixture->jobs[fixture->job_count++] = (struct fixture_job){
		ticket, program, fcntl(stream, F_DUPFD_CLOEXEC, 3), false
	};
	return 0;
}

static inline void fixture_hang_up(struct fixture_job *job)
{
	if (job->fd >= 0)
		close(job->fd);
	job->fd = -1;
}

static inline int fixture_kill(void *data, uint32_t ticket)
{
	struct fixture *fixture = data;

	if (fixture->is_busy)
		return -EAGAIN;
	for (size_t i = 0; i < fixture->job_count; i++)
		if (fixture->jobs[i].ticket == ticket) {
			fixture->jobs[i].was_killed = true;
			fixture_hang_up(&fixture->jobs[i]);
		}
	return 0;
}

static inline void fixture_ring(void *agent)
{
	lifecycle_sweep(agent);
}

/* Lets everything happen that can happen now. */
static inline void fixture_turn(struct fixture *fixture)
{
	for (int i = 0; i < 8; i++)
		ev_run(fixture->agent.loop, EVRUN_NOWAIT);
}

static inline void fixture_unlock(struct fixture *fixture)
{
	unsigned char public_key[SIGNATURE_PUBLIC_KEY_SIZE];

	keys_set(&fixture->agent.keys, secret_random(KEYSTORE_KEY_SIZE),
		 keys_make_device(public_key));
}

/* With a broker, a user, and unlocked. */
static inline struct fixture *fixture_new(void)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	struct agent *agent = &fixture->agent;
	struct worker_source source = { fixture_run, fixture_kill, fixture };

	if (secret_init() < 0)
		abort();
	snprintf(fixture->state, sizeof(fixture->state), "/tmp/jit-test-core.XXXXXX");
	if (!mkdtemp(fixture->state))
		abort();
	snprintf(fixture->runtime, sizeof(fixture->runtime), "%s/run", fixture->state);
	snprintf(fixture->config, sizeof(fixture->config), "%s/agent.conf",
		 fixture->state);
	if (directory_make(fixture->runtime, 0700) < 0)
		abort();
	fixture->wall_usec = FIXTURE_NOW * USEC_PER_SEC;
	fixture->boot_usec = 1000 * USEC_PER_SEC;
	fixture->clock = (struct clock){ fixture_wall, fixture_boot, fixture };
	agent->clock = &fixture->clock;
	agent->loop = ev_loop_new(EVFLAG_AUTO);
	agent->state_path = fixture->state;
	agent->runtime_path = fixture->runtime;
	agent->config_path = fixture->config;
	agent->listener.lock = -1;
	snprintf(agent->settings.broker, CONFIG_VALUE_MAX, "http://127.0.0.1:1");
	snprintf(agent->settings.user, CONFIG_VALUE_MAX, "ann");
	snprintf(agent->settings.keystore, CONFIG_VALUE_MAX, "secret-service");
	if (credentials_init(agent) < 0 ||
	    alarm_init(&agent->alarm, agent->loop, fixture_ring, agent) < 0 ||
	    ended_load(&agent->ended, agent->state_path, NULL) < 0)
		abort();
	workers_init(&agent->workers, agent->loop, source);
	sessions_init(&agent->sessions);
	watch_init(&agent->watch);
	sync_init(agent);
	connections_init(agent, 8);
	fixture_unlock(fixture);
	return fixture;
}

static inline void fixture_empty(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	while (directory && (entry = readdir(directory)))
		if (unlinkat(dirfd(directory), entry->d_name, 0) < 0)
			(void)unlinkat(dirfd(directory), entry->d_name, AT_REMOVEDIR);
	if (directory)
		closedir(directory);
	rmdir(path);
}

/* As the program stops; the files stay for fixture_restart(). */
static inline void fixture_stop(struct fixture *fixture)
{
	struct agent *agent = &fixture->agent;

	workers_stop(&agent->workers);
	sync_stop(agent);
	connections_done(agent);
	lifecycle_done(agent);
	keys_done(&agent->keys);
	credentials_done(agent);
	ended_done(&agent->ended);
	alarm_done(&agent->alarm);
	ev_loop_destroy(agent->loop);
	for (size_t i = 0; i < fixture->job_count; i++)
		fixture_hang_up(&fixture->jobs[i]);
}

static inline void fixture_free(struct fixture *fixture)
{
	fixture_stop(fixture);
	fixture_empty(fixture->runtime);
	fixture_empty(fixture->state);
	free(fixture);
}

/* The newest job of which "job" is this, still unanswered; NULL if there is none. */
static inline struct fixture_job *fixture_find(struct fixture *fixture, const char *kind)
{
	static char bytes[JOB_MAX];

	for (size_t i = fixture->job_count; i-- > 0;) {
		struct fixture_job *job = &fixture->jobs[i];
		char pattern[64];
		ssize_t got = job->fd < 0 ? -1
					  : recv(job->fd, bytes, sizeof(bytes) - 1,
						 MSG_PEEK | MSG_DONTWAIT);

		snprintf(pattern, sizeof(pattern), "\"job\":\"%s\"", kind);
		if (got > 0 && memmem(bytes, (size_t)got, pattern, strlen(pattern)))
			return job;
	}
	return NULL;
}

/* Answers it, takes object, and lets the core see that. */
static inline void fixture_answer(struct fixture *fixture, struct fixture_job *job,
				  json_t *object, const char *payload)
{
	(void)job_answer(job->fd, object, payload, payload ? strlen(payload) : 0);
	fixture_hang_up(job);
	fixture_turn(fixture);
}

/* The answer to job "credentials", good for so many seconds more. */
static inline void fixture_answer_credentials(struct fixture *fixture, int64_t seconds,
					      int64_t skew)
{
	int64_t at = fixture->wall_usec / USEC_PER_SEC + skew + seconds;

	fixture_answer(fixture, fixture_find(fixture, "credentials"),
		       json_pack("{s:I, s:s, s:I}", "credentials_expire_at",
				 (json_int_t)at, "access_key_id", "ASIA",
				 "clock_skew_seconds", (json_int_t)skew),
		       FIXTURE_DOCUMENT);
}

/* What the broker says of a request; times are seconds since 1970. */
static inline json_t *fixture_request(const char *id, const char *state, int64_t ends_at)
{
	char now[TIME_TEXT_SIZE], end[TIME_TEXT_SIZE];
	json_t *request = json_pack(
	    "{s:s, s:s, s:s, s:{s:s}, s:s, s:s, s:i, s:s, s:s, s:[], s:[s], s:[]}", "id",
	    id, "user", "ann", "profile", "orders", "parameters", "tenant", "acme",
	    "state", state, "reason", "a test", "duration_seconds", 1800, "requested_at",
	    time_format(FIXTURE_NOW, now), "expires_at",
	    time_format(FIXTURE_NOW + 3600, end), "still_needed", "access", "read",
	    "decisions");

	if (ends_at)
		json_object_set_new(
		    request, "session",
		    json_pack("{s:s, s:s, s:s, s:[s], s:s, s:s}", "account_id",
			      "123456789012", "role_arn", "arn:aws:iam::1:role/x",
			      "region", "eu-west-1", "approved_by", "bob", "approved_at",
			      now, "ends_at", time_format(ends_at, end)));
	return request;
}

/* A live session that ends in so many seconds, without credentials as yet. */
static inline struct session *fixture_session(struct fixture *fixture, int64_t seconds)
{
	json_auto_t *request = fixture_request(
	    FIXTURE_ID, "approved", fixture->wall_usec / USEC_PER_SEC + seconds);
	struct session *session = NULL;

	if (lifecycle_apply(&fixture->agent, request, 0, &session, NULL) < 0)
		abort();
	return session;
}

/* Of the test that runs. */
static struct fixture *the_fixture;

static inline int fixture_setup(void **state)
{
	(void)state;
	the_fixture = fixture_new();
	return 0;
}

static inline int fixture_teardown(void **state)
{
	(void)state;
	fixture_free(the_fixture);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

/* A peer of the core that has said so much already; its other end. */
static inline int fixture_connect_saying(struct fixture *fixture, const void *bytes,
					 size_t count)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) <
		0 ||
	    send(ends[1], bytes, count, MSG_NOSIGNAL) != (ssize_t)count)
		abort();
	connection_start(&fixture->agent, ends[0]);
	credentials_conceal(&fixture->agent);
	return ends[1];
}

static inline int fixture_connect(struct fixture *fixture)
{
	return fixture_connect_saying(fixture, "", 0);
}

#endif
