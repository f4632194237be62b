/* SPDX-License-Identifier: MIT */
#include "tests/broker_fixture.h"

#include <sqlite3.h>

#define ACME "{\"tenant\":\"acme\"}"
#define APPROVE "{\"verdict\":\"approve\"}"

static int answer_status(struct fixture *fixture, struct call *call)
{
	json_t *answer = NULL;
	int status = routes_answer(&fixture->broker, call, &answer);

	json_decref(answer);
	return status;
}

static void test_a_replayed_change_is_refused_also_after_a_restart(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	char body[256];
	struct call call, again;

	snprintf(body, sizeof(body),
		 "{\"profile\":\"two-of-us\",\"parameters\":{},\"reason\":\"x\","
		 "\"key\":\"%s\"}",
		 fixture_key());
	call = fixture_make_call(fixture, &ann, "POST", "/v1/requests", body);
	again = call;
	assert_int_equal(answer_status(fixture, &call), 200);
	assert_int_equal(answer_status(fixture, &again), 401);
	broker_done(&fixture->broker);
	fixture_open(fixture);
	again = fixture_make_call(fixture, NULL, "POST", "/v1/requests", body);
	again.headers = call.headers;
	again.has_headers = true;
	assert_int_equal(answer_status(fixture, &again), 401);
	assert_int_equal(fixture_audited(fixture, AUDIT_UNAUTHENTICATED), 2);
	assert_int_equal(fixture_audited(fixture, AUDIT_ASKED), 1);
}

static void test_a_refused_change_cannot_be_replayed_either(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct call call = fixture_make_call(fixture, &ann, "POST", "/v1/requests",
					     "{\"bad\":1}");
	struct call again = call;

	assert_int_equal(answer_status(fixture, &call), 400);
	assert_int_equal(answer_status(fixture, &again), 401);
}

static void test_a_replayed_read_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct call call = fixture_make_call(fixture, &ann, "GET", "/v1/profiles", NULL);
	struct call again = call;

	assert_int_equal(answer_status(fixture, &call), 200);
	assert_int_equal(answer_status(fixture, &again), 401);
}

static void test_an_altered_call_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct device_key stranger;
	struct call call;

	call = fixture_make_call(fixture, &ann, "GET", "/v1/profiles", NULL);
	call.uri = "/v1/requests?pending=1";
	assert_int_equal(answer_status(fixture, &call), 401);

	call = fixture_make_call(fixture, &ann, "POST", "/v1/requests", "{}");
	call.body = "{ }";
	call.body_length = 3;
	assert_int_equal(answer_status(fixture, &call), 401);

	call = fixture_make_call(fixture, &ann, "GET", "/v1/profiles", NULL);
	fixture->now_seconds += 3600;
	assert_int_equal(answer_status(fixture, &call), 401);

	call = fixture_make_call(fixture, NULL, "GET", "/v1/profiles", NULL);
	assert_int_equal(answer_status(fixture, &call), 401);

	crypto_sign_keypair(stranger.public_key, stranger.secret_key);
	assert_int_equal(fixture_status(fixture, &stranger, "GET", "/v1/profiles", NULL),
			 401);
	assert_int_equal(fixture_audited(fixture, AUDIT_UNAUTHENTICATED), 5);
}

static void test_a_flood_of_bad_calls_writes_few_rows(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 10 * REFUSALS_AN_HOUR; i++)
		assert_int_equal(
		    fixture_status(fixture, NULL, "GET", "/v1/profiles", NULL), 401);
	assert_int_equal(fixture_audited(fixture, AUDIT_UNAUTHENTICATED),
			 REFUSALS_AN_HOUR);
	/* What was left out is told in the next hour. */
	fixture->now_seconds += 3600;
	assert_int_equal(fixture_status(fixture, NULL, "GET", "/v1/profiles", NULL), 401);
	assert_int_equal(fixture_audited(fixture, AUDIT_UNAUTHENTICATED),
			 REFUSALS_AN_HOUR + 2);
}

/* clang-format off */
static const struct {
	const char *method, *uri;
	int status;
} strange[] = {
	{ "GET",    "/",                                   404 },
	{ "GET",    "",                                    404 },
	{ "GET",    "/v1/requests/r-0000000000/decision/", 404 },
	{ "GET",    "/v1/requests/../../etc/passwd",       404 },
	{ "GET",    "/v1/requests/R-0000000000",           404 },
	{ "GET",    "/v1/requests/%72-0000000000",         404 },
	{ "GET",    "//v1/profiles",                       404 },
	{ "GET",    "/jwks.json?\xff",                     400 },
	{ "POST",   "/v1/enroll?\x1b[2J",                  400 },
	{ "DELETE", "/v1/requests/r-0000000000",           400 },
	{ "POST",   "/v1/profiles",                        400 },
	{ "POST",   "/jwks.json",                          400 },
	{ "GET",    "/jwks.json",                          200 },
	{ "GET",    "/.well-known/openid-configuration",   200 },
};

static const struct {
	const char *uri;
	int status;
} queries[] = {
	{ "/v1/requests",                          400 },
	{ "/v1/requests?pending=2",                400 },
	{ "/v1/requests?pending=1",                200 },
	{ "/v1/events",                            400 },
	{ "/v1/events?since=0",                    400 },
	{ "/v1/events?since=0&wait=56",            400 },
	{ "/v1/events?since=-1&wait=0",            400 },
	{ "/v1/events?since=1e3&wait=0",           400 },
	{ "/v1/events?since=9999999999999999999&wait=0", 400 },
	{ "/v1/events?since=0&wait=0",             200 },
	{ "/v1/events?wait=0&since=0",             200 },
};
/* clang-format on */

static void test_only_the_routes_are_there(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");

	for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
		print_message("%s %s\n", strange[i].method, strange[i].uri);
		assert_int_equal(fixture_status(fixture, NULL, strange[i].method,
						strange[i].uri, NULL),
				 strange[i].status);
	}
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		print_message("%s\n", queries[i].uri);
		assert_int_equal(
		    fixture_status(fixture, &ann, "GET", queries[i].uri, NULL),
		    queries[i].status);
	}
}

static int64_t codes_start = FIXTURE_START;

static int make_code(struct transaction *transaction, void *data, struct error *error)
{
	struct audit_origin origin = { .address = NULL };

	return codes_make(transaction, &origin, "bob", codes_start, data, error);
}

static int enroll(struct fixture *fixture, const struct device_key *key, const char *code)
{
	char text[64], body[256];

	sodium_bin2base64(text, sizeof(text), key->public_key, sizeof(key->public_key),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	snprintf(body, sizeof(body), "{\"code\":\"%s\",\"public_key\":\"%s\"}", code,
		 text);
	return fixture_status(fixture, key, "POST", "/v1/enroll", body);
}

static struct device_key new_key(void)
{
	struct device_key key;

	crypto_sign_keypair(key.public_key, key.secret_key);
	return key;
}

static void test_a_code_is_for_one_device_and_ten_minutes(void **state)
{
	struct fixture *fixture = *state;
	struct device_key first = new_key(), second = new_key();
	char code[CODE_TEXT_SIZE], late[CODE_TEXT_SIZE];
	struct error error;

	store_write(fixture->broker.store, make_code, code, &error);
	store_write(fixture->broker.store, make_code, late, &error);
	assert_int_equal(fixture_status(fixture, &first, "GET", "/v1/profiles", NULL),
			 401);
	assert_int_equal(enroll(fixture, &first, code), 200);
	assert_int_equal(fixture_status(fixture, &first, "GET", "/v1/profiles", NULL),
			 200);
	assert_int_equal(enroll(fixture, &second, code), 403);
	fixture->now_seconds += CODE_LIFETIME_SECONDS;
	assert_int_equal(enroll(fixture, &second, late), 403);
	assert_int_equal(fixture_audited(fixture, AUDIT_ENROLLED), 1);
	assert_int_equal(fixture_audited(fixture, AUDIT_ENROLL_REFUSED), 2);
}

static void test_five_wrong_codes_close_the_door_for_an_hour(void **state)
{
	struct fixture *fixture = *state;
	struct device_key key = new_key();
	char code[CODE_TEXT_SIZE];
	struct error error;

	for (int i = 0; i < 3 * CODE_GUESSES_MAX; i++)
		assert_int_equal(enroll(fixture, &key, "0000-0000"), 403);
	assert_int_equal(fixture_audited(fixture, AUDIT_ENROLL_REFUSED),
			 CODE_GUESSES_MAX + 1);
	store_write(fixture->broker.store, make_code, code, &error);
	assert_int_equal(enroll(fixture, &key, code), 403);
	/* An hour later the address may try again, with a code that is still good. */
	codes_start = fixture->now_seconds += 3600;
	store_write(fixture->broker.store, make_code, code, &error);
	assert_int_equal(enroll(fixture, &key, code), 200);
	codes_start = FIXTURE_START;
}

static int count_nonces(const struct fixture *fixture)
{
	sqlite3 *other;
	sqlite3_stmt *row;
	int count;

	assert_int_equal(sqlite3_open(fixture->store_path, &other), SQLITE_OK);
	assert_int_equal(
	    sqlite3_prepare_v2(other, "SELECT count(*) FROM nonces", -1, &row, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	count = sqlite3_column_int(row, 0);
	sqlite3_finalize(row);
	sqlite3_close(other);
	return count;
}

/* Anybody can sign an enrolment with a key of their own. */
static void test_who_goes_on_guessing_makes_the_broker_write_nothing(void **state)
{
	struct fixture *fixture = *state;

	for (int i = 0; i < 50; i++) {
		struct device_key key = new_key();

		assert_int_equal(enroll(fixture, &key, "0000-0000"), 403);
	}
	assert_int_equal(fixture_audited(fixture, AUDIT_ENROLL_REFUSED),
			 CODE_GUESSES_MAX + 1);
	assert_int_equal(fixture_audited(fixture, AUDIT_REFUSED), 0);
	assert_int_equal(count_nonces(fixture), CODE_GUESSES_MAX + 1);
}

static void test_only_the_key_that_signs_is_enrolled(void **state)
{
	struct fixture *fixture = *state;
	struct device_key key = new_key(), other = new_key();
	char code[CODE_TEXT_SIZE];
	struct error error;

	store_write(fixture->broker.store, make_code, code, &error);
	memcpy(key.secret_key, other.secret_key, sizeof(key.secret_key));
	assert_int_equal(enroll(fixture, &key, code), 401);
	assert_int_equal(enroll(fixture, &other, code), 200);
}

static void test_events_tell_what_changed_and_wait_for_the_rest(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct device_key bob = fixture_enroll(fixture, "bob");
	struct call call;
	json_t *answer = NULL;
	char id[ID_SIZE];

	assert_int_equal(fixture_ask(fixture, &ann, "orders-support", ACME, id), 200);
	call = fixture_make_call(fixture, &ann, "GET", "/v1/events?since=1&wait=30",
				 NULL);
	assert_int_equal(routes_answer(&fixture->broker, &call, &answer), 0);
	assert_int_equal(call.wait_since, 1);
	assert_int_equal(call.wait_seconds, 30);
	assert_int_equal(fixture_post(fixture, &bob, id, "decision", APPROVE), 200);
	/* Called again, as after a wait: the same call is no replay of itself. */
	assert_int_equal(routes_answer(&fixture->broker, &call, &answer), 200);
	assert_int_equal(json_integer_value(json_object_get(answer, "next")), 2);
	assert_int_equal(json_array_size(json_object_get(answer, "requests")), 1);
	json_decref(answer);

	call = fixture_make_call(fixture, &bob, "GET", "/v1/events?since=0&wait=30",
				 NULL);
	call.has_waited = true;
	assert_int_equal(routes_answer(&fixture->broker, &call, &answer), 200);
	assert_int_equal(json_array_size(json_object_get(answer, "requests")), 0);
	json_decref(answer);
}

static void test_what_ended_long_ago_is_no_news_after_a_start(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct device_key bob = fixture_enroll(fixture, "bob");
	char id[ID_SIZE];
	json_t *answer = NULL;

	assert_int_equal(fixture_ask(fixture, &ann, "orders-support", ACME, id), 200);
	assert_int_equal(fixture_post(fixture, &bob, id, "decision", APPROVE), 200);
	fixture->now_seconds += 1800 + 3599;
	fixture_call(fixture, &ann, "GET", "/v1/events?since=0&wait=0", NULL, &answer);
	assert_int_equal(json_array_size(json_object_get(answer, "requests")), 1);
	json_decref(answer);
	fixture->now_seconds += 2;
	fixture_call(fixture, &ann, "GET", "/v1/events?since=0&wait=0", NULL, &answer);
	assert_int_equal(json_array_size(json_object_get(answer, "requests")), 0);
	assert_int_equal(json_integer_value(json_object_get(answer, "next")), 2);
	json_decref(answer);
}

int main(void)
{
#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_replayed_change_is_refused_also_after_a_restart),
		TEST(test_a_refused_change_cannot_be_replayed_either),
		TEST(test_a_replayed_read_is_refused),
		TEST(test_an_altered_call_is_refused),
		TEST(test_a_flood_of_bad_calls_writes_few_rows),
		TEST(test_only_the_routes_are_there),
		TEST(test_a_code_is_for_one_device_and_ten_minutes),
		TEST(test_five_wrong_codes_close_the_door_for_an_hour),
		TEST(test_who_goes_on_guessing_makes_the_broker_write_nothing),
		TEST(test_only_the_key_that_signs_is_enrolled),
		TEST(test_events_tell_what_changed_and_wait_for_the_rest),
		TEST(test_what_ended_long_ago_is_no_news_after_a_start),
	};

	if (secret_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("broker calls", tests, NULL, NULL);
}
