/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/session-file.h"
#include "agent/status.h"
#include "tests/agent_fixture.h"

#define LENGTH 1800
#define MARGIN JOB_MARGIN_SECONDS

/* From where it was when the session began. */
static void set_clocks(int64_t wall, int64_t boot)
{
	the_fixture->wall_usec = (FIXTURE_NOW + wall) * USEC_PER_SEC;
	the_fixture->boot_usec = (1000 + boot) * USEC_PER_SEC;
}

static struct session *live_session(void)
{
	struct session *session = fixture_session(the_fixture, LENGTH);

	assert_int_equal(session->state, SESSION_FETCHING);
	fixture_answer_credentials(the_fixture, LENGTH - MARGIN, 0);
	assert_int_equal(session->state, SESSION_READY);
	assert_true(credentials_are_good(&the_fixture->agent, session));
	return session;
}

/* Set back, right, nearly over, within the margin, just over, set forward. */
static const int64_t moments[] = {
	-86400,          -3600,      0,      1,    LENGTH - MARGIN - 1,
	LENGTH - MARGIN, LENGTH - 1, LENGTH, 3600, 86400
};
#define MOMENTS (sizeof(moments) / sizeof(moments[0]))

/* The clocks are set, then somebody asks before any timer has gone off. */
static void test_nothing_is_served_past_its_end_by_either_clock(void **state)
{
	for (size_t i = 0; i < MOMENTS * MOMENTS; i++) {
		int64_t wall = moments[i / MOMENTS], boot = moments[i % MOMENTS];
		int64_t later = wall > boot ? wall : boot;
		struct session *session;

		fixture_setup(state);
		session = live_session();
		set_clocks(wall, boot);
		if (credentials_are_good(&the_fixture->agent, session) !=
		    (later < LENGTH - MARGIN))
			fail_msg("served at %lld, %lld", (long long)wall,
				 (long long)boot);
		lifecycle_sweep(&the_fixture->agent);
		if (session_is_live(session) != (later < LENGTH))
			fail_msg("live at %lld, %lld", (long long)wall, (long long)boot);
		if (!vault_is_empty(&session->vault) && later >= LENGTH - MARGIN)
			fail_msg("kept at %lld, %lld", (long long)wall, (long long)boot);
		set_clocks(0, 0);
		assert_int_equal(session_is_live(session), later < LENGTH);
		assert_int_equal(ended_has(&the_fixture->agent.ended, FIXTURE_ID),
				 later >= LENGTH && wall != boot &&
				     llabs(wall - boot) > 2);
		fixture_teardown(state);
	}
}

/* The same after a stop: what is read from the file keeps both ends. */
static void test_a_restart_changes_no_end(void **state)
{
	for (size_t i = 0; i < MOMENTS * MOMENTS; i++) {
		int64_t wall = moments[i / MOMENTS], boot = moments[i % MOMENTS];
		int64_t later = wall > boot ? wall : boot;
		struct agent *agent;
		struct session *session;

		fixture_setup(state);
		agent = &the_fixture->agent;
		live_session();
		lifecycle_done(agent);
		set_clocks(wall, boot);
		lifecycle_load(agent);
		session = sessions_find(&agent->sessions, FIXTURE_ID);
		assert_non_null(session);
		assert_int_equal(session_is_live(session), later < LENGTH);
		lifecycle_unlock(agent);
		if (credentials_are_good(agent, session) != (later < LENGTH - MARGIN))
			fail_msg("served at %lld, %lld", (long long)wall,
				 (long long)boot);
		fixture_teardown(state);
	}
}

static const struct {
	int64_t skew; /* the broker's and AWS's clock, ahead of ours */
	int64_t wall_end, boot_end;
} skews[] = {
	{ 0, LENGTH, LENGTH },
	{ 2, LENGTH, LENGTH }, /* within what one second's grain makes */
	{ 3600, LENGTH, LENGTH - 3600 - 1 },
	{ -3600, LENGTH, LENGTH + 3600 - 1 },
	{ 60, LENGTH, LENGTH - 60 - 1 },
};

/* ends_at is by the broker's clock, and the boot clock has to go by that. */
static void test_a_wrong_wall_clock_does_not_make_a_session_longer(void **state)
{
	for (size_t i = 0; i < sizeof(skews) / sizeof(skews[0]); i++) {
		json_auto_t *request = fixture_request(FIXTURE_ID, "approved",
						       FIXTURE_NOW + LENGTH);
		struct session *session = NULL;

		fixture_setup(state);
		assert_int_equal(lifecycle_apply(&the_fixture->agent, request,
						 FIXTURE_NOW + skews[i].skew, &session,
						 NULL),
				 0);
		assert_int_equal(session->ends.wall_usec / USEC_PER_SEC - FIXTURE_NOW,
				 skews[i].wall_end);
		assert_int_equal(session->ends.boot_usec / USEC_PER_SEC - 1000,
				 skews[i].boot_end);
		fixture_teardown(state);
	}
}

static void test_credentials_end_by_the_clock_of_aws(void **state)
{
	struct session *session = fixture_session(the_fixture, 2 * LENGTH);

	(void)state;
	/* They expire at what we would call 600 s from now, were we right. */
	fixture_answer_credentials(the_fixture, 600, 300);
	assert_true(credentials_are_good(&the_fixture->agent, session));
	set_clocks(598, 598);
	assert_true(credentials_are_good(&the_fixture->agent, session));
	set_clocks(600, 600);
	assert_false(credentials_are_good(&the_fixture->agent, session));
}

static void test_what_expires_before_its_session_is_fetched_again(void **state)
{
	struct session *session = fixture_session(the_fixture, 2 * LENGTH);

	(void)state;
	fixture_answer_credentials(the_fixture, 900, 0);
	assert_null(fixture_find(the_fixture, "credentials"));
	set_clocks(900, 900);
	lifecycle_sweep(&the_fixture->agent);
	assert_int_equal(session->state, SESSION_FETCHING);
	assert_true(vault_is_empty(&session->vault));
	fixture_answer_credentials(the_fixture, 900, 0);
	assert_true(credentials_are_good(&the_fixture->agent, session));
}

static void test_an_end_is_never_undone_by_what_the_broker_says(void **state)
{
	struct session *session = live_session();
	json_auto_t *request = fixture_request(FIXTURE_ID, "approved",
					       FIXTURE_NOW + 2 * LENGTH);

	(void)state;
	lifecycle_end(&the_fixture->agent, session, SESSION_ENDED, "ended here");
	assert_int_equal(lifecycle_apply(&the_fixture->agent, request, 0, NULL, NULL), 0);
	assert_int_equal(session->state, SESSION_ENDED);
	assert_false(credentials_are_good(&the_fixture->agent, session));
}

/* The broker says 1800000001 where ours ended at 1800000001.2, before it. */
static void test_of_two_ends_in_a_second_the_later_session_is_spoken_of(void **state)
{
	struct agent *agent = &the_fixture->agent;
	struct session *first = live_session(), *second = NULL;
	json_auto_t *live = fixture_request("r-0000000002", "approved",
					    FIXTURE_NOW + LENGTH);
	json_auto_t *over = json_deep_copy(live);
	char at[TIME_TEXT_SIZE];

	(void)state;
	assert_int_equal(lifecycle_apply(agent, live, 0, &second, NULL), 0);
	the_fixture->wall_usec += USEC_PER_SEC * 12 / 10;
	the_fixture->boot_usec += USEC_PER_SEC * 12 / 10;
	lifecycle_end(agent, first, SESSION_ENDED, "ended here");
	the_fixture->wall_usec += USEC_PER_SEC / 2;
	the_fixture->boot_usec += USEC_PER_SEC / 2;
	json_object_set_new(over, "state", json_string("ended"));
	json_object_set_new(json_object_get(over, "session"), "ended_at",
			    json_string(time_format(FIXTURE_NOW + 1, at)));
	json_object_set_new(json_object_get(over, "session"), "end_reason",
			    json_string("revoked by dora"));
	assert_int_equal(lifecycle_apply(agent, over, 0, NULL, NULL), 0);
	assert_int_equal(second->state, SESSION_ENDED);
	assert_ptr_equal(sessions_find_not_live(&agent->sessions, second->profile),
			 second);
}

/* Cut between two characters: half of one would leave the whole reason out. */
static void test_a_long_reason_of_an_end_is_told(void **state)
{
	struct session *session = fixture_session(the_fixture, 1800);
	char reason[512] = "revoked by bob:";
	json_auto_t *status = NULL;

	(void)state;
	for (size_t at = strlen(reason); at < 400; at += 3)
		memcpy(reason + at, "\xe2\x82\xac", 4);
	lifecycle_end(&the_fixture->agent, session, SESSION_ENDED, reason);
	status = status_of_session(session);
	assert_non_null(json_object_get(status, "end_reason"));
}

static void test_an_end_not_told_yet_holds_over_a_restart(void **state)
{
	struct agent *agent = &the_fixture->agent;
	struct session *session;

	(void)state;
	live_session();
	/* As if it was killed between writing that down and the wipe. */
	assert_int_equal(ended_add(&agent->ended, FIXTURE_ID, NULL), 0);
	lifecycle_done(agent);
	lifecycle_load(agent);
	session = sessions_find(&agent->sessions, FIXTURE_ID);
	assert_int_equal(session->state, SESSION_ENDED);
	assert_int_equal(session_file_peek("/nowhere", NULL), -ENOENT);
	lifecycle_done(agent);
	lifecycle_load(agent);
	assert_int_equal(agent->sessions.count, 0); /* its file is gone */
}

static void test_another_master_key_opens_nothing_and_it_is_fetched_again(void **state)
{
	struct agent *agent = &the_fixture->agent;
	struct session *session;

	(void)state;
	live_session();
	lifecycle_done(agent);
	fixture_unlock(the_fixture);
	lifecycle_load(agent);
	lifecycle_unlock(agent);
	session = sessions_find(&agent->sessions, FIXTURE_ID);
	assert_int_equal(session->state, SESSION_FETCHING);
	fixture_answer_credentials(the_fixture, LENGTH - MARGIN, 0);
	assert_int_equal(session->state, SESSION_READY);
}

static void test_the_memory_keystore_leaves_nothing_to_a_restart(void **state)
{
	struct agent *agent = &the_fixture->agent;

	(void)state;
	snprintf(agent->settings.keystore, CONFIG_VALUE_MAX, "memory");
	live_session();
	lifecycle_done(agent);
	lifecycle_load(agent);
	assert_int_equal(agent->sessions.count, 0);
	assert_int_equal(rmdir(the_fixture->runtime), 0); /* not a file is left */
	assert_int_equal(directory_make(the_fixture->runtime, 0700), 0);
}

static void test_locking_closes_and_unlocking_opens_again(void **state)
{
	struct session *session = live_session();

	(void)state;
	lifecycle_lock(&the_fixture->agent);
	assert_false(credentials_are_good(&the_fixture->agent, session));
	lifecycle_unlock(&the_fixture->agent);
	assert_true(credentials_are_good(&the_fixture->agent, session));
}

/* An answer of a worker that was taken over, or is just wrong. */
static void test_a_document_that_cannot_be_one_is_not_served(void **state)
{
	static const char *const payloads[] = { "", "{}\n{}\n", "{", "no document\n",
						"{\"a\":1}" };

	for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
		struct session *session;

		fixture_setup(state);
		session = fixture_session(the_fixture, LENGTH);
		fixture_answer(the_fixture, fixture_find(the_fixture, "credentials"),
			       json_pack("{s:I, s:i}", "credentials_expire_at",
					 (json_int_t)FIXTURE_NOW + 900,
					 "clock_skew_seconds", 0),
			       payloads[i]);
		assert_int_equal(session->state, SESSION_FAILING);
		assert_false(credentials_are_good(&the_fixture->agent, session));
		fixture_teardown(state);
	}
}

static void test_times_past_all_reckoning_are_refused(void **state)
{
	static const json_int_t wrong[][2] = { { INT64_MAX, 0 },
					       { INT64_MIN, 0 },
					       { FIXTURE_NOW + 900, INT64_MAX },
					       { FIXTURE_NOW + 900, INT64_MIN },
					       { FIXTURE_NOW - 1, 0 } };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct session *session;

		fixture_setup(state);
		session = fixture_session(the_fixture, LENGTH);
		fixture_answer(the_fixture, fixture_find(the_fixture, "credentials"),
			       json_pack("{s:I, s:I}", "credentials_expire_at",
					 wrong[i][0], "clock_skew_seconds", wrong[i][1]),
			       FIXTURE_DOCUMENT);
		assert_int_equal(session->state, SESSION_FAILING);
		fixture_teardown(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_served_past_its_end_by_either_clock),
		cmocka_unit_test(test_a_restart_changes_no_end),
		cmocka_unit_test(test_a_wrong_wall_clock_does_not_make_a_session_longer),
		TEST(test_credentials_end_by_the_clock_of_aws),
		TEST(test_what_expires_before_its_session_is_fetched_again),
		TEST(test_an_end_is_never_undone_by_what_the_broker_says),
		TEST(test_of_two_ends_in_a_second_the_later_session_is_spoken_of),
		TEST(test_a_long_reason_of_an_end_is_told),
		TEST(test_an_end_not_told_yet_holds_over_a_restart),
		TEST(test_another_master_key_opens_nothing_and_it_is_fetched_again),
		TEST(test_the_memory_keystore_leaves_nothing_to_a_restart),
		TEST(test_locking_closes_and_unlocking_opens_again),
		cmocka_unit_test(test_a_document_that_cannot_be_one_is_not_served),
		cmocka_unit_test(test_times_past_all_reckoning_are_refused),
	};

	return cmocka_run_group_tests_name("lifecycle", tests, NULL, NULL);
}
