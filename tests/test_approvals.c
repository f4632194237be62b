/* SPDX-License-Identifier: MIT */
#include <pthread.h>

#include "tests/broker_fixture.h"

#define ACME "{\"tenant\":\"acme\"}"
#define APPROVE "{\"verdict\":\"approve\"}"
#define DENY "{\"verdict\":\"deny\"}"
#define DAY 86400
#define RACERS 8

static void test_one_asks_and_another_approves(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct device_key bob = fixture_enroll(fixture, "bob");
	char id[ID_SIZE];

	assert_int_equal(fixture_ask(fixture, &ann, "orders-support", ACME, id), 200);
	fixture_assert_state(fixture, &ann, id, "pending");
	assert_int_equal(fixture_post(fixture, &ann, id, "grant", "{}"), 409);
	assert_int_equal(fixture_post(fixture, &bob, id, "decision", APPROVE), 200);
	fixture_assert_state(fixture, &ann, id, "approved");
	assert_int_equal(fixture_post(fixture, &ann, id, "grant", "{}"), 200);
	assert_int_equal(fixture_audited(fixture, AUDIT_ASKED), 1);
	assert_int_equal(fixture_audited(fixture, AUDIT_DECIDED), 1);
	assert_int_equal(fixture_audited(fixture, AUDIT_APPROVED), 1);
	assert_int_equal(fixture_audited(fixture, AUDIT_GRANTED), 1);
}

/* clang-format off */
static const struct {
	const char *what;
	const char *profile, *parameters, *more;
	int status;
} refusals[] = {
	{ "an unknown profile",     "no-such",        "{}",                              "", 404 },
	{ "a missing parameter",    "orders-support", "{}",                              "", 400 },
	{ "an unknown parameter",   "orders-support", "{\"tenant\":\"acme\",\"x\":\"y\"}", "", 400 },
	{ "a value out of pattern", "orders-support", "{\"tenant\":\"A*\"}",             "", 400 },
	{ "a value that is no text", "orders-support", "{\"tenant\":7}",                 "", 400 },
	{ "too long a duration",    "orders-support", ACME, ",\"duration_seconds\":7201", 429 },
	{ "no time at all",         "orders-support", ACME, ",\"duration_seconds\":0",    400 },
	{ "time for no credentials","orders-support", ACME, ",\"duration_seconds\":30",   429 },
	{ "an unknown key",         "orders-support", ACME, ",\"surprise\":1",            400 },
	{ "a role without IAM",     "provisioned",    "{}",                              "", 400 },
	{ "a profile of others",    "lonely",         "{}",                              "", 403 },
};
/* clang-format on */

static void test_what_cannot_be_is_refused_when_asked(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct device_key dora = fixture_enroll(fixture, "dora");
	char id[ID_SIZE], body[512];

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		print_message("%s\n", refusals[i].what);
		snprintf(body, sizeof(body),
			 "{\"profile\":\"%s\",\"parameters\":%s,\"reason\":\"x\","
			 "\"key\":\"%s\"%s}",
			 refusals[i].profile, refusals[i].parameters, fixture_key(),
			 refusals[i].more);
		assert_int_equal(
		    fixture_status(fixture, &ann, "POST", "/v1/requests", body),
		    refusals[i].status);
	}
	/* Nobody there is could say yes. */
	assert_int_equal(fixture_ask(fixture, &dora, "lonely", "{}", id), 403);
	assert_int_equal(fixture_audited(fixture, AUDIT_ASKED), 0);
}

static void test_a_blank_reason_is_no_reason(void **state)
{
	static const char *const reasons[] = { "", "  ", "\\t\\n" };
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	char body[512];

	for (size_t i = 0; i < 3; i++) {
		snprintf(body, sizeof(body),
			 "{\"profile\":\"orders-support\",\"parameters\":" ACME
			 ",\"reason\":\"%s\",\"key\":\"%s\"}",
			 reasons[i], fixture_key());
		assert_int_equal(
		    fixture_status(fixture, &ann, "POST", "/v1/requests", body), 400);
	}
}

static void test_the_same_key_is_the_same_request(void **state)
{
	static const char body[] = "{\"profile\":\"two-of-us\",\"parameters\":{},"
				   "\"reason\":\"x\",\"key\":"
				   "\"00112233445566778899aabbccddeeff\"}";
	static const char other[] = "{\"profile\":\"two-of-us\",\"parameters\":{},"
				    "\"reason\":\"y\",\"key\":"
				    "\"00112233445566778899aabbccddeeff\"}";
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	json_t *first = NULL, *second = NULL;

	assert_int_equal(
	    fixture_call(fixture, &ann, "POST", "/v1/requests", body, &first), 200);
	assert_int_equal(
	    fixture_call(fixture, &ann, "POST", "/v1/requests", body, &second), 200);
	assert_true(json_equal(first, second));
	assert_int_equal(fixture_audited(fixture, AUDIT_ASKED), 1);
	assert_int_equal(fixture_status(fixture, &ann, "POST", "/v1/requests", other),
			 400);
	json_decref(first);
	json_decref(second);
}

static void test_who_may_not_decide_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct device_key dora = fixture_enroll(fixture, "dora");
	struct device_key eve = fixture_enroll(fixture, "eve");
	char id[ID_SIZE];

	assert_int_equal(fixture_ask(fixture, &ann, "orders-support", ACME, id), 200);
	assert_int_equal(fixture_post(fixture, &ann, id, "decision", APPROVE), 403);
	assert_int_equal(fixture_post(fixture, &eve, id, "decision", APPROVE), 403);
	assert_int_equal(fixture_post(fixture, &dora, id, "decision", APPROVE), 403);
	assert_int_equal(
	    fixture_post(fixture, &dora, "r-0000000000", "decision", APPROVE), 404);
	fixture_assert_state(fixture, &ann, id, "pending");
	assert_int_equal(fixture_audited(fixture, AUDIT_DECIDED), 0);
	assert_int_equal(fixture_audited(fixture, AUDIT_REFUSED), 3);
}

static void test_a_repeated_decision_is_the_same_decision(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct device_key bob = fixture_enroll(fixture, "bob");
	struct device_key carl = fixture_enroll(fixture, "carl");
	char id[ID_SIZE];

	assert_int_equal(fixture_ask(fixture, &ann, "orders-support", ACME, id), 200);
	for (int i = 0; i < 2; i++)
		assert_int_equal(fixture_post(fixture, &bob, id, "decision", APPROVE),
				 200);
	assert_int_equal(fixture_post(fixture, &bob, id, "decision", DENY), 403);
	assert_int_equal(fixture_post(fixture, &carl, id, "decision", APPROVE), 403);
	assert_int_equal(fixture_audited(fixture, AUDIT_DECIDED), 1);
	assert_int_equal(fixture_audited(fixture, AUDIT_APPROVED), 1);
	fixture_assert_state(fixture, &ann, id, "approved");
}

static void test_two_peers_are_two_people(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct device_key bob = fixture_enroll(fixture, "bob");
	struct device_key bob_again = fixture_enroll(fixture, "bob");
	struct device_key carl = fixture_enroll(fixture, "carl");
	char id[ID_SIZE];

	assert_int_equal(fixture_ask(fixture, &ann, "two-of-us", "{}", id), 200);
	assert_int_equal(fixture_post(fixture, &bob, id, "decision", APPROVE), 200);
	assert_int_equal(fixture_post(fixture, &bob_again, id, "decision", APPROVE), 200);
	fixture_assert_state(fixture, &ann, id, "pending");
	assert_int_equal(fixture_post(fixture, &carl, id, "decision", APPROVE), 200);
	fixture_assert_state(fixture, &ann, id, "approved");
}

static void test_one_no_is_enough(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct device_key bob = fixture_enroll(fixture, "bob");
	struct device_key carl = fixture_enroll(fixture, "carl");
	char id[ID_SIZE];

	assert_int_equal(fixture_ask(fixture, &ann, "two-of-us", "{}", id), 200);
	assert_int_equal(fixture_post(fixture, &bob, id, "decision", DENY), 200);
	fixture_assert_state(fixture, &ann, id, "denied");
	assert_int_equal(fixture_post(fixture, &carl, id, "decision", APPROVE), 403);
	assert_int_equal(fixture_post(fixture, &ann, id, "grant", "{}"), 409);
}

static void test_conditions_need_nobody_and_wait_for_their_hour(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	char id[ID_SIZE], early[ID_SIZE];
	int64_t midnight = FIXTURE_START - FIXTURE_START % DAY;
	struct error error;

	fixture->now_seconds = midnight + 12 * 3600;
	assert_int_equal(fixture_ask(fixture, &ann, "by-day", "{}", id), 200);
	fixture_assert_state(fixture, &ann, id, "approved");

	fixture->now_seconds = midnight + DAY + 9 * 3600 - 30;
	assert_int_equal(fixture_ask(fixture, &ann, "by-day", "{}", early), 200);
	assert_int_equal(broker_tick(&fixture->broker, &error), 0);
	fixture_assert_state(fixture, &ann, early, "pending");
	fixture->now_seconds += 30;
	assert_int_equal(broker_tick(&fixture->broker, &error), 0);
	fixture_assert_state(fixture, &ann, early, "approved");
}

static void test_time_ends_things_with_no_timer_and_is_audited_once(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct device_key bob = fixture_enroll(fixture, "bob");
	char lapsed[ID_SIZE], over[ID_SIZE];
	struct error error;

	assert_int_equal(fixture_ask(fixture, &ann, "orders-support", ACME, lapsed), 200);
	assert_int_equal(fixture_ask(fixture, &ann, "orders-support", ACME, over), 200);
	assert_int_equal(fixture_post(fixture, &bob, over, "decision", APPROVE), 200);
	fixture->now_seconds += 1799;
	fixture_assert_state(fixture, &ann, over, "approved");
	fixture->now_seconds += 1;
	fixture_assert_state(fixture, &ann, over, "ended");
	assert_int_equal(fixture_post(fixture, &ann, over, "grant", "{}"), 409);
	fixture->now_seconds = FIXTURE_START + DAY;
	fixture_assert_state(fixture, &ann, lapsed, "expired");
	assert_int_equal(fixture_post(fixture, &bob, lapsed, "decision", APPROVE), 403);
	for (int i = 0; i < 3; i++)
		assert_int_equal(broker_tick(&fixture->broker, &error), 0);
	assert_int_equal(fixture_audited(fixture, AUDIT_EXPIRED), 1);
	assert_int_equal(fixture_audited(fixture, AUDIT_ENDED), 1);
	fixture_assert_state(fixture, &ann, over, "ended");
}

static void test_an_end_is_the_owners_or_a_revokers(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct device_key bob = fixture_enroll(fixture, "bob");
	struct device_key dora = fixture_enroll(fixture, "dora");
	char id[ID_SIZE];

	assert_int_equal(fixture_ask(fixture, &ann, "orders-support", ACME, id), 200);
	assert_int_equal(fixture_post(fixture, &bob, id, "end", "{}"), 403);
	assert_int_equal(fixture_post(fixture, &bob, id, "decision", APPROVE), 200);
	assert_int_equal(fixture_post(fixture, &bob, id, "end", "{}"), 403);
	assert_int_equal(
	    fixture_post(fixture, &dora, id, "end", "{\"reason\":\"enough\"}"), 200);
	fixture_assert_state(fixture, &ann, id, "ended");
	assert_int_equal(fixture_post(fixture, &ann, id, "end", "{}"), 200);
	assert_int_equal(fixture_audited(fixture, AUDIT_REVOKED), 1);
	assert_int_equal(fixture_audited(fixture, AUDIT_ENDED), 0);

	assert_int_equal(fixture_ask(fixture, &ann, "orders-support", ACME, id), 200);
	assert_int_equal(fixture_post(fixture, &ann, id, "end", "{}"), 200);
	fixture_assert_state(fixture, &ann, id, "withdrawn");
	assert_int_equal(fixture_post(fixture, &bob, id, "decision", APPROVE), 403);
}

struct racer {
	struct fixture *fixture;
	struct device_key key;
	const char *id;
	int status;
};

static void *race(void *data)
{
	struct racer *racer = data;

	racer->status = fixture_post(racer->fixture, &racer->key, racer->id, "decision",
				     APPROVE);
	return NULL;
}

static void test_approvers_in_the_same_instant_make_one_session(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct racer racers[RACERS];
	pthread_t threads[RACERS];
	char id[ID_SIZE];

	for (int round = 0; round < 20; round++) {
		int approved = 0;

		assert_int_equal(fixture_ask(fixture, &ann, "orders-support", ACME, id),
				 200);
		for (int i = 0; i < RACERS; i++) {
			racers[i] = (struct racer){
				fixture, fixture_enroll(fixture, i % 2 ? "bob" : "carl"),
				id, 0
			};
			assert_int_equal(
			    pthread_create(&threads[i], NULL, race, &racers[i]), 0);
		}
		for (int i = 0; i < RACERS; i++) {
			pthread_join(threads[i], NULL);
			approved += racers[i].status == 200;
			assert_true(racers[i].status == 200 || racers[i].status == 403);
		}
		/* All devices of the one who was first, and no other. */
		assert_int_equal(approved, RACERS / 2);
		assert_int_equal(fixture_audited(fixture, AUDIT_DECIDED), round + 1);
		assert_int_equal(fixture_audited(fixture, AUDIT_APPROVED), round + 1);
	}
}

int main(void)
{
#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_one_asks_and_another_approves),
		TEST(test_what_cannot_be_is_refused_when_asked),
		TEST(test_a_blank_reason_is_no_reason),
		TEST(test_the_same_key_is_the_same_request),
		TEST(test_who_may_not_decide_is_refused),
		TEST(test_a_repeated_decision_is_the_same_decision),
		TEST(test_two_peers_are_two_people),
		TEST(test_one_no_is_enough),
		TEST(test_conditions_need_nobody_and_wait_for_their_hour),
		TEST(test_time_ends_things_with_no_timer_and_is_audited_once),
		TEST(test_an_end_is_the_owners_or_a_revokers),
		TEST(test_approvers_in_the_same_instant_make_one_session),
	};

	if (secret_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("approvals", tests, NULL, NULL);
}
