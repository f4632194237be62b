/* SPDX-License-Identifier: MIT */
/* The documents made from a scope, and the texts and patterns that may be in one. */
#include "tests/access_fixture.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "policy/document.h"
#include "policy/pattern.h"
#include "policy/policy.h"

static void test_a_documents_length_is_that_of_its_text(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		"{\"a\":[]}",
		"{\"a\":{},\"b\":[1,-20,true,false,null]}",
		"{\"\\\"\":\"\\\\ \\n \\u0001 \\u00e4 \\u20ac / '\"}",
		"[[[\"a\",{\"b\":\"c\"}],\"\"]]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_auto_t *json = json_loads(texts[i], 0, NULL);
		scoped(json_text_freep) char *text = NULL;

		assert_non_null(json);
		text = json_text(json);
		assert_int_equal(document_length(json), strlen(text));
	}
}

static void test_a_role_is_as_long_as_its_policy(void **state)
{
	scoped(scope_freep) struct scope *scope = scope_of(
	    "- dynamodb: { table: \"${tenant}-orders\", actions: read, leading_keys: "
	    "[\"it's\", \"a\\\\b\"] }");
	scoped(json_text_freep) char *text = NULL;
	size_t length;

	(void)state;
	assert_int_equal(policy_role(scope, &place, 1795534200, &text, NULL), 0);
	assert_int_equal(policy_role_length(scope, &place, 1795534200, &length), 0);
	assert_int_equal(length, strlen(text));
}

static void test_an_endpoint_lets_pass_what_is_limited_to_none(void **state)
{
	scoped(scope_freep) struct scope *scope = scope_of(
	    "- dynamodb: { table: orders, actions: GetItem, endpoint: vpce-0a }\n"
	    "- dynamodb: { table: jobs, actions: GetItem }\n"
	    "- dynamodb: { table: logs, actions: GetItem, endpoint: vpce-0b }");
	scoped(json_text_freep) char *text = NULL;
	struct error error;

	(void)state;
	assert_int_equal(
	    policy_endpoint(scope, &place, "vpce-0a", "arn:r", &text, &error), 0);
	assert_non_null(strstr(text, "table/orders"));
	assert_non_null(strstr(text, "table/jobs"));
	assert_null(strstr(text, "table/logs"));
	assert_int_equal(
	    policy_endpoint(scope, &place, "vpce-0c", "arn:r", &text, &error), -ENOENT);
}

/* A number in a document is one only where it is written as JSON writes it. */
static void test_a_number_keeps_its_zeros(void **state)
{
	scoped(scope_freep) struct scope *scope = scope_of(
	    "- document: { Effect: Allow, Action: \"s3:GetObject\", Resource: "
	    "\"arn:aws:s3:::x/y\", Condition: { StringEquals: { "
	    "\"aws:PrincipalAccount\": 012345678901, \"s3:max-keys\": [10, -1, +5] } } "
	    "}");
	scoped(json_text_freep) char *text = NULL;

	(void)state;
	assert_int_equal(policy_role(scope, &place, 0, &text, NULL), 0);
	assert_non_null(strstr(text, "{\"aws:PrincipalAccount\":\"012345678901\","
				     "\"s3:max-keys\":[10,-1,\"+5\"]}"));
}

static void test_what_iam_takes_in_a_policy(void **state)
{
	(void)state;
	assert_true(text_is_for_iam("acme#1 \xc3\xa4\xc3\xbf ~"));
	assert_true(text_is_for_iam("\xc2\xa0"));
	assert_false(text_is_for_iam("\xc4\x80")); /* U+0100 */
	assert_false(text_is_for_iam("\xc2\x85")); /* a control character */
	assert_false(text_is_for_iam("ac\xc2\xad"
				     "me"));   /* shows as acme */
	assert_false(text_is_for_iam("\xc3")); /* no UTF-8 */
	assert_false(text_is_for_iam("a\tb"));
	assert_false(text_is_for_iam("\x7f"));
	assert_false(text_is_for_iam("\xf0\x9f\x98\x80")); /* U+1F600 */
}

static void test_patterns_say_how_long_and_of_what(void **state)
{
	static const struct {
		const char *pattern;
		int longest; /* -1: refused */
	} rows[] = {
		{ "[a-z0-9-]{3,32}", 32 },
		{ "acme|example", 7 },
		{ "(a|bc){2}x?", 5 },
		{ "[]a]{2}", 2 },
		{ "[[:alnum:]_]{1,256}", -1 },
		{ "[[:alnum:]_]{1,255}", 255 },
		{ "a\\.b", 3 },
		{ "a*", -1 },
		{ "a+", -1 },
		{ "a{3,}", -1 },
		{ ".", -1 },
		{ "[^a]", -1 },
		{ "[[:cntrl:]]", -1 },
		{ "[[:space:]]", -1 },
		{ "\\w", -1 },
		{ "(a)\\1", -1 },
		{ "^a$", -1 },
		{ "a)|(b", -1 },
		{ "(a", -1 },
		{ "a||b", -1 },
		{ "", -1 },
		{ "[z-a]", -1 },
		{ "a{4,2}", -1 },
		{ "\xc3\xa9", -1 },
		{ "[\xc3\xa9]", -1 },
		{ "((((a{0,9}){0,9}){0,9}){0,9}){0,9}", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct pattern_facts facts;
		struct error error = { .text = "" };
		int r = pattern_inspect(rows[i].pattern, &facts, &error);

		if ((r < 0) != (rows[i].longest < 0))
			print_error("%s: %d %s\n", rows[i].pattern, r, error.text);
		assert_int_equal(r < 0, rows[i].longest < 0);
		if (r == 0)
			assert_int_equal(facts.longest, rows[i].longest);
	}
}

static void test_a_pattern_says_of_which_characters(void **state)
{
	struct pattern_facts facts;

	(void)state;
	assert_int_equal(pattern_inspect("[a-c]{2,4}(-x|y{3})?", &facts, NULL), 0);
	assert_int_equal(facts.shortest, 2);
	assert_int_equal(facts.longest, 7);
	assert_true(facts.characters['b'] && facts.characters['-']);
	assert_false(facts.characters['*'] || facts.characters['d']);
	assert_int_equal(pattern_inspect("a{0,3}|bb", &facts, NULL), 0);
	assert_int_equal(facts.shortest, 0);
	assert_int_equal(pattern_inspect("(ab|c){2}d", &facts, NULL), 0);
	assert_int_equal(facts.shortest, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_documents_length_is_that_of_its_text),
		cmocka_unit_test(test_a_role_is_as_long_as_its_policy),
		cmocka_unit_test(test_an_endpoint_lets_pass_what_is_limited_to_none),
		cmocka_unit_test(test_a_number_keeps_its_zeros),
		cmocka_unit_test(test_what_iam_takes_in_a_policy),
		cmocka_unit_test(test_patterns_say_how_long_and_of_what),
		cmocka_unit_test(test_a_pattern_says_of_which_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
