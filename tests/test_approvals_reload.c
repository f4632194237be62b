/* SPDX-License-Identifier: MIT */
/* What was asked for, after the profiles have changed. */
#include "tests/iam_scene.h"

#include <errno.h>

#include "aws/http.h"
#include "broker/store-sqlite.h"

#define ACME "{\"tenant\":\"acme\"}"
#define APPROVE "{\"verdict\":\"approve\"}"
#define DAY 86400

static void test_who_was_removed_can_do_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct device_key bob = fixture_enroll(fixture, "bob");
	char id[ID_SIZE], without_ann[sizeof(fixture_profiles)];
	char *line;

	assert_int_equal(fixture_ask(fixture, &ann, "orders-support", ACME, id), 200);
	assert_int_equal(fixture_post(fixture, &bob, id, "decision", APPROVE), 200);
	memcpy(without_ann, fixture_profiles, sizeof(without_ann));
	line = strstr(without_ann, "  ann:");
	memcpy(line, "  zoe:", 6);
	fixture_reload(fixture, without_ann);
	assert_int_equal(fixture_post(fixture, &ann, id, "grant", "{}"), 403);
	assert_int_equal(fixture_status(fixture, &ann, "GET", "/v1/profiles", NULL), 403);
	fixture_reload(fixture, fixture_profiles);
	assert_int_equal(fixture_post(fixture, &ann, id, "grant", "{}"), 200);
}

/* The fixture's profiles with one place changed. */
static void reload_changed(struct fixture *fixture, const char *from, const char *to)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(16384);
	const char *at = strstr(fixture_profiles, from);

	assert_non_null(at);
	assert_int_equal(
	    buffer_add(&text, fixture_profiles, (size_t)(at - fixture_profiles)), 0);
	assert_int_equal(buffer_print(&text, "%s%s", to, at + strlen(from)), 0);
	fixture_reload(fixture, text.bytes);
}

/* Else who approves "read" would give "write", or a value not allowed any more. */
static void test_nobody_approves_what_is_not_what_was_asked_for(void **state)
{
	/* clang-format off */
	static const struct {
		const char *from, *to;
	} changes[] = {
		{ "actions: read, leading_keys", "actions: write, leading_keys" },
		{ "[a-z0-9-]{3,32}",             "[a-b]{3,32}" },
		{ "longest: 2h\n    usual: 30m", "longest: 20m\n    usual: 10m" },
		{ "who: [support]",              "who: [dba]" },
		/* The words are the same; it would be given elsewhere. */
		{ "id: \"123456789012\"",        "id: \"210987654321\"" },
		{ "region: eu-west-1",           "region: eu-west-2" },
		{ "role: jit-orders-support",    "role: jit-administration" },
		{ "role: jit-orders-support",    "provision: { path: /jit/ }" },
	};
	/* clang-format on */
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct device_key bob = fixture_enroll(fixture, "bob");
	char id[ID_SIZE];

	assert_int_equal(fixture_ask(fixture, &ann, "orders-support", ACME, id), 200);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		print_message("%s\n", changes[i].to);
		reload_changed(fixture, changes[i].from, changes[i].to);
		assert_int_equal(fixture_post(fixture, &bob, id, "decision", APPROVE),
				 403);
		fixture_assert_state(fixture, &ann, id, "pending");
	}
	assert_int_equal(fixture_audited(fixture, AUDIT_DECIDED), 0);
	/* As it was: then it is what was read. */
	reload_changed(fixture, "One customer's orders", "Of one customer");
	assert_int_equal(fixture_post(fixture, &bob, id, "decision", APPROVE), 200);
	fixture_assert_state(fixture, &ann, id, "approved");
}

/* The account of the one request that bob sees pending; "" where none is said. */
static void assert_account(struct fixture *fixture, const struct device_key *bob,
			   const char *wanted)
{
	json_auto_t *answer = NULL;
	const char *id;

	assert_int_equal(
	    fixture_call(fixture, bob, "GET", "/v1/requests?pending=1", NULL, &answer),
	    200);
	id = json_string_value(json_object_get(
	    json_object_get(json_array_get(json_object_get(answer, "requests"), 0),
			    "account"),
	    "id"));
	assert_string_equal(id ? id : "", wanted);
}

static void test_an_approver_sees_the_account_while_it_is_that(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct device_key bob = fixture_enroll(fixture, "bob");
	char id[ID_SIZE];

	assert_int_equal(fixture_ask(fixture, &ann, "orders-support", ACME, id), 200);
	assert_account(fixture, &bob, "123456789012");
	reload_changed(fixture, "id: \"123456789012\"", "id: \"210987654321\"");
	assert_account(fixture, &bob, "");
}

/* Words say of a hand-written policy that it has conditions, not which. */
static void test_a_condition_that_no_words_name_counts(void **state)
{
	static const char from[] = "      - dynamodb: { table: orders, actions: read }\n"
				   "  by-day:";
	static const char to[] =
	    "      - document: { Version: \"2012-10-17\", Statement: [ { Effect: Allow, "
	    "Action: \"s3:GetObject\", Resource: \"arn:aws:s3:::reports/*\", "
	    "Condition: { StringEquals: { \"aws:PrincipalTag/jit_user\": %s } } } ] }\n"
	    "  by-day:";
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct device_key bob = fixture_enroll(fixture, "bob");
	char id[ID_SIZE], narrow[512], wide[512];

	snprintf(narrow, sizeof(narrow), to, "ann");
	snprintf(wide, sizeof(wide), to, "[ann, bob]");
	reload_changed(fixture, from, narrow);
	assert_int_equal(fixture_ask(fixture, &ann, "two-of-us", "{}", id), 200);
	reload_changed(fixture, from, wide);
	assert_int_equal(fixture_post(fixture, &bob, id, "decision", APPROVE), 403);
	reload_changed(fixture, from, narrow);
	assert_int_equal(fixture_post(fixture, &bob, id, "decision", APPROVE), 200);
}

/* A role made for a session is what its path and its boundary make it, too. */
static void test_how_a_role_is_made_counts(void **state)
{
	static const char *const changes[] = { "{ path: /other/ }",
					       "{ path: /jit/, boundary: wide }" };
	static const char from[] = "{ path: /jit/ }";
	const struct scene *scene = *state;
	struct fixture *fixture = scene->fixture;
	const struct device_key *bob = &scene->bob;
	char id[ID_SIZE];

	assert_int_equal(fixture_ask(fixture, &scene->ann, "provisioned", "{}", id), 200);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		reload_changed(fixture, from, changes[i]);
		assert_int_equal(fixture_post(fixture, bob, id, "decision", APPROVE),
				 403);
	}
	reload_changed(fixture, "region: eu-west-1 }",
		       "region: eu-west-1, boundary: wide }");
	assert_int_equal(fixture_post(fixture, bob, id, "decision", APPROVE), 403);
	assert_int_equal(fixture_audited(fixture, AUDIT_DECIDED), 0);
}

static int forget_digest(struct transaction *transaction, void *data, struct error *error)
{
	(void)data;
	(void)error;
	return sqlite3_exec(transaction->database, "UPDATE requests SET digest = ''",
			    NULL, NULL, NULL) == SQLITE_OK
		   ? 0
		   : -EIO;
}

/* What was asked of an older program can be approved by what it wrote down. */
static void test_a_request_of_an_older_store_is_judged_by_its_words(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	struct device_key bob = fixture_enroll(fixture, "bob");
	char id[ID_SIZE];

	assert_int_equal(fixture_ask(fixture, &ann, "orders-support", ACME, id), 200);
	assert_int_equal(store_write(fixture->broker.store, forget_digest, NULL, NULL),
			 0);
	reload_changed(fixture, "actions: read, leading_keys",
		       "actions: write, leading_keys");
	assert_int_equal(fixture_post(fixture, &bob, id, "decision", APPROVE), 403);
	fixture_reload(fixture, fixture_profiles);
	assert_int_equal(fixture_post(fixture, &bob, id, "decision", APPROVE), 200);
}

/* The hours alone approve; not what nobody asked for. */
static void test_time_approves_only_what_was_asked_for(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	int64_t nine = FIXTURE_START - FIXTURE_START % DAY + DAY + 9 * 3600;
	struct error error;
	char id[ID_SIZE];

	fixture->now_seconds = nine - 60;
	assert_int_equal(fixture_ask(fixture, &ann, "by-day", "{}", id), 200);
	fixture_assert_state(fixture, &ann, id, "pending");
	reload_changed(fixture, "role: jit-by-day\n    who: [support]",
		       "role: jit-by-day\n    who: [dba]");
	fixture->now_seconds = nine;
	assert_int_equal(broker_tick(&fixture->broker, &error), 0);
	fixture_assert_state(fixture, &ann, id, "pending");
	fixture_reload(fixture, fixture_profiles);
	fixture->now_seconds += 60;
	assert_int_equal(broker_tick(&fixture->broker, &error), 0);
	fixture_assert_state(fixture, &ann, id, "approved");
}

int main(void)
{
#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_who_was_removed_can_do_nothing),
		TEST(test_nobody_approves_what_is_not_what_was_asked_for),
		TEST(test_an_approver_sees_the_account_while_it_is_that),
		TEST(test_a_condition_that_no_words_name_counts),
		cmocka_unit_test_setup_teardown(test_how_a_role_is_made_counts,
						scene_setup, scene_teardown),
		TEST(test_a_request_of_an_older_store_is_judged_by_its_words),
		TEST(test_time_approves_only_what_was_asked_for),
	};

	if (secret_init() < 0 || http_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("approvals-reload", tests, NULL, NULL);
}
