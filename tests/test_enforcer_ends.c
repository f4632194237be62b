/* SPDX-License-Identifier: MIT */
/* What the Deny on a role says as its sessions end, and how many calls that takes. */
#include "tests/ends_scene.h"

#include "aws/http.h"
#include "broker/ends-iam.h"

static void test_a_revoked_session_is_denied_without_a_date(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	begin_session(scene, id);
	scene->fixture->now_seconds += 100;
	assert_int_equal(fixture_post(scene->fixture, &scene->ann, id, "end", "{}"), 200);
	scene->fixture->now_seconds += 3;
	assert_int_equal(scene_work(scene), 1);
	assert_true(fake_iam_says(scene->fake, ROLE, id));
	assert_false(fake_iam_says(scene->fake, ROLE, "DateGreaterThanEquals"));
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_EXACT), 1);
	assert_int_equal(scene->fake->puts, 2);
}

static void test_a_revocation_is_tried_until_iam_takes_it(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	begin_session(scene, id);
	assert_int_equal(fixture_post(scene->fixture, &scene->ann, id, "end", "{}"), 200);
	fake_iam_trouble(scene->fake, FAKE_DOWN, -1);
	for (int i = 0; i < 3; i++) {
		scene_work(scene);
		scene->fixture->now_seconds += ENDS_BACKOFF_MOST;
	}
	assert_true(fake_iam_says(scene->fake, ROLE, "DateGreaterThanEquals"));
	/* Told once, however often it was tried. */
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_FAILED), 1);
	fake_iam_trouble(scene->fake, FAKE_FINE, 0);
	scene_work(scene);
	assert_false(fake_iam_says(scene->fake, ROLE, "DateGreaterThanEquals"));
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_EXACT), 1);
}

/* IAM did it, nobody heard of it, and the broker is gone. */
static void test_after_a_kill_the_document_is_written_whole_and_looked_at(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting;
	char first[ID_SIZE], second[ID_SIZE];

	begin_session(scene, first);
	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", second);
	call_grant(scene, second, &waiting);
	fake_iam_trouble(scene->fake, FAKE_DEAF, -1);
	scene_work(scene);
	assert_true(fake_iam_says(scene->fake, ROLE, second));
	scene_restart(scene);
	fake_iam_trouble(scene->fake, FAKE_FINE, 0);
	/* Old sessions are served meanwhile: both documents deny them. */
	assert_int_equal(grant_status(scene, first), 200);
	scene->fixture->now_seconds += ENDS_BACKOFF_MOST;
	/* Somebody's late write of the old document arrives. */
	scene_work(scene);
	assert_true(fake_iam_says(scene->fake, ROLE, first));
	assert_true(fake_iam_says(scene->fake, ROLE, second));
	assert_int_equal(grant_status(scene, second), 200);
	pthread_mutex_lock(&scene->fake->lock);
	snprintf(fake_role_of(scene->fake, ROLE)->document, FAKE_BODY / 2,
		 "{\"Version\":\"2012-10-17\",\"Statement\":[]}");
	pthread_mutex_unlock(&scene->fake->lock);
	scene->fixture->now_seconds += ENDS_CHECK_SECONDS;
	scene_work(scene);
	assert_true(fake_iam_says(scene->fake, ROLE, first));
	assert_true(fake_iam_says(scene->fake, ROLE, second));
	/* What is as it should be is looked at once and then left alone. */
	scene->fixture->now_seconds += ENDS_CHECK_SECONDS;
	scene_work(scene);
	scene->fake->calls = 0;
	scene->fixture->now_seconds += 60;
	assert_int_equal(scene_work(scene), 0);
	assert_int_equal(scene->fake->calls, 0);
}

/* Else one bad moment would keep each Deny on the role for twelve hours. */
static void test_a_look_that_was_throttled_is_no_look(void **state)
{
	struct scene *scene = *state;
	const struct iam_config config = {
		.url = scene->fake->url,
		.region = "eu-west-1",
		.credentials = scene->access.credentials,
		.deadline_ms = 300,
	};
	scoped(iam_freep) struct iam *iam = NULL;
	struct ends_role role = { .looked_at = 0 };
	struct error error;
	bool is_in_force = false;

	assert_int_equal(iam_new(&config, &iam, &error), 0);
	fake_iam_trouble(scene->fake, FAKE_THROTTLE, -1);
	assert_true(ends_iam_look(iam, ROLE, &role, 7, &error) < 0);
	assert_int_equal(role.longest_seconds, 0);
	assert_int_equal(role.looked_at, 0);
	assert_true(ends_iam_check(iam, ROLE, &role, &is_in_force, &error) < 0);
	fake_iam_trouble(scene->fake, FAKE_FORBID, -1);
	assert_int_equal(ends_iam_look(iam, ROLE, &role, 7, &error), 0);
	assert_int_equal(role.longest_seconds, ENDS_LONGEST_MOST);
	assert_int_equal(role.looked_at, 7);
}

static void test_a_deny_leaves_when_the_credentials_are_dead(void **state)
{
	struct scene *scene = *state;
	struct error error;
	char id[ID_SIZE];

	begin_session(scene, id);
	scene->fake->longest_seconds = 7200;
	/* The grant is good for 300 s, its credentials for two hours from then. */
	scene_pass(scene, 300 + 7200 + ENDS_MARGIN_SECONDS - 1);
	scene_work(scene);
	assert_true(fake_iam_says(scene->fake, ROLE, id));
	assert_int_equal(scene->fake->get_roles, 1);
	scene_pass(scene, ENDS_FORGET_TOGETHER + 1);
	scene_work(scene);
	assert_false(fake_iam_says(scene->fake, ROLE, "{"));
	assert_int_equal(scene->fake->deletes, 1);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_REMOVED), 1);
	/* Nothing is left of the role, and nothing is done about it. */
	scene->fake->calls = 0;
	scene_pass(scene, 100000);
	assert_int_equal(scene_work(scene), 0);
	assert_int_equal(scene->fake->calls, 0);
	assert_int_equal(store_read(scene->fixture->broker.store, fixture_count_all,
				    &(struct fixture_audit){ .event = "x" }, &error),
			 0);
}

/* Little room: ends are put off, and each is made exact once it has come. */
static void test_ends_that_were_put_off_become_exact(void **state)
{
	struct scene *scene = *state;
	char ids[8][ID_SIZE];
	int puts;

	scene->fake->others = 9000;
	for (int i = 0; i < 8; i++) {
		begin_session(scene, ids[i]);
		scene->fixture->now_seconds += 70;
	}
	for (int i = 0; i < 8; i++)
		assert_true(fake_iam_says(scene->fake, ROLE, ids[i]));
	assert_int_equal(scene->fake->gets, 1);
	/* One row for each that is new, and for each that was put off behind it. */
	assert_true(fixture_audited(scene->fixture, AUDIT_END_WRITTEN) > 8);
	puts = scene->fake->puts;
	/* The first one's end: it alone is denied without a date, the rest as before. */
	scene->fixture->now_seconds = FIXTURE_START + 1800;
	assert_int_equal(scene_work(scene), 1);
	assert_int_equal(scene->fake->puts, puts + 1);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_EXACT), 1);
	assert_true(fake_iam_says(scene->fake, ROLE, "DateGreaterThanEquals"));
	scene->fixture->now_seconds += 8 * 70;
	scene_work(scene);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_EXACT), 8);
	assert_false(fake_iam_says(scene->fake, ROLE, "DateGreaterThanEquals"));
	for (int i = 0; i < 8; i++)
		assert_true(fake_iam_says(scene->fake, ROLE, ids[i]));
}

/* The sessions that are live when `iam = on` is set get their Deny, too. */
static void test_sessions_from_before_are_adopted(void **state)
{
	struct scene *scene = *state;
	struct enforcer *enforcer = take(scene->fixture->broker.enforcer);
	char live[ID_SIZE], over[ID_SIZE];

	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", live);
	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", over);
	assert_int_equal(grant_status(scene, live), 200);
	assert_int_equal(grant_status(scene, over), 200);
	assert_int_equal(fixture_post(scene->fixture, &scene->ann, over, "end", "{}"),
			 200);
	scene->fixture->broker.enforcer = enforcer;
	assert_int_equal(ends_leave(scene->fixture->broker.store, NULL), 0);
	scene_restart(scene);
	scene_work(scene);
	assert_true(fake_iam_says(scene->fake, ROLE, live));
	assert_true(fake_iam_says(scene->fake, ROLE, over));
	assert_int_equal(grant_status(scene, live), 200);
	/* Once; at the next start nothing of it is due. */
	scene->fake->calls = 0;
	scene_restart(scene);
	assert_int_equal(scene_work(scene), 0);
	assert_int_equal(scene->fake->calls, 0);
}

/* A Deny from before is kept for the grants that were signed while it was off. */
static void test_a_time_without_iam_shortens_no_deny(void **state)
{
	struct scene *scene = *state;
	struct enforcer *enforcer;
	char id[ID_SIZE];

	begin_session(scene, id);
	enforcer = take(scene->fixture->broker.enforcer);
	assert_int_equal(ends_leave(scene->fixture->broker.store, NULL), 0);
	scene->fixture->now_seconds += 1500;
	assert_int_equal(grant_status(scene, id), 200);
	scene->fixture->broker.enforcer = enforcer;
	scene_restart(scene);
	scene_work(scene);
	/* By the first grant alone it would be gone now. */
	scene->fixture->now_seconds = FIXTURE_START + 300 + 3600 + ENDS_MARGIN_SECONDS +
				      ENDS_FORGET_TOGETHER + 1;
	scene_work(scene);
	assert_true(fake_iam_says(scene->fake, ROLE, id));
	scene->fixture->now_seconds += 1500;
	scene_work(scene);
	assert_false(fake_iam_says(scene->fake, ROLE, id));
}

static void test_the_calls_are_as_many_as_the_changes(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	for (int i = 0; i < 20; i++)
		begin_session(scene, id);
	scene->fake->calls = 0;
	/* An hour of ticks in which 20 sessions end by time: nothing to be written. */
	for (int i = 0; i < 60; i++) {
		scene_pass(scene, 60);
		scene_work(scene);
	}
	assert_int_equal(scene->fake->calls, 0);
	/* Then all of them leave together: the role is looked at, the policy goes. */
	for (int i = 0; i < 60; i++) {
		scene_pass(scene, 60);
		scene_work(scene);
	}
	assert_in_range(scene->fake->calls, 1, 5);
	assert_int_equal(scene->fake->deletes, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
		TEST(test_a_revoked_session_is_denied_without_a_date),
		TEST(test_a_revocation_is_tried_until_iam_takes_it),
		TEST(test_a_look_that_was_throttled_is_no_look),
		TEST(test_after_a_kill_the_document_is_written_whole_and_looked_at),
		TEST(test_a_deny_leaves_when_the_credentials_are_dead),
		TEST(test_ends_that_were_put_off_become_exact),
		TEST(test_sessions_from_before_are_adopted),
		TEST(test_a_time_without_iam_shortens_no_deny),
		TEST(test_the_calls_are_as_many_as_the_changes),
	};

	if (sodium_init() < 0 || http_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("enforcer ends", tests, NULL, NULL);
}
