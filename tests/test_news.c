/* SPDX-License-Identifier: MIT */
/* What the broker says of requests, and what the agent tells it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/record.h"
#include "agent/status.h"
#include "tests/agent_fixture.h"

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
	assert_false(is_taken("account", json_pack("{s:s}", "name", "live")));
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

/* The number of its poll's answer, and what it says of the session. */
static void answer_poll(int next, json_t *request)
{
	json_auto_t *body = json_pack("{s:[O], s:i}", "requests", request, "next", next);
	scoped(json_text_freep) char *text = json_text(body);

	fixture_answer(the_fixture, fixture_find(the_fixture, "call"), http(200), text);
}

static json_t *ended(const char *proof, json_t *dead_after)
{
	json_t *request = fixture_request(FIXTURE_ID, "ended", FIXTURE_NOW + 900);
	json_t *session = json_object_get(request, "session");

	json_object_set_new(session, "end_reason", json_string("ended by ann"));
	json_object_set_new(session, "proof", json_string(proof));
	if (dead_after)
		json_object_set_new(session, "dead_after_seconds", dead_after);
	return request;
}

/* Nothing is live, and yet there is news: as long as the broker asks AWS. */
static void test_the_proof_of_an_end_is_waited_for(void **state)
{
	struct agent *agent = &the_fixture->agent;
	json_auto_t *live = fixture_request(FIXTURE_ID, "approved", FIXTURE_NOW + 900);
	json_auto_t *awaited = ended("awaited", NULL);
	json_auto_t *shown = ended("shown", json_integer(4));
	json_auto_t *told = json_pack("{s:O}", "request", awaited);
	scoped(json_text_freep) char *text = json_text(told);
	json_auto_t *status = NULL;
	struct session *session;

	(void)state;
	sync_restart(agent);
	answer_poll(1, live);
	fixture_answer_credentials(the_fixture, 870, 0);
	session = sessions_find(&agent->sessions, FIXTURE_ID);
	assert_int_equal(ended_add(&agent->ended, FIXTURE_ID, NULL), 0);
	lifecycle_end(agent, session, SESSION_ENDED, "ended by ann");
	assert_null(agent->sync.poll);
	fixture_answer(the_fixture, fixture_find(the_fixture, "call"), http(200), text);
	assert_false(ended_has(&agent->ended, FIXTURE_ID));
	assert_non_null(agent->sync.poll);
	answer_poll(2, awaited);
	assert_non_null(agent->sync.poll);
	answer_poll(3, shown);
	assert_null(agent->sync.poll);
	assert_int_equal(session->state, SESSION_ENDED);
	status = status_of_session(session);
	assert_int_equal(
	    json_integer_value(json_object_get(status, "dead_after_seconds")), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_the_broker_says_is_checked_field_by_field),
		cmocka_unit_test(test_an_unknown_field_is_left_out),
		TEST(test_news_make_sessions_and_a_lost_broker_unmakes_none),
		TEST(test_an_end_is_told_until_it_is_heard),
		TEST(test_the_proof_of_an_end_is_waited_for),
	};

	return cmocka_run_group_tests_name("news", tests, NULL, NULL);
}
