/* SPDX-License-Identifier: MIT */
/* When AWS is asked about what was ended: how often, through outages and restarts. */
#include "tests/proofs_scene.h"

#include "aws/http.h"

static void test_tries_become_rarer_and_end(void **state)
{
	int64_t whole = 0;

	(void)state;
	assert_int_equal(proof_pause(1), 1);
	for (int64_t tries = 1; tries < PROOF_TRIES; tries++) {
		assert_true(proof_pause(tries) <= proof_pause(tries + 1));
		whole += proof_pause(tries);
	}
	assert_in_range(whole, 120, PROOF_PATIENCE_SECONDS);
}

static void test_an_outage_of_aws_is_waited_out(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	begin_session(scene, id);
	end(scene, id);
	work(scene);
	fake_iam_trouble(scene->fake, FAKE_FORBID, -1);
	scene->fixture->now_seconds += 1;
	assert_int_equal(work(scene), 1);
	assert_awaited(scene, id);
	fake_iam_trouble(scene->fake, FAKE_FINE, 0);
	scene->fixture->now_seconds += 1;
	assert_int_equal(work(scene), 1);
	assert_shown(scene, id, "2");
}

/* A try that nobody finished is on the disk as begun, and as nothing more. */
static void test_a_broker_that_dies_asks_again(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	begin_session(scene, id);
	end(scene, id);
	scene_restart(scene);
	work(scene);
	scene_restart(scene);
	scene->access.is_stopping = true;
	scene->fixture->now_seconds += 1;
	assert_int_equal(work(scene), 1);
	scene_restart(scene);
	assert_awaited(scene, id);
	scene->fixture->now_seconds += 1;
	assert_int_equal(work(scene), 1);
	assert_shown(scene, id, "2");
	scene_restart(scene);
	assert_int_equal(give_it_time(scene), 0);
	assert_shown(scene, id, "2");
}

/* What IAM never took can't be shown; once it is taken after all, it is. */
static void test_what_iam_does_not_take_is_not_shown_before(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	begin_session(scene, id);
	fake_iam_trouble(scene->fake, FAKE_FORBID, -1);
	end(scene, id);
	assert_int_equal(give_it_time(scene), 1);
	assert_int_equal(scene->fake->session_count, 0);
	assert_not_shown(scene, id);
	fake_iam_trouble(scene->fake, FAKE_FINE, 0);
	scene->fixture->now_seconds += ENDS_BACKOFF_MOST;
	work(scene);
	scene->fixture->now_seconds += 1;
	assert_int_equal(work(scene), 1);
	assert_string_equal(member_of(scene, id, "proof"), "shown");
}

/* Its Deny outlives the grants with which the broker asks. */
static void test_the_deny_stays_for_the_grants_of_the_proof(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	begin_session(scene, id);
	scene->fixture->now_seconds += 400;
	end(scene, id);
	work(scene);
	scene->fixture->now_seconds += 1;
	work(scene);
	assert_shown(scene, id, "1");
	/* By the session's own grant it would leave now. */
	scene->fixture->now_seconds = FIXTURE_START + 300 + 3600 + ENDS_MARGIN_SECONDS +
				      ENDS_FORGET_TOGETHER / 2;
	scene->fixture->now_seconds -= scene->fixture->now_seconds % ENDS_FORGET_TOGETHER;
	work(scene);
	assert_true(fake_iam_says(scene->fake, ROLE, id));
	scene->fixture->now_seconds += 2 * ENDS_FORGET_TOGETHER;
	work(scene);
	assert_false(fake_iam_says(scene->fake, ROLE, id));
}

static void test_what_was_never_granted_or_ended_by_time_is_not_asked(void **state)
{
	struct scene *scene = *state;
	char unused[ID_SIZE], over[ID_SIZE];

	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", unused);
	end(scene, unused);
	assert_string_equal(member_of(scene, unused, "proof"), "");
	begin_session(scene, over);
	scene_pass(scene, 1801);
	assert_int_equal(give_it_time(scene), 0);
	assert_string_equal(member_of(scene, over, "proof"), "");
	assert_int_equal(scene->fake->session_count, 0);
}

static void test_with_probe_off_nobody_is_asked(void **state)
{
	struct scene *scene = *state;
	char before[ID_SIZE], after[ID_SIZE];

	begin_session(scene, before);
	begin_session(scene, after);
	end(scene, before);
	assert_string_equal(member_of(scene, before, "proof"), "awaited");
	snprintf(scene->settings.probe, sizeof(scene->settings.probe), "off");
	scene_restart(scene);
	end(scene, after);
	assert_int_equal(give_it_time(scene), 0);
	assert_string_equal(member_of(scene, before, "proof"), "");
	assert_string_equal(member_of(scene, after, "proof"), "");
	assert_int_equal(scene->fake->session_count, 0);
}

/* A proof is a change of its session: whoever waits for news hears of it. */
static void test_news_of_the_proof_come_as_news_of_the_session(void **state)
{
	struct scene *scene = *state;
	json_auto_t *before = NULL, *after = NULL;
	struct call call;
	char id[ID_SIZE], uri[64];

	begin_session(scene, id);
	end(scene, id);
	work(scene);
	call = fixture_make_call(scene->fixture, &scene->ann, "GET",
				 "/v1/events?since=0&wait=0", NULL);
	assert_int_equal(routes_answer(&scene->fixture->broker, &call, &before), 200);
	snprintf(uri, sizeof(uri), "/v1/events?since=%lld&wait=55",
		 (long long)json_integer_value(json_object_get(before, "next")));
	call = fixture_make_call(scene->fixture, &scene->ann, "GET", uri, NULL);
	assert_int_equal(routes_answer(&scene->fixture->broker, &call, &after), 0);
	scene->fixture->now_seconds += 1;
	work(scene);
	assert_int_equal(routes_answer(&scene->fixture->broker, &call, &after), 200);
	assert_int_equal(json_array_size(json_object_get(after, "requests")), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tries_become_rarer_and_end),
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
		TEST(test_an_outage_of_aws_is_waited_out),
		TEST(test_a_broker_that_dies_asks_again),
		TEST(test_what_iam_does_not_take_is_not_shown_before),
		TEST(test_the_deny_stays_for_the_grants_of_the_proof),
		TEST(test_what_was_never_granted_or_ended_by_time_is_not_asked),
		TEST(test_with_probe_off_nobody_is_asked),
		TEST(test_news_of_the_proof_come_as_news_of_the_session),
	};

	if (sodium_init() < 0 || http_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("proofs_duty", tests, NULL, NULL);
}
