/* SPDX-License-Identifier: MIT */
/* Grants that wait for the Deny for their ends, against an IAM that fails in all its
 * ways. */
#include "tests/ends_scene.h"

#include <errno.h>

#include "aws/http.h"

static void test_a_grant_is_signed_only_after_the_deny_is_in_force(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting;
	char id[ID_SIZE], at[TIME_TEXT_SIZE];

	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &waiting);
	assert_int_equal(waiting.status, 0);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_GRANTED), 0);
	assert_int_equal(scene->fake->puts, 0);
	assert_int_equal(scene_work(scene), 1);
	assert_true(fake_iam_says(scene->fake, ROLE, id));
	assert_true(
	    fake_iam_says(scene->fake, ROLE, time_format(FIXTURE_START + 1800, at)));
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 200);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_WRITTEN), 1);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_GRANTED), 1);
	/* A renewal asks IAM nothing: one identity, one Put, and that was all. */
	assert_int_equal(grant_status(scene, id), 200);
	assert_int_equal(scene_work(scene), 0);
	assert_int_equal(scene->fake->calls, 2);
}

static void test_many_at_once_on_one_role_are_one_call(void **state)
{
	struct scene *scene = *state;
	struct waiting waiting[20];
	char ids[20][ID_SIZE];

	for (int i = 0; i < 20; i++) {
		scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", ids[i]);
		call_grant(scene, ids[i], &waiting[i]);
	}
	scene_work(scene);
	assert_int_equal(scene->fake->puts, 1);
	for (int i = 0; i < 20; i++) {
		assert_true(fake_iam_says(scene->fake, ROLE, ids[i]));
		call_again(scene, &waiting[i]);
		assert_int_equal(waiting[i].status, 200);
		waiting_done(&waiting[i]);
	}
}

static void test_the_hub_wakes_who_waits(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting;
	char id[ID_SIZE], topic[CALL_TOPIC_SIZE];
	struct waiter waiter = { .wake = NULL };

	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &waiting);
	ends_topic(ROLE_ARN, topic);
	assert_string_equal(waiting.call.wait_topic, topic);
	scene_work(scene);
	assert_int_equal(hub_wait(scene->fixture->broker.hub, topic,
				  waiting.call.wait_since, 5, &waiter),
			 -EALREADY);
}

static void test_without_iam_old_sessions_go_on_and_new_ones_are_told(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting, again;
	char old[ID_SIZE], new[ID_SIZE];

	begin_session(scene, old);
	fake_iam_trouble(scene->fake, FAKE_DOWN, -1);
	scene_approve(scene, "orders-support", "{\"tenant\":\"zeta\"}", new);
	call_grant(scene, new, &waiting);
	assert_int_equal(waiting.status, 0);
	scene->fixture->now_seconds++;
	scene_work(scene);
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 503);
	assert_non_null(strstr(message_of(&waiting), "no grant before AWS has the Deny"));
	assert_int_equal(grant_status(scene, old), 200);
	fake_iam_trouble(scene->fake, FAKE_FINE, 0);
	call_grant(scene, new, &again);
	assert_int_equal(again.status, 0);
	scene->fixture->now_seconds += ENDS_BACKOFF_MOST;
	scene_work(scene);
	call_again(scene, &again);
	assert_int_equal(again.status, 200);
	assert_true(fake_iam_says(scene->fake, ROLE, old));
}

static void test_a_grant_waits_so_long_and_no_longer(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting;
	char id[ID_SIZE];

	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &waiting);
	assert_int_equal(waiting.call.wait_seconds, ENDS_WAIT_SECONDS);
	scene->fixture->now_seconds += ENDS_WAIT_SECONDS - 1;
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 0);
	assert_int_equal(waiting.call.wait_seconds, 1);
	scene->fixture->now_seconds++;
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 503);
}

static void test_a_stopping_server_does_not_let_a_grant_spin(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting;
	char id[ID_SIZE];

	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &waiting);
	waiting.call.cannot_wait = true;
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 503);
}

static void test_what_aws_refuses_is_told_with_its_code(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting;
	char id[ID_SIZE];

	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &waiting);
	/* The first call is STS's, which is not refused. */
	scene->site.account.access = &scene->access;
	fake_iam_trouble(scene->fake, FAKE_FORBID, -1);
	scene->fixture->now_seconds++;
	scene_work(scene);
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 502);
	assert_non_null(strstr(message_of(&waiting), "AccessDenied"));
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_GRANTED), 0);
}

static void test_throttling_and_outages_are_ridden_out(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting, other;
	char id[ID_SIZE];

	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &waiting);
	fake_iam_trouble(scene->fake, FAKE_THROTTLE, 3);
	scene_work(scene);
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 200);
	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &other);
	fake_iam_trouble(scene->fake, FAKE_BROKEN, 3);
	scene_work(scene);
	call_again(scene, &other);
	assert_int_equal(other.status, 200);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_FAILED), 0);
}

static void test_a_full_role_refuses_with_words_and_keeps_what_it_has(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting;
	char first[ID_SIZE], second[ID_SIZE];

	begin_session(scene, first);
	/* Somebody gives the role another long policy. */
	scene->fake->others = 9900;
	scene->fixture->now_seconds += 7;
	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", second);
	call_grant(scene, second, &waiting);
	scene->fixture->now_seconds++;
	scene_work(scene);
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 429);
	assert_non_null(strstr(message_of(&waiting), "2 sessions on one role"));
	assert_non_null(strstr(message_of(&waiting), "provision:"));
	assert_true(fake_iam_says(scene->fake, ROLE, first));
	assert_false(fake_iam_says(scene->fake, ROLE, second));
	assert_int_equal(grant_status(scene, first), 200);
	/* There is room again: the next one looks, and gets in. */
	scene->fake->others = 100;
	scene->fixture->now_seconds += ENDS_LOOK_AGAIN_SECONDS;
	waiting_done(&waiting);
	call_grant(scene, second, &waiting);
	scene_work(scene);
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 200);
}

static void test_keys_of_another_account_write_nothing(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting;
	char id[ID_SIZE];

	scene->fake->account = "210987654321";
	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &waiting);
	scene->fixture->now_seconds++;
	scene_work(scene);
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 500);
	assert_non_null(strstr(message_of(&waiting), "of account 210987654321"));
	assert_int_equal(scene->fake->puts, 0);
}

static void use_keys(struct scene *scene, const char *key_id, const char *account)
{
	setenv("AWS_ACCESS_KEY_ID", key_id, 1);
	scene->fake->account = account;
}

/* A credentials file or process may come to give those of another account. */
static void test_other_keys_are_asked_about_before_they_write(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting;
	char id[ID_SIZE], second[ID_SIZE];

	begin_session(scene, id);
	begin_session(scene, id);
	assert_int_equal(scene->fake->identities, 1);
	assert_int_equal(scene->fake->puts, 2);
	use_keys(scene, "AKIDELSEWHERE000", "210987654321");
	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", second);
	call_grant(scene, second, &waiting);
	scene_work(scene);
	assert_int_equal(scene->fake->puts, 2);
	scene->fixture->now_seconds++;
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 500);
	assert_non_null(strstr(message_of(&waiting), "of account 210987654321"));
	use_keys(scene, "AKIDBROKER000001", "123456789012");
	scene->fixture->now_seconds += ENDS_BACKOFF_MOST;
	scene_work(scene);
	assert_int_equal(scene->fake->puts, 3);
	assert_int_equal(grant_status(scene, second), 200);
}

static const char managed[] =
    "version: 1\n"
    "accounts:\n"
    "  production: { id: \"123456789012\", region: eu-west-1, manager: jit-manager }\n";

static const char moved[] =
    "version: 1\n"
    "accounts:\n"
    "  production: { id: \"123456789012\", region: eu-west-1,\n"
    "    manager: \"arn:aws:iam::123456789012:role/ops/jit-manager\" }\n";

/* The fixture's profiles with the head that has their accounts. */
static void reload_accounts(struct scene *scene, const char *head)
{
	char text[8192];

	snprintf(text, sizeof(text), "%s%s", head, strstr(fixture_profiles, "people:"));
	fixture_reload(scene->fixture, text);
}

static void test_a_manager_writes_in_its_account(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	reload_accounts(scene, managed);
	begin_session(scene, id);
	assert_int_equal(scene->fake->assumes, 1);
	assert_string_equal(scene->fake->assumed,
			    "arn:aws:iam::123456789012:role/jit-manager");
	assert_string_equal(scene->fake->key_id, "ASIAMANAGER000000");
	begin_session(scene, id);
	assert_int_equal(scene->fake->assumes, 1);
	/* One of the same name elsewhere is another. */
	reload_accounts(scene, moved);
	begin_session(scene, id);
	assert_int_equal(scene->fake->assumes, 2);
	assert_string_equal(scene->fake->assumed,
			    "arn:aws:iam::123456789012:role/ops/jit-manager");
	reload_accounts(scene, managed);
	begin_session(scene, id);
	assert_int_equal(scene->fake->assumes, 3);
	assert_string_equal(scene->fake->assumed,
			    "arn:aws:iam::123456789012:role/jit-manager");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
		TEST(test_a_grant_is_signed_only_after_the_deny_is_in_force),
		TEST(test_many_at_once_on_one_role_are_one_call),
		TEST(test_the_hub_wakes_who_waits),
		TEST(test_without_iam_old_sessions_go_on_and_new_ones_are_told),
		TEST(test_a_grant_waits_so_long_and_no_longer),
		TEST(test_a_stopping_server_does_not_let_a_grant_spin),
		TEST(test_what_aws_refuses_is_told_with_its_code),
		TEST(test_throttling_and_outages_are_ridden_out),
		TEST(test_a_full_role_refuses_with_words_and_keeps_what_it_has),
		TEST(test_keys_of_another_account_write_nothing),
		TEST(test_other_keys_are_asked_about_before_they_write),
		TEST(test_a_manager_writes_in_its_account),
	};

	if (sodium_init() < 0 || http_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("enforcer", tests, NULL, NULL);
}
