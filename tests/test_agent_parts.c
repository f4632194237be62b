/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/activation.h"
#include "agent/launcher-order.h"
#include "agent/record.h"
#include "agent/session-file.h"
#include "agent/unlock.h"
#include "tests/agent_fixture.h"

static struct fixture *the_fixture;

static int set_up(void **state)
{
	(void)state;
	the_fixture = fixture_new();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fixture_free(the_fixture);
	return 0;
}

/* --- workers ------------------------------------------------------------------ */

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

		set_up(state);
		assert_int_equal(start_job(&outcome, NULL), 0);
		job = &the_fixture->jobs[0];
		assert_int_equal(send(job->fd, answers[i].bytes, answers[i].count, 0),
				 answers[i].count);
		fixture_hang_up(job);
		fixture_turn(the_fixture);
		if (outcome.calls != 1 || outcome.error.kind != answers[i].kind ||
		    outcome.retry_seconds != answers[i].retry ||
		    strcmp(outcome.payload, answers[i].payload) != 0)
			fail_msg("%s: %d calls, kind %d, retry %d: %s", answers[i].what,
				 outcome.calls, (int)outcome.error.kind,
				 outcome.retry_seconds, outcome.error.text);
		tear_down(state);
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

/* --- the launcher's orders ---------------------------------------------------- */

static void test_an_order_arrives_with_its_stream(void **state)
{
	const struct order sent = { ORDER_RUN, LAUNCHER_KEYRING, 7 };
	struct order got;
	int ends[2], stream;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(order_send(ends[0], &sent, ends[1]), 0);
	assert_int_equal(order_receive(ends[1], &got, &stream), 1);
	assert_memory_equal(&got, &sent, sizeof(sent));
	assert_true(stream >= 0 && fcntl(stream, F_GETFD) == FD_CLOEXEC);
	close(stream);
	assert_int_equal(send(ends[0], &sent, sizeof(sent) - 1, 0), sizeof(sent) - 1);
	assert_int_equal(order_receive(ends[1], &got, &stream), -EBADMSG);
	close(ends[0]);
	assert_int_equal(order_receive(ends[1], &got, &stream), 0);
	close(ends[1]);
}

/* As a core might that was taken over, to use up the launcher's descriptors. */
static void test_two_streams_are_no_order_and_are_closed(void **state)
{
	const struct order sent = { ORDER_RUN, LAUNCHER_FETCH, 7 };
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} control = { .header = { .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS,
				  .cmsg_len = CMSG_LEN(2 * sizeof(int)) } };
	struct iovec bytes = { (void *)(uintptr_t)&sent, sizeof(sent) };
	struct msghdr message = { .msg_iov = &bytes,
				  .msg_iovlen = 1,
				  .msg_control = control.room,
				  .msg_controllen = sizeof(control.room) };
	struct order got;
	int ends[2], stream, before;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	memcpy(CMSG_DATA(&control.header), ends, sizeof(ends));
	assert_int_equal(sendmsg(ends[0], &message, 0), sizeof(sent));
	before = dup(ends[0]);
	close(before);
	assert_int_equal(order_receive(ends[1], &got, &stream), -EBADMSG);
	assert_int_equal(stream, -1);
	stream = dup(ends[0]);
	assert_int_equal(stream, before);
	close(stream);
	close(ends[0]);
	close(ends[1]);
}

/* --- what the broker says ----------------------------------------------------- */

/* Whether a request with that field changed is taken; takes value. */
static bool is_taken(const char *field, json_t *value)
{
	json_auto_t *request = fixture_request(FIXTURE_ID, "approved", FIXTURE_NOW + 60);
	struct error error = { ERROR_NONE };
	json_auto_t *record = NULL;

	if (value)
		json_object_set_new(request, field, value);
	else
		json_object_del(request, field);
	record = record_request(request, &error);
	assert_true(record || strstr(error.text, "makes no sense"));
	return record != NULL;
}

static void test_what_the_broker_says_is_checked_field_by_field(void **state)
{
	(void)state;
	assert_true(is_taken("a-new-field", json_true()));
	assert_true(is_taken("session", json_null()));
	assert_false(is_taken("id", NULL));
	assert_false(is_taken("id", json_string("r-../../../x")));
	assert_false(is_taken("id", json_string("s-7k2m9x4q1d")));
	assert_false(is_taken("profile", json_string("a b")));
	assert_false(is_taken("profile", json_string("")));
	assert_false(is_taken("parameters", json_pack("{s:i}", "tenant", 7)));
	assert_false(is_taken("parameters", json_array()));
	assert_false(is_taken("still_needed", json_pack("[i]", 1)));
	assert_false(is_taken("requested_at", json_string("yesterday")));
	assert_false(is_taken("expires_at", json_integer(5)));
	assert_false(is_taken("duration_seconds", json_real(1.5)));
	assert_false(is_taken("decisions", json_pack("[{}]")));
	assert_false(is_taken("session", json_object()));
	assert_false(is_taken("session", json_string("x")));
}

static void test_an_unknown_field_is_left_out(void **state)
{
	json_auto_t *request = fixture_request(FIXTURE_ID, "pending", 0);
	json_auto_t *record = NULL;

	(void)state;
	json_object_set_new(request, "a-new-field", json_true());
	record = record_request(request, NULL);
	assert_null(json_object_get(record, "a-new-field"));
	assert_string_equal(record_string(record, "reason"), "a test");
	assert_string_equal(record_string(record, "nothing"), "");
	assert_int_equal(record_time(record, "requested_at"), FIXTURE_NOW);
	assert_true(record_time(record, "reason") == INT64_MIN);
}

/* --- sealed sessions ---------------------------------------------------------- */

/* Changes one header field of a live session's file; whether it is still read. */
static bool fills(const char *field, json_t *value)
{
	char path[160];
	json_auto_t *header = NULL;
	struct session session = { .id = FIXTURE_ID };
	int r;

	snprintf(path, sizeof(path), "%s/" FIXTURE_ID ".session", the_fixture->runtime);
	assert_int_equal(session_file_peek(path, &header), 0);
	if (value)
		json_object_set_new(header, field, value);
	r = session_file_fill(&session, header);
	json_decref(session.request);
	return r == 0;
}

static void test_a_sealed_sessions_header_is_checked_before_it_counts(void **state)
{
	(void)state;
	fixture_session(the_fixture, 1800);
	fixture_answer_credentials(the_fixture, 1770, 0);
	assert_true(fills("", NULL));
	assert_false(fills("id", json_string("r-7k2m9x4q1e")));
	assert_false(fills("kind", json_string("device")));
	assert_false(fills("version", json_integer(2)));
	assert_false(fills("boot", json_string("another boot")));
	assert_false(fills("key", json_string("00")));
	assert_false(fills("key", json_string("not hex")));
	assert_false(fills("more", json_true()));
	assert_false(fills("ends_wall_usec", json_string("never")));
	assert_false(fills("ends_wall_usec", json_integer(INT64_MAX)));
	assert_false(fills("ends_boot_usec", json_integer(INT64_MIN)));
	assert_false(fills("credentials_expire_at", json_integer(INT64_MAX)));
}

/* One who may write the file makes the session longer by hand: it does not open. */
static void test_an_altered_end_does_not_open(void **state)
{
	struct agent *agent = &the_fixture->agent;
	struct session *session;

	(void)state;
	fixture_session(the_fixture, 1800);
	fixture_answer_credentials(the_fixture, 1770, 0);
	lifecycle_done(agent);
	lifecycle_load(agent);
	session = sessions_find(&agent->sessions, FIXTURE_ID);
	session->credentials_end.boot_usec += 3600 * USEC_PER_SEC;
	lifecycle_unlock(agent);
	assert_false(credentials_are_good(agent, session));
	assert_int_equal(session->state, SESSION_FETCHING);
}

/* --- lock and unlock ---------------------------------------------------------- */

static void on_unlock(void *data, const struct error *error)
{
	*(struct error *)data = *error;
}

static void test_the_newer_unlock_counts_and_the_older_is_told(void **state)
{
	struct agent *agent = &the_fixture->agent;
	struct error older = { ERROR_NONE }, newer = { ERROR_NONE };

	(void)state;
	keys_set(&agent->keys, NULL, NULL);
	assert_int_equal(unlock_start(agent, NULL, 1000, on_unlock, &older, NULL), 0);
	assert_int_equal(unlock_start(agent, NULL, 1000, on_unlock, &newer, NULL), 0);
	assert_int_equal(older.kind, ERROR_LOCKED);
	assert_int_equal(the_fixture->jobs[0].fd, -1);
	fixture_answer(the_fixture, fixture_find(the_fixture, "load"), json_object(),
		       "a key of another length");
	assert_int_equal(newer.kind, ERROR_INTERNAL);
	assert_null(agent->unlocking);
	assert_null(agent->keys.master);
}

static void test_a_key_that_opens_no_device_key_says_to_enroll(void **state)
{
	struct agent *agent = &the_fixture->agent;
	struct error error = { ERROR_NONE };

	(void)state;
	keys_set(&agent->keys, NULL, NULL);
	assert_int_equal(unlock_start(agent, NULL, 1000, on_unlock, &error, NULL), 0);
	fixture_answer(the_fixture, fixture_find(the_fixture, "load"), json_object(),
		       "01234567890123456789012345678901");
	assert_int_not_equal(error.kind, ERROR_NONE);
	assert_non_null(strstr(error.next, "jitctl enroll"));
	assert_null(agent->keys.master);
}

static void test_the_memory_keystore_cannot_be_locked(void **state)
{
	struct agent *agent = &the_fixture->agent;
	struct error error;

	(void)state;
	snprintf(agent->settings.keystore, CONFIG_VALUE_MAX, "memory");
	assert_true(unlock_undo(agent, &error) < 0);
	assert_non_null(agent->keys.master);
	snprintf(agent->settings.keystore, CONFIG_VALUE_MAX, "passphrase");
	assert_int_equal(unlock_undo(agent, &error), 0);
	assert_null(agent->keys.master);
}

/* --- the broker's news -------------------------------------------------------- */

static json_t *http(int status)
{
	return json_pack("{s:i, s:I}", "status", status, "date", (json_int_t)FIXTURE_NOW);
}

static void test_news_make_sessions_and_a_lost_broker_unmakes_none(void **state)
{
	struct agent *agent = &the_fixture->agent;
	json_auto_t *request = fixture_request(FIXTURE_ID, "approved", FIXTURE_NOW + 900);
	json_auto_t *body = json_pack("{s:[O], s:i}", "requests", request, "next", 5);
	scoped(json_text_freep) char *text = json_text(body);
	struct session *session;

	(void)state;
	sync_restart(agent);
	fixture_answer(the_fixture, fixture_find(the_fixture, "call"), http(200), text);
	session = sessions_find(&agent->sessions, FIXTURE_ID);
	assert_non_null(session);
	assert_int_equal(agent->sync.since, 5);
	assert_true(agent->sync.is_reachable);
	fixture_answer_credentials(the_fixture, 870, 0);
	/* The long poll is there again; now the broker says nonsense, then nothing. */
	fixture_answer(the_fixture, fixture_find(the_fixture, "call"), http(200),
		       "{\"requests\":7}");
	assert_int_equal(session->state, SESSION_READY);
	assert_int_equal(agent->sync.poll_failures, 1);
	assert_int_equal(agent->sync.since, 5);
	assert_true(ev_is_active(&agent->sync.poll_again));
}

static void test_an_end_is_told_until_it_is_heard(void **state)
{
	struct agent *agent = &the_fixture->agent;

	(void)state;
	assert_int_equal(ended_add(&agent->ended, FIXTURE_ID, NULL), 0);
	sync_poke(agent);
	sync_stop(agent); /* the poll is not of interest here */
	agent->sync.has_all = true;
	sync_poke(agent);
	fixture_answer(the_fixture, fixture_find(the_fixture, "call"), http(503), "{}");
	assert_true(ended_has(&agent->ended, FIXTURE_ID));
	assert_true(ev_is_active(&agent->sync.tell_again));
	ev_timer_stop(agent->loop, &agent->sync.tell_again);
	sync_poke(agent);
	fixture_answer(the_fixture, fixture_find(the_fixture, "call"), http(404),
		       "{\"error\":{\"kind\":\"not-found\",\"message\":\"x\"}}");
	assert_false(ended_has(&agent->ended, FIXTURE_ID));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_workers_answer_is_whole_or_an_error),
		TEST(test_a_worker_that_never_stops_talking_is_killed),
		TEST(test_jobs_past_the_most_wait_their_turn_and_then_are_refused),
		cmocka_unit_test(test_an_order_arrives_with_its_stream),
		cmocka_unit_test(test_two_streams_are_no_order_and_are_closed),
		cmocka_unit_test(test_what_the_broker_says_is_checked_field_by_field),
		cmocka_unit_test(test_an_unknown_field_is_left_out),
		TEST(test_a_sealed_sessions_header_is_checked_before_it_counts),
		TEST(test_an_altered_end_does_not_open),
		TEST(test_the_newer_unlock_counts_and_the_older_is_told),
		TEST(test_a_key_that_opens_no_device_key_says_to_enroll),
		TEST(test_the_memory_keystore_cannot_be_locked),
		TEST(test_news_make_sessions_and_a_lost_broker_unmakes_none),
		TEST(test_an_end_is_told_until_it_is_heard),
	};

	return cmocka_run_group_tests_name("agent parts", tests, NULL, NULL);
}
