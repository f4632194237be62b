/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "tests/agent_fixture.h"

#define PREFIX "{\"method\":\"io.jitctl.Agent."
#define STATUS PREFIX "Status\"}"
#define CREDENTIALS                                                         \
	PREFIX "GetCredentials\",\"parameters\":{\"session\":\"" FIXTURE_ID \
	       "\"},\"upgrade\":true}"

static char answer[2 * 1024 * 1024];

/* With its NUL. */
static void say(int peer, const char *text)
{
	assert_int_equal(send(peer, text, strlen(text) + 1, MSG_NOSIGNAL),
			 (ssize_t)strlen(text) + 1);
	fixture_turn(the_fixture);
}

/* What can be read now, as a string whose NULs are newlines; -1 at the end. */
static ssize_t hear(int peer)
{
	ssize_t got = recv(peer, answer, sizeof(answer) - 1, 0);

	if (got == 0 || (got < 0 && errno != EAGAIN))
		return -1;
	for (ssize_t i = 0; i < got; i++)
		if (answer[i] == '\0')
			answer[i] = '\n';
	answer[got < 0 ? 0 : got] = '\0';
	return got < 0 ? 0 : got;
}

static unsigned int peers(void)
{
	return the_fixture->agent.places.count;
}

static void test_a_call_is_answered_and_the_connection_stays(void **state)
{
	int peer = fixture_connect(the_fixture);

	(void)state;
	say(peer, STATUS);
	assert_true(hear(peer) > 0);
	assert_non_null(strstr(answer, "\"keystore\":\"secret-service\""));
	say(peer, STATUS);
	assert_true(hear(peer) > 0);
	close(peer);
	fixture_turn(the_fixture);
	assert_int_equal(peers(), 0);
}

static void test_a_oneway_call_is_not_answered(void **state)
{
	int peer = fixture_connect(the_fixture);

	(void)state;
	say(peer, PREFIX "Status\",\"oneway\":true}");
	assert_int_equal(hear(peer), 0);
	say(peer, PREFIX "Nonsense\",\"oneway\":true}");
	assert_int_equal(hear(peer), 0);
	say(peer, STATUS);
	assert_true(hear(peer) > 0);
	close(peer);
}

/* Not even by what is more than a reply: a document, or one change after another. */
static void test_a_oneway_call_is_sent_nothing_else_either(void **state)
{
	int watcher = fixture_connect(the_fixture), peer = fixture_connect(the_fixture);
	struct session *session = fixture_session(the_fixture, 1800);

	(void)state;
	fixture_answer_credentials(the_fixture, 1770, 0);
	say(watcher, PREFIX "Watch\",\"more\":true,\"oneway\":true}");
	watch_tell(&the_fixture->agent, session);
	assert_int_equal(hear(watcher), 0);
	say(peer, PREFIX "GetCredentials\",\"parameters\":{\"session\":\"" FIXTURE_ID
			 "\"},\"upgrade\":true,\"oneway\":true}");
	assert_int_equal(hear(peer), -1);
	close(watcher);
	close(peer);
}

static void test_those_who_wait_for_a_fetch_share_it(void **state)
{
	int first = fixture_connect(the_fixture), second = fixture_connect(the_fixture);

	(void)state;
	fixture_session(the_fixture, 1800);
	say(first, CREDENTIALS);
	say(second, CREDENTIALS);
	assert_int_equal(hear(first), 0);
	fixture_answer_credentials(the_fixture, 1770, 0);
	assert_null(fixture_find(the_fixture, "credentials"));
	assert_true(hear(first) > 0);
	assert_non_null(strstr(answer, "}\n" FIXTURE_DOCUMENT));
	assert_true(hear(second) > 0);
	assert_non_null(strstr(answer, "}\n" FIXTURE_DOCUMENT));
	assert_int_equal(hear(first), -1);
	assert_int_equal(peers(), 0);
	close(first);
	close(second);
}

static void test_who_waits_may_leave(void **state)
{
	int peer = fixture_connect(the_fixture);

	(void)state;
	fixture_session(the_fixture, 1800);
	say(peer, CREDENTIALS);
	close(peer);
	fixture_turn(the_fixture);
	fixture_answer_credentials(the_fixture, 1770, 0);
	assert_int_equal(peers(), 0);
}

static void test_who_waits_is_told_of_the_end_and_of_the_stop(void **state)
{
	int peer = fixture_connect(the_fixture), other = fixture_connect(the_fixture);
	struct session *session = fixture_session(the_fixture, 1800);

	(void)state;
	say(peer, CREDENTIALS);
	lifecycle_end(&the_fixture->agent, session, SESSION_ENDED, "ended here");
	assert_true(hear(peer) > 0);
	assert_non_null(strstr(answer, "NoSession"));
	say(other, PREFIX "Profiles\"}");
	assert_int_equal(hear(other), 0);
	workers_stop(&the_fixture->agent.workers);
	assert_true(hear(other) > 0);
	assert_non_null(strstr(answer, "the agent is stopping"));
	close(peer);
	close(other);
}

/* The socket's buffer, then the megabyte that is kept for it, then its end. */
#define MARK "the-horse-on-the-stack"

static void *say_the_passphrase(void *peer)
{
	say(*(int *)peer,
	    PREFIX "Unlock\",\"parameters\":{\"passphrase\":\"" MARK "\"}}");
	return NULL;
}

/* Calls come and go through the same frames, and the next one may be shorter. */
static void test_a_passphrase_does_not_stay_on_the_stack(void **state)
{
	static char stack[512 * 1024] __attribute__((aligned(4096)));
	int peer = fixture_connect(the_fixture);
	pthread_attr_t attributes;
	pthread_t thread;

	(void)state;
	snprintf(the_fixture->agent.settings.keystore, CONFIG_VALUE_MAX, "passphrase");
	keys_done(&the_fixture->agent.keys);
	pthread_attr_init(&attributes);
	assert_int_equal(pthread_attr_setstack(&attributes, stack, sizeof(stack)), 0);
	assert_int_equal(pthread_create(&thread, &attributes, say_the_passphrase, &peer),
			 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	pthread_attr_destroy(&attributes);
	assert_int_equal(the_fixture->job_count, 1); /* the keyring has it */
	assert_null(memmem(stack, sizeof(stack), MARK, strlen(MARK)));
	close(peer);
}

/* The next fetch may take long to fail too, and jit-credentials has 3 s. */
static void test_who_waits_for_what_failed_before_hears_why_in_time(void **state)
{
	struct fixture *fixture = the_fixture;
	struct session *session = fixture_session(fixture, 1800);
	int peer = fixture_connect(fixture);

	(void)state;
	fixture_answer(fixture, fixture_find(fixture, "credentials"),
		       json_pack("{s:{s:s, s:s, s:i}}", "error", "kind", "unreachable",
				 "message", "STS is away", "retry", 5),
		       NULL);
	assert_int_equal(session->state, SESSION_FAILING);
	fixture->wall_usec += 3 * USEC_PER_SEC;
	fixture->boot_usec += 3 * USEC_PER_SEC;
	say(peer, CREDENTIALS);
	assert_int_equal(hear(peer), 0);
	assert_true(ev_is_active(&session->renewal.patience));
	ev_feed_event(fixture->agent.loop, &session->renewal.patience, EV_TIMER);
	fixture_turn(fixture);
	assert_true(hear(peer) > 0);
	assert_non_null(strstr(answer, "Unreachable"));
	assert_non_null(strstr(answer, "orders: STS is away"));
	/* The fetch goes on; what it brings is there for the next one. */
	fixture_answer_credentials(fixture, 1770, 0);
	say(peer, CREDENTIALS);
	assert_true(hear(peer) > 0);
	assert_non_null(strstr(answer, FIXTURE_DOCUMENT));
	close(peer);
}

/* Asks twice before the first answer: the second one begins when that is there. */
static int ask_in_one_breath(const char *first, const char *second)
{
	int peer = fixture_connect(the_fixture);
	char both[512];
	int length = snprintf(both, sizeof(both), "%s%c%s%c", first, 0, second, 0);

	assert_int_equal(send(peer, both, (size_t)length, MSG_NOSIGNAL), length);
	fixture_turn(the_fixture);
	return peer;
}

static struct session *other_session(const char *id, const char *state, int64_t ends_at)
{
	json_auto_t *request = fixture_request(id, state, ends_at);
	struct session *session = NULL;

	assert_int_equal(lifecycle_apply(&the_fixture->agent, request, 0, &session, NULL),
			 0);
	return session;
}

static void test_what_was_asked_behind_a_lock_finds_it_locked(void **state)
{
	int peer, other = fixture_connect(the_fixture);

	(void)state;
	fixture_session(the_fixture, 1800);
	peer = ask_in_one_breath(CREDENTIALS, CREDENTIALS);
	say(other, PREFIX "Lock\"}");
	assert_true(hear(peer) > 0);
	assert_non_null(strstr(answer, "Locked"));
	assert_non_null(strstr(strchr(answer, '\n'), "Locked"));
	assert_null(fixture_find(the_fixture, "credentials"));
	close(peer);
	close(other);
}

static void test_what_is_asked_as_a_session_ends_may_sweep_too(void **state)
{
	struct session *old;
	int peer;

	(void)state;
	fixture_session(the_fixture, 1800);
	old = other_session("r-0000000002", "withdrawn", 0);
	old->over.wall_usec -= SESSION_REMEMBERED_USEC - USEC_PER_SEC;
	peer = ask_in_one_breath(CREDENTIALS, STATUS);
	the_fixture->wall_usec += 1801 * USEC_PER_SEC;
	lifecycle_sweep(&the_fixture->agent);
	assert_true(hear(peer) > 0);
	assert_non_null(strstr(answer, "NoSession"));
	assert_non_null(strstr(answer, "\"keystore\""));
	assert_int_equal(the_fixture->agent.sessions.count, 1);
	close(peer);
}

static void test_nobody_is_left_waiting_by_a_new_enrolment(void **state)
{
	int peer;

	(void)state;
	fixture_session(the_fixture, 1800);
	other_session("r-0000000002", "approved", FIXTURE_NOW + 1800);
	peer = ask_in_one_breath(PREFIX "GetCredentials\",\"upgrade\":true,"
					"\"parameters\":{\"session\":\"r-0000000002\"}}",
				 PREFIX "GetCredentials\",\"upgrade\":true,"
					"\"parameters\":{\"session\":\"" FIXTURE_ID
					"\"}}");
	lifecycle_forget_all(&the_fixture->agent);
	assert_true(hear(peer) > 0);
	assert_non_null(strstr(answer, "enrolled anew"));
	assert_non_null(strstr(strchr(answer, '\n'), "NoSession"));
	close(peer);
}

static void test_the_idle_make_room_then_the_stuck_never_the_waiting(void **state)
{
	struct places *places = &the_fixture->agent.places;
	int idle, stuck, waiting[7];

	(void)state;
	places->most = 3;
	fixture_session(the_fixture, 1800);
	waiting[0] = fixture_connect(the_fixture);
	say(waiting[0], CREDENTIALS);
	stuck = fixture_connect(the_fixture);
	assert_int_equal(send(stuck, "{", 1, 0), 1);
	fixture_turn(the_fixture);
	idle = fixture_connect(the_fixture);
	assert_true(places_have_room(places));
	places_make_room(places);
	assert_int_equal(hear(idle), -1);
	assert_int_equal(hear(stuck), 0);
	places_make_room(places); /* there is one already */
	assert_int_equal(hear(stuck), 0);
	waiting[1] = fixture_connect(the_fixture);
	say(waiting[1], CREDENTIALS);
	places_make_room(places);
	assert_int_equal(hear(stuck), -1);
	waiting[2] = fixture_connect(the_fixture);
	say(waiting[2], CREDENTIALS);
	assert_false(places_have_room(places));
	fixture_answer_credentials(the_fixture, 1770, 0);
	for (int i = 0; i < 3; i++) {
		assert_true(hear(waiting[i]) > 0);
		close(waiting[i]);
	}
	close(idle);
	close(stuck);
}

static void test_who_is_given_up_is_told_if_it_can_be(void **state)
{
	struct places *places = &the_fixture->agent.places;
	int half = fixture_connect(the_fixture), deaf = fixture_connect(the_fixture);
	struct place *place;

	(void)state;
	assert_int_equal(send(half, "{\"met", 5, 0), 5);
	while (send(deaf, STATUS, sizeof(STATUS), MSG_NOSIGNAL) > 0)
		fixture_turn(the_fixture);
	while ((place = TAILQ_FIRST(&places->lists[PLACE_STUCK])))
		places->give_up(place);
	assert_true(hear(half) > 0);
	assert_non_null(strstr(answer, "not whole within 20 s"));
	assert_int_equal(hear(half), -1);
	assert_int_equal(peers(), 0);
	close(half);
	close(deaf);
}

/* What needs a broker or a key says so before anything else. */
static void test_what_must_hold_before_a_call_is_checked(void **state)
{
	struct agent *agent = &the_fixture->agent;
	int peer = fixture_connect(the_fixture);

	(void)state;
	keys_set(&agent->keys, NULL, NULL);
	say(peer, PREFIX "Profiles\"}");
	assert_true(hear(peer) > 0);
	assert_non_null(strstr(answer, "Agent.Locked"));
	agent->settings.broker[0] = '\0';
	say(peer, PREFIX "Profiles\"}");
	assert_true(hear(peer) > 0);
	assert_non_null(strstr(answer, "Agent.NotEnrolled"));
	say(peer, PREFIX "Enroll\",\"parameters\":{\"broker\":\"http://example.com\","
			 "\"code\":\"x\"}}");
	assert_true(hear(peer) > 0);
	assert_non_null(strstr(answer, "https://"));
	assert_int_equal(the_fixture->job_count, 0);
	close(peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_call_is_answered_and_the_connection_stays),
		TEST(test_a_oneway_call_is_not_answered),
		TEST(test_a_oneway_call_is_sent_nothing_else_either),
		TEST(test_those_who_wait_for_a_fetch_share_it),
		TEST(test_who_waits_may_leave),
		TEST(test_who_waits_is_told_of_the_end_and_of_the_stop),
		TEST(test_a_passphrase_does_not_stay_on_the_stack),
		TEST(test_who_waits_for_what_failed_before_hears_why_in_time),
		TEST(test_what_was_asked_behind_a_lock_finds_it_locked),
		TEST(test_what_is_asked_as_a_session_ends_may_sweep_too),
		TEST(test_nobody_is_left_waiting_by_a_new_enrolment),
		TEST(test_the_idle_make_room_then_the_stuck_never_the_waiting),
		TEST(test_who_is_given_up_is_told_if_it_can_be),
		TEST(test_what_must_hold_before_a_call_is_checked),
	};

	return cmocka_run_group_tests_name("connection", tests, NULL, NULL);
}
