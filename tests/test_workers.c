/* SPDX-License-Identifier: MIT */
/* Jobs, the workers that do them, and what those answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/agent_fixture.h"

struct outcome {
	int calls;
	int retry_seconds;
	struct error error;
	char payload[64];
};

static void on_done(void *data, const struct worker_result *result)
{
	struct outcome *outcome = data;

	outcome->calls++;
	outcome->retry_seconds = result->retry_seconds;
	outcome->error = result->error;
	snprintf(outcome->payload, sizeof(outcome->payload), "%.*s", (int)result->length,
		 result->payload ? result->payload : "");
}

static int start_job(struct outcome *outcome, struct worker_job **job)
{
	const struct worker_order order = { .program = LAUNCHER_FETCH,
					    .job = json_pack("{s:s}", "job", "test"),
					    .deadline_msec = 60000,
					    .done = on_done,
					    .data = outcome };

	return workers_start(&the_fixture->agent.workers, &order, job, &outcome->error);
}

#define BYTES(text) text, sizeof(text) - 1
#define FAILURE(error) BYTES("{\"payload\":0,\"error\":" error "}\0")

/* clang-format off */
static const struct {
	const char *what, *bytes;
	size_t count;
	enum error_kind kind;
	int retry;
	const char *payload;
} answers[] = {
	{ "whole",            BYTES("{\"payload\":2}\0ab"), ERROR_NONE,        -1, "ab" },
	{ "nothing",          BYTES(""),                    ERROR_UNREACHABLE,  1, "" },
	{ "torn",             BYTES("{\"payload\":3}\0ab"), ERROR_INTERNAL,     1, "" },
	{ "torn in its head", BYTES("{\"payl"),             ERROR_INTERNAL,     1, "" },
	{ "too much",         BYTES("{\"payload\":1}\0ab"), ERROR_INTERNAL,     1, "" },
	{ "garbage",          BYTES("garbage\0"),           ERROR_INTERNAL,     1, "" },
	{ "no payload",       BYTES("{}\0"),                ERROR_INTERNAL,     1, "" },
	{ "refused",          FAILURE("{\"kind\":\"refused-by-aws\",\"message\":\"no\"}"),
	  ERROR_REFUSED_BY_AWS, -1, "" },
	{ "to be tried again", FAILURE("{\"kind\":\"limit\",\"message\":\"no\",\"retry\":7}"),
	  ERROR_LIMIT, 7, "" },
	{ "an error without a kind", FAILURE("{}"), ERROR_INTERNAL, -1, "" },
	{ "an error that is none",   FAILURE("{\"kind\":\"none\",\"message\":\"x\"}"),
	  ERROR_INTERNAL, -1, "" },
};
/* clang-format on */

static void test_a_workers_answer_is_whole_or_an_error(void **state)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct outcome outcome = { 0 };
		struct fixture_job *job;

		fixture_setup(state);
		assert_int_equal(start_job(&outcome, NULL), 0);
		job = &the_fixture->jobs[0];
		assert_int_equal(send(job->fd, answers[i].bytes, answers[i].count, 0),
				 answers[i].count);
		fixture_hang_up(job);
		fixture_turn(the_fixture);
		if (outcome.calls != 1 || outcome.error.kind != answers[i].kind ||
		    outcome.retry_seconds != answers[i].retry ||
		    strcmp(outcome.payload, answers[i].payload) != 0 || !job->was_killed)
			fail_msg("%s: %d calls, kind %d, retry %d: %s", answers[i].what,
				 outcome.calls, (int)outcome.error.kind,
				 outcome.retry_seconds, outcome.error.text);
		fixture_teardown(state);
	}
}

static void test_a_worker_that_never_stops_talking_is_killed(void **state)
{
	static char bytes[65536];
	struct outcome outcome = { 0 };
	struct fixture_job *job;

	(void)state;
	assert_int_equal(start_job(&outcome, NULL), 0);
	job = &the_fixture->jobs[0];
	memset(bytes, 'x', sizeof(bytes));
	for (int i = 0; i < 100 && job->fd >= 0; i++) {
		(void)!send(job->fd, bytes, sizeof(bytes), MSG_NOSIGNAL | MSG_DONTWAIT);
		fixture_turn(the_fixture);
	}
	assert_int_equal(job->fd, -1);
	assert_int_equal(outcome.calls, 1);
	assert_non_null(strstr(outcome.error.text, "more than is allowed"));
}

static void test_jobs_past_the_most_wait_their_turn_and_then_are_refused(void **state)
{
	struct workers *workers = &the_fixture->agent.workers;
	struct outcome outcome = { 0 };
	struct worker_job *first, *waiting;
	int started = 0;

	(void)state;
	assert_int_equal(start_job(&outcome, &first), 0);
	while (workers->waiting_count < WORKERS_QUEUE_MAX && started++ < 1000)
		assert_int_equal(start_job(&outcome, &waiting), 0);
	assert_int_equal(workers->running_count, LAUNCHER_WORKERS_MAX);
	assert_true(start_job(&outcome, NULL) < 0);
	assert_int_equal(outcome.error.kind, ERROR_LIMIT);
	workers_cancel(workers, waiting);
	assert_int_equal(workers->waiting_count, WORKERS_QUEUE_MAX - 1);
	workers_cancel(workers, first); /* the next one has its turn */
	assert_int_equal(the_fixture->jobs[0].fd, -1);
	assert_int_equal(workers->running_count, LAUNCHER_WORKERS_MAX);
	assert_int_equal(workers->waiting_count, WORKERS_QUEUE_MAX - 2);
	assert_int_equal(outcome.calls, 0);
	workers_stop(workers);
	assert_int_equal(outcome.calls, LAUNCHER_WORKERS_MAX + WORKERS_QUEUE_MAX - 2);
	assert_true(start_job(&outcome, NULL) < 0);
	assert_int_equal(outcome.error.kind, ERROR_NO_AGENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_workers_answer_is_whole_or_an_error),
		TEST(test_a_worker_that_never_stops_talking_is_killed),
		TEST(test_jobs_past_the_most_wait_their_turn_and_then_are_refused),
	};

	return cmocka_run_group_tests_name("workers", tests, NULL, NULL);
}
