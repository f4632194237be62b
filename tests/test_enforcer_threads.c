/* SPDX-License-Identifier: MIT */
/* With the workers' own threads. */
#include "tests/ends_scene.h"

#include <semaphore.h>
#include <sqlite3.h>
#include <time.h>

#include "aws/http.h"
#include "broker/hub.h"
#include "broker/probe.h"

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

/* STS hangs as the broker asks what it refuses; IAM is written to all the same. */
static void test_a_question_that_hangs_delays_no_write(void **state)
{
	struct scene *scene = *state;
	struct broker *broker = &scene->fixture->broker;
	scoped(waiting_done) struct waiting next;
	char ended[ID_SIZE], next_id[ID_SIZE];
	struct error error = { .text = "" };
	struct instant begun;

	begin_session(scene, ended);
	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", next_id);
	assert_int_equal(fixture_post(scene->fixture, &scene->ann, ended, "end", "{}"),
			 200);
	/* Its Deny is written; a second later AWS is asked. */
	scene_work(scene);
	fake_iam_slow(scene->fake, "AssumeRoleWithWebIdentity");
	enforcer_free(broker->enforcer);
	scene->access.is_stopping = false;
	broker->enforcer = enforcer_new(&scene->access, broker);
	scene->fixture->now_seconds += 1;
	assert_int_equal(enforcer_tick(broker->enforcer, &error), 0);
	assert_true(fake_iam_await_question(scene->fake));
	begun = clock_now(&clock_system);
	call_grant(scene, next_id, &next);
	assert_true(fake_iam_await_text(scene->fake, ROLE, next_id));
	/* Long before the question is given up. */
	assert_true(clock_now(&clock_system).boot_usec - begun.boot_usec <
		    PROBE_MS * USEC_PER_SEC / 2000);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_PROVEN), 0);
	enforcer_stop(broker->enforcer);
	fake_iam_slow(scene->fake, NULL);
}

#define MANY 300 /* more than there once could be */

static void name_role(int i, struct ends_role *role)
{
	*role = (struct ends_role){ .due_at = ENDS_NEVER, .region = "eu-west-1" };
	snprintf(role->account_id, sizeof(role->account_id), "2%011d", i);
	snprintf(role->arn, sizeof(role->arn), "arn:aws:iam::%s:role/jit-role",
		 role->account_id);
}

struct wanting {
	char ids[MANY][ID_SIZE]; /* of sessions, one for each role */
	int64_t now_seconds;
};

static int want_all(struct transaction *transaction, void *data, struct error *error)
{
	const struct wanting *wanting = data;
	int64_t now = wanting->now_seconds;
	int r = 0;

	for (int i = 0; r == 0 && i < MANY; i++) {
		struct ends_role role;

		name_role(i, &role);
		r = store_ends_want(transaction, &role, wanting->ids[i], now + 1800,
				    now + 300, now, error);
	}
	return r;
}

/* Who has had a turn: the keys are of another account, and that is written down. */
static int count_tried(struct transaction *transaction, void *data, struct error *error)
{
	int *count = data, r = 1;

	*count = 0;
	for (int i = 0; r == 1 && i < MANY; i++) {
		struct ends_role role;
		char arn[sizeof(role.arn)];

		name_role(i, &role);
		memcpy(arn, role.arn, sizeof(arn));
		r = store_ends_role(transaction, arn, &role, error);
		*count += r == 1 && role.failures > 0;
	}
	return r < 0 ? r : 0;
}

/* Hears of a role's first turn, after it is written down. */
struct listener {
	struct waiter waiter; /* first, so that it is found from it */
	sem_t *turns;
};

static void note_turn(struct waiter *waiter)
{
	sem_post(((struct listener *)waiter)->turns);
}

static void listen_to_all(struct hub *hub, struct listener listeners[static MANY],
			  sem_t *turns)
{
	for (int i = 0; i < MANY; i++) {
		struct ends_role role;
		char topic[CALL_TOPIC_SIZE];

		name_role(i, &role);
		ends_topic(role.arn, topic);
		listeners[i] = (struct listener){ { .wake = note_turn }, turns };
		assert_int_equal(
		    hub_wait(hub, topic, 0, HUB_WAIT_MAX_SECONDS, &listeners[i].waiter),
		    0);
	}
}

/* Until one more was noted; false after the second that is between two ticks. */
static bool await_turn(sem_t *turns, const struct timespec *tick)
{
	struct timespec deadline = { .tv_sec = tick->tv_sec + 1,
				     .tv_nsec = tick->tv_nsec };

	return sem_clockwait(turns, CLOCK_MONOTONIC, &deadline) == 0;
}

static void test_every_account_has_somebody_who_works_on_it(void **state)
{
	struct scene *scene = *state;
	struct broker *broker = &scene->fixture->broker;
	struct error error = { .text = "" };
	struct wanting wanting = { .now_seconds = scene->fixture->now_seconds };
	static struct listener listeners[MANY];
	struct timespec tick;
	static sem_t turns;
	int heard = 0, count = 0;

	for (int i = 0; i < MANY; i++)
		scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}",
			      wanting.ids[i]);
	assert_int_equal(store_write(broker->store, want_all, &wanting, &error), 0);
	enforcer_free(broker->enforcer);
	scene->access.is_stopping = false;
	broker->enforcer = enforcer_new(&scene->access, broker);
	sem_init(&turns, 0, 0);
	listen_to_all(broker->hub, listeners, &turns);
	for (int i = 0; heard < MANY && i < FAKE_PATIENCE; i++) {
		clock_gettime(CLOCK_MONOTONIC, &tick);
		assert_int_equal(enforcer_tick(broker->enforcer, &error), 0);
		while (heard < MANY && await_turn(&turns, &tick))
			heard++;
	}
	assert_int_equal(store_read(broker->store, count_tried, &count, &error), 0);
	assert_int_equal(count, MANY);
	sem_destroy(&turns);
}

static void spoil_request(const struct fixture *fixture, const char *id)
{
	scoped(freep) char *text = NULL;
	sqlite3 *other;

	assert_true(asprintf(&text,
			     "UPDATE requests SET parameters = 'x' WHERE id = '%s'",
			     id) > 0);
	assert_int_equal(sqlite3_open(fixture->store_path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
}

/* What time ends is written down in a row that can't be read; AWS hears of ends. */
static void test_a_damaged_row_keeps_no_deny_from_aws(void **state)
{
	struct scene *scene = *state;
	struct broker *broker = &scene->fixture->broker;
	scoped(waiting_done) struct waiting waiting;
	char spoiled[ID_SIZE], id[ID_SIZE];
	struct error error = { .text = "" };

	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", spoiled);
	scene->fixture->now_seconds += 1800;
	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &waiting);
	spoil_request(scene->fixture, spoiled);
	enforcer_free(broker->enforcer);
	scene->access.is_stopping = false;
	broker->enforcer = enforcer_new(&scene->access, broker);
	assert_true(broker_tick(broker, &error) < 0);
	assert_non_null(strstr(error.text, "damaged"));
	assert_true(fake_iam_await_text(scene->fake, ROLE, id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
		TEST(test_a_slow_account_delays_no_other_and_no_stop),
		TEST(test_a_question_that_hangs_delays_no_write),
		TEST(test_every_account_has_somebody_who_works_on_it),
		TEST(test_a_damaged_row_keeps_no_deny_from_aws),
	};

	if (sodium_init() < 0 || http_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("enforcer threads", tests, NULL, NULL);
}
