/* SPDX-License-Identifier: MIT */
/* What GET /v1/profiles answers where there is a lot to say. */
#include "tests/broker_fixture.h"

#define PEOPLE 63 /* as many groups as the largest rule can name */
#define MANY 1000
#define TEXT_MAX ((size_t)1024 * 1024)

static void add(struct buffer *text, const char *format, ...)
{
	char line[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	assert_int_equal(buffer_add(text, line, strlen(line)), 0);
}

static void add_profile(struct buffer *text, int i, const char *group, const char *rule)
{
	char summary[400];

	memset(summary, 's', sizeof(summary));
	summary[sizeof(summary) - 1] = '\0';
	add(text,
	    "  profile-%d: { summary: \"%s\", account: production, role: jit-%d,\n"
	    "    who: [%s], longest: 1h, approval: %s,\n"
	    "    access: [{ dynamodb: { table: orders, actions: read } }] }\n",
	    i, summary, i, group, rule);
}

static json_t *list_profiles(struct fixture *fixture, const struct device_key *key,
			     size_t *bytes)
{
	json_t *answer = NULL;

	assert_int_equal(fixture_call(fixture, key, "GET", "/v1/profiles", NULL, &answer),
			 200);
	*bytes = json_dumpb(answer, NULL, 0, JSON_COMPACT);
	return answer;
}

/* Those that one may ask for are there, whatever there is for others. */
static void test_the_list_fits_an_answer(void **state)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(TEXT_MAX);
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "ann");
	json_auto_t *answer = NULL;
	json_t *profile;
	size_t i, bytes;

	add(&text, "%.*s", (int)(strstr(fixture_profiles, "people:") - fixture_profiles),
	    fixture_profiles);
	add(&text, "people: { ann: { groups: [a] }, bob: { groups: [b] },\n"
		   "  carl: { groups: [a, b] } }\n"
		   "roles: { a: [ask, approve], b: [ask, approve] }\n"
		   "approvals: { one-a: { peer: { group: a } } }\n"
		   "profiles:\n");
	for (int n = 0; n < MANY; n++)
		add_profile(&text, n, n % 10 ? "b" : "a", "one-a");
	fixture_reload(fixture, text.bytes);
	answer = list_profiles(fixture, &ann, &bytes);
	assert_true(bytes <= CALL_ANSWER_MAX);
	assert_int_equal(json_array_size(json_object_get(answer, "profiles")), MANY / 10);
	json_array_foreach(json_object_get(answer, "profiles"), i, profile)
	{
		assert_true(json_is_true(json_object_get(profile, "may_ask")));
	}
}

/* As many groups as there may be in one rule, each of the longest name. */
static void test_the_longest_rule_has_its_words(void **state)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(TEXT_MAX);
	struct fixture *fixture = *state;
	struct device_key ann = fixture_enroll(fixture, "p0");
	json_auto_t *answer = NULL;
	const char *words;
	char name[65], last[96], id[ID_SIZE];
	size_t bytes;

	memset(name, 'g', sizeof(name));
	name[64] = '\0';
	add(&text, "%.*speople:\n",
	    (int)(strstr(fixture_profiles, "people:") - fixture_profiles),
	    fixture_profiles);
	for (int n = 0; n < PEOPLE; n++)
		add(&text, "  p%d: { groups: [%.60s%04d] }\n", n, name, n);
	add(&text, "roles:\n");
	for (int n = 0; n < PEOPLE; n++)
		add(&text, "  %.60s%04d: [ask, approve]\n", name, n);
	add(&text, "approvals:\n  everybody:\n    all:\n");
	for (int n = 0; n < PEOPLE; n++)
		add(&text, "      - administrator: { group: %.60s%04d }\n", name, n);
	snprintf(last, sizeof(last), "%.60s%04d", name, 0);
	add(&text, "profiles:\n");
	add_profile(&text, 0, last, "everybody");
	fixture_reload(fixture, text.bytes);
	answer = list_profiles(fixture, &ann, &bytes);
	words = json_string_value(json_object_get(
	    json_array_get(json_object_get(answer, "profiles"), 0), "approval"));
	assert_non_null(words);
	snprintf(last, sizeof(last), "1 administrator of %.60s%04d", name, PEOPLE - 1);
	assert_string_equal(words + strlen(words) - strlen(last), last);
	/* The asker is one of those who would have to say yes. */
	assert_int_equal(fixture_ask(fixture, &ann, "profile-0", "{}", id), 403);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
		TEST(test_the_list_fits_an_answer),
		TEST(test_the_longest_rule_has_its_words),
	};

	if (sodium_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("listing", tests, NULL, NULL);
}
