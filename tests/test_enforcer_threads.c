/* SPDX-License-Identifier: MIT */
/* With the workers' own threads. */
#include "tests/ends_scene.h"

#include "aws/http.h"

static const char two_accounts[] =
    "version: 1\n"
    "accounts:\n"
    "  slow: { id: \"123456789012\", region: eu-west-1 }\n"
    "  fast: { id: \"123456789013\", region: eu-west-1, manager: m }\n"
    "people: { ann: { groups: [support] }, bob: { groups: [support] } }\n"
    "roles: { support: [ask, approve] }\n"
    "approvals: { one: { peer: { group: support, count: 1 } } }\n"
    "profiles:\n"
    "  slow: { summary: s, account: slow, role: jit-slow, who: [support], longest: 1h,\n"
    "    approval: one, access: [{ dynamodb: { table: orders, actions: read } }] }\n"
    "  fast: { summary: s, account: fast, role: jit-fast, who: [support], longest: 1h,\n"
    "    approval: one, access: [{ dynamodb: { table: orders, actions: read } }] }\n";

/* The fake says for every key that it is of the account that was asked last. */
static void test_a_slow_account_delays_no_other_and_no_stop(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting slow, fast;
	char slow_id[ID_SIZE], fast_id[ID_SIZE];
	struct instant begun;

	fixture_reload(scene->fixture, two_accounts);
	scene->fake->slow = "jit-slow";
	scene_approve(scene, "slow", "{}", slow_id);
	scene_approve(scene, "fast", "{}", fast_id);
	enforcer_free(scene->fixture->broker.enforcer);
	scene->access.is_stopping = false;
	scene->fixture->broker.enforcer = enforcer_new(&scene->access,
						       &scene->fixture->broker);
	assert_non_null(scene->fixture->broker.enforcer);
	call_grant(scene, slow_id, &slow);
	/* It hangs in the Put, after it has said whose keys it has. */
	assert_true(fake_iam_await_calls(scene->fake, 2));
	pthread_mutex_lock(&scene->fake->lock);
	scene->fake->account = "123456789013";
	pthread_mutex_unlock(&scene->fake->lock);
	call_grant(scene, fast_id, &fast);
	assert_true(fake_iam_await_text(scene->fake, "jit-fast", fast_id));
	assert_false(fake_iam_says(scene->fake, "jit-slow", slow_id));
	begun = clock_now(&clock_system);
	enforcer_stop(scene->fixture->broker.enforcer);
	assert_true(clock_now(&clock_system).boot_usec - begun.boot_usec <
		    5 * USEC_PER_SEC);
	fake_iam_slow(scene->fake, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
		TEST(test_a_slow_account_delays_no_other_and_no_stop),
	};

	if (sodium_init() < 0 || http_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("enforcer threads", tests, NULL, NULL);
}
