/* SPDX-License-Identifier: MIT */
#include <jose/jose.h>
#include <sys/stat.h>

#include "broker/grants.h"
#include "broker/keys.h"
#include "tests/broker_fixture.h"

#define ACME "{\"tenant\":\"acme\"}"
#define APPROVE "{\"verdict\":\"approve\"}"

static int64_t claim(json_t *claims, const char *name)
{
	return json_integer_value(json_object_get(claims, name));
}

static const char *text_of(json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

/* The claims of a token, if a key of the published set signed it; else NULL. */
static json_t *verify(struct fixture *fixture, const char *token)
{
	struct error error;
	json_auto_t *set = keys_public(fixture->broker.keys, fixture->now_seconds,
				       &error);
	const char *first = strchr(token, '.');
	const char *second = first ? strchr(first + 1, '.') : NULL;
	json_auto_t *jws = NULL;

	assert_non_null(second);
	jws = json_pack("{s:s%, s:s%, s:s}", "protected", token, (size_t)(first - token),
			"payload", first + 1, (size_t)(second - first - 1), "signature",
			second + 1);
	if (!jose_jws_ver(NULL, jws, NULL, set, false))
		return NULL;
	return jose_b64_dec_load(json_object_get(jws, "payload"));
}

static json_t *live_grant(struct fixture *fixture, struct device_key *ann,
			  char id[static ID_SIZE])
{
	struct device_key bob = fixture_enroll(fixture, "bob");
	json_t *answer = NULL;
	char uri[64];

	*ann = fixture_enroll(fixture, "ann");
	assert_int_equal(fixture_ask(fixture, ann, "orders-support", ACME, id), 200);
	assert_int_equal(fixture_post(fixture, &bob, id, "decision", APPROVE), 200);
	snprintf(uri, sizeof(uri), "/v1/requests/%s/grant", id);
	assert_int_equal(fixture_call(fixture, ann, "POST", uri, "{}", &answer), 200);
	return answer;
}

static void test_a_grant_says_who_may_what_and_until_when(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann;
	char id[ID_SIZE];
	json_auto_t *answer = live_grant(fixture, &ann, id);
	json_auto_t *claims = verify(fixture, text_of(answer, "grant"));
	json_t *tags = json_object_get(claims, "https://aws.amazon.com/tags");
	json_t *values = json_object_get(tags, "principal_tags");

	assert_non_null(claims);
	assert_string_equal(text_of(claims, "iss"), FIXTURE_ISSUER);
	assert_string_equal(text_of(claims, "aud"), "sts.amazonaws.com");
	assert_string_equal(text_of(claims, "sub"), "profile:orders-support:user:ann");
	assert_string_equal(text_of(claims, "https://aws.amazon.com/source_identity"),
			    "ann");
	assert_int_equal(claim(claims, "iat"), FIXTURE_START);
	assert_int_equal(claim(claims, "exp"), FIXTURE_START + 300);
	assert_int_equal(json_object_size(values), 4);
	assert_int_equal(json_array_size(json_object_get(tags, "transitive_tag_keys")),
			 4);
	assert_string_equal(
	    json_string_value(json_array_get(json_object_get(values, "jit_request"), 0)),
	    id);
	assert_string_equal(
	    json_string_value(json_array_get(json_object_get(values, "tenant"), 0)),
	    "acme");
	assert_string_equal(text_of(answer, "session_name"), id);
	assert_string_equal(text_of(answer, "role_arn"),
			    "arn:aws:iam::123456789012:role/jit-orders-support");
	assert_int_equal(claim(answer, "duration_seconds"), 1800);
}

static void test_a_grant_never_outlives_its_session(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann;
	char id[ID_SIZE], uri[64];
	json_auto_t *first = live_grant(fixture, &ann, id);
	json_auto_t *last = NULL;
	json_auto_t *claims = NULL;

	snprintf(uri, sizeof(uri), "/v1/requests/%s/grant", id);
	fixture->now_seconds += 1700;
	assert_int_equal(fixture_call(fixture, &ann, "POST", uri, "{}", &last), 200);
	claims = verify(fixture, text_of(last, "grant"));
	assert_int_equal(claim(claims, "exp"), FIXTURE_START + 1800);
	/* STS takes no less; the session policy's Deny is what ends it. */
	assert_int_equal(claim(last, "duration_seconds"), 900);
}

static void test_a_grant_is_for_its_owner(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann, bob = fixture_enroll(fixture, "bob");
	char id[ID_SIZE];
	json_auto_t *answer = live_grant(fixture, &ann, id);

	assert_non_null(answer);
	assert_int_equal(fixture_post(fixture, &bob, id, "grant", "{}"), 403);
}

static void test_a_rotated_key_stays_until_its_last_grant_is_dead(void **state)
{
	struct fixture *fixture = *state;
	struct device_key ann;
	struct error error;
	char id[ID_SIZE];
	json_auto_t *answer = live_grant(fixture, &ann, id);
	const char *token = text_of(answer, "grant");
	scoped(freep) char *kid = NULL;
	json_t *claims;

	/* While the broker has the file open, as `rotate-key` does it. */
	assert_int_equal(
	    keys_rotate(fixture->keys_path, fixture->now_seconds, &kid, &error), 0);
	claims = verify(fixture, token);
	assert_non_null(claims);
	json_decref(claims);
	fixture->now_seconds += KEYS_RETIRE_SECONDS;
	assert_null(verify(fixture, token));
	assert_int_equal(fixture_post(fixture, &ann, id, "grant", "{}"), 200);
}

static void test_what_is_published_has_no_secret(void **state)
{
	struct fixture *fixture = *state;
	struct error error;
	json_auto_t *set = keys_public(fixture->broker.keys, FIXTURE_START, &error);
	json_t *key = json_array_get(json_object_get(set, "keys"), 0);
	struct stat about;

	assert_null(json_object_get(key, "d"));
	assert_int_equal(json_array_size(json_object_get(key, "x5c")), 1);
	assert_string_equal(text_of(key, "alg"), "ES256");
	assert_int_equal(stat(fixture->keys_path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
}

/* clang-format off */
static const struct {
	const char *user, *profile, *parameters;
	bool is_fine;
} tags[] = {
	{ "ann", "p", "{}",                                 true },
	{ "ann@example.com", "p", "{\"t\":\"a b_.:/=+-@\"}", true },
	{ "a",   "p", "{}",                                 false },
	{ "a n", "p", "{}",                                 false },
	{ "a,n", "p", "{}",                                 false },
	{ "ann", "p", "{\"t\":\"a*\"}",                     false },
	{ "ann", "p", "{\"t\":\"a${b}\"}",                  false },
	{ "ann", "p", "{\"t\":\"a\\nb\"}",                  false },
};
/* clang-format on */

static void test_what_aws_takes_as_tags(void **state)
{
	json_auto_t *long_value = json_object();
	json_auto_t *many = json_object();
	char value[GRANT_TAG_VALUE_MAX + 2] = "";
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		json_auto_t *parameters = json_loads(tags[i].parameters, 0, NULL);

		print_message("%s %s\n", tags[i].user, tags[i].parameters);
		assert_int_equal(
		    grant_check(tags[i].user, tags[i].profile, parameters, &error) == 0,
		    tags[i].is_fine);
	}
	memset(value, 'x', GRANT_TAG_VALUE_MAX);
	json_object_set_new(long_value, "t", json_string(value));
	assert_int_equal(grant_check("ann", "p", long_value, &error), 0);
	value[GRANT_TAG_VALUE_MAX] = 'x';
	json_object_set_new(long_value, "t", json_string(value));
	assert_true(grant_check("ann", "p", long_value, &error) < 0);
	for (int i = 0; i < 48; i++) {
		char name[16];

		assert_int_equal(grant_check("ann", "p", many, &error), 0);
		snprintf(name, sizeof(name), "t%d", i);
		json_object_set_new(many, name, json_string("x"));
	}
	assert_true(grant_check("ann", "p", many, &error) < 0);
}

static void test_a_key_file_is_never_replaced_by_init(void **state)
{
	struct fixture *fixture = *state;
	struct error error;

	assert_true(keys_make(fixture->keys_path, FIXTURE_START, &error) < 0);
	assert_non_null(strstr(error.text, "is there already"));
}

int main(void)
{
#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_a_grant_says_who_may_what_and_until_when),
		TEST(test_a_grant_never_outlives_its_session),
		TEST(test_a_grant_is_for_its_owner),
		TEST(test_a_rotated_key_stays_until_its_last_grant_is_dead),
		TEST(test_what_is_published_has_no_secret),
		cmocka_unit_test(test_what_aws_takes_as_tags),
		TEST(test_a_key_file_is_never_replaced_by_init),
	};

	if (secret_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("grants", tests, NULL, NULL);
}
