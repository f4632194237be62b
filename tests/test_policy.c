/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "broker/access.h"
#include "policy/document.h"
#include "policy/meaning.h"
#include "policy/pattern.h"
#include "policy/policy.h"
#include "policy/scope.h"

static const struct place place = { "eu-west-1", "123456789012" };

static struct scope *scope_of(const char *yaml)
{
	struct account account = { .id = (char *)"123456789012",
				   .region = (char *)"eu-west-1" };
	struct parameter tenant = { .name = (char *)"tenant",
				    .pattern = (char *)"[a-z0-9]{3,32}",
				    .summary = (char *)"",
				    .line = 1 };
	const struct profile profile = { .name = (char *)"orders",
					 .account = &account,
					 .parameters = &tenant,
					 .parameter_count = strstr(yaml, "tenant") !=
							    NULL };
	struct fy_document *document = fy_document_build_from_string(NULL, yaml, FY_NT);
	struct findings findings = { 0 };
	struct scope *scope = NULL;

	assert_non_null(document);
	access_parse(fy_document_root(document), &profile, &scope, &findings);
	for (size_t i = 0; !scope && i < findings.count; i++)
		print_error("%s\n", findings.list[i].message);
	assert_non_null(scope);
	findings_done(&findings);
	fy_document_destroy(document);
	return scope;
}

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

/* One request for a scope, all else of it as a careful client would send it. */
struct case_ {
	const char *access;
	const char *action;
	const char *table;
	const char *index;
	const char *key; /* "": none in the request */
	const char *attribute;
	const char *select;
	const char *endpoint;
	bool is_allowed;
};

#define ROWS                                                                             \
	"- dynamodb: { table: orders, indexes: [by-date], actions: read, leading_keys: " \
	"[\"${tenant}\", \"${tenant}#*\"], attributes: [pk, total], keys: [pk], "        \
	"endpoint: vpce-0a }"
#define DENY                                                               \
	"- dynamodb: { table: \"orders-*\", actions: [read, describe] }\n" \
	"- deny: { dynamodb: { table: orders-eu } }"
#define SPECIFIC "SPECIFIC_ATTRIBUTES"

/* clang-format off */
static const struct case_ cases[] = {
	{ ROWS, "dynamodb:GetItem", "orders", NULL, "acme", "pk", SPECIFIC, "vpce-0a", true },
	{ ROWS, "dynamodb:GetItem", "orders", NULL, "acme#1", "pk", SPECIFIC, "vpce-0a", true },
	{ ROWS, "dynamodb:Query", "orders", "by-date", "acme", "total", SPECIFIC, "vpce-0a", true },
	{ ROWS, "dynamodb:Query", "orders", "by-status", "acme", "total", SPECIFIC, "vpce-0a", false },
	{ ROWS, "dynamodb:GetItem", "orders", NULL, "acme2", "pk", SPECIFIC, "vpce-0a", false },
	{ ROWS, "dynamodb:GetItem", "orders", NULL, "", "pk", SPECIFIC, "vpce-0a", false },
	{ ROWS, "dynamodb:GetItem", "orders", NULL, "acme", "", SPECIFIC, "vpce-0a", false },
	{ ROWS, "dynamodb:GetItem", "orders", NULL, "acme", "card", SPECIFIC, "vpce-0a", false },
	{ ROWS, "dynamodb:GetItem", "orders", NULL, "acme", "pk", "ALL_ATTRIBUTES", "vpce-0a", false },
	{ ROWS, "dynamodb:GetItem", "orders", NULL, "acme", "pk", SPECIFIC, "vpce-0b", false },
	{ ROWS, "dynamodb:GetItem", "orders", NULL, "acme", "pk", SPECIFIC, NULL, false },
	{ ROWS, "dynamodb:GetItem", "payroll", NULL, "acme", "pk", SPECIFIC, "vpce-0a", false },
	{ ROWS, "dynamodb:Scan", "orders", NULL, "acme", "pk", SPECIFIC, "vpce-0a", false },
	{ ROWS, "dynamodb:PutItem", "orders", NULL, "acme", "pk", SPECIFIC, "vpce-0a", false },
	{ DENY, "dynamodb:GetItem", "orders-us", NULL, "", "", NULL, NULL, true },
	{ DENY, "dynamodb:DescribeTable", "orders-us", NULL, "", "", NULL, NULL, true },
	{ DENY, "dynamodb:GetItem", "orders-eu", NULL, "", "", NULL, NULL, false },
	{ DENY, "dynamodb:DescribeTable", "orders-eu", NULL, "", "", NULL, NULL, false },
	{ DENY, "dynamodb:Query", "orders-eu", "by-date", "", "", NULL, NULL, false },
	{ DENY, "dynamodb:GetItem", "orders", NULL, "", "", NULL, NULL, false },
};
/* clang-format on */

static bool is_allowed(const struct case_ *each, const struct binding *tags, int64_t at,
		       int64_t ends_at)
{
	scoped(scope_freep) struct scope *scope = scope_of(each->access);
	const struct asked asked = {
		.action = each->action,
		.region = place.region,
		.account_id = place.account_id,
		.resource = each->index ? RESOURCE_INDEX : RESOURCE_TABLE,
		.table = each->table,
		.child = each->index,
		.leading_keys = { !*each->key, &each->key, *each->key != '\0' },
		.attributes = { !*each->attribute, &each->attribute,
				*each->attribute != '\0' },
		.select = each->select,
		.endpoint = each->endpoint,
		.at = at,
		.tags = tags,
		.tag_count = tags ? 1 : 0,
	};
	struct meaning meaning;

	scope_judge(scope, &place, ends_at, &asked, &meaning);
	assert_true(!meaning.is_allowed || meaning.line == 1);
	return meaning.is_allowed;
}

static void test_a_scope_means_what_it_says(void **state)
{
	const struct binding acme = { "tenant", "acme" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (is_allowed(&cases[i], &acme, 0, 0) != cases[i].is_allowed)
			fail_msg("%s of %s %s with key '%s', attribute '%s' under\n%s",
				 cases[i].action, cases[i].table,
				 cases[i].index ? cases[i].index : "", cases[i].key,
				 cases[i].attribute, cases[i].access);
}

static void test_a_tag_that_is_missing_or_empty_opens_nothing(void **state)
{
	const struct binding empty = { "tenant", "" };
	struct case_ hash = cases[1];

	(void)state;
	hash.key = "#1";
	assert_false(is_allowed(&hash, &empty, 0, 0));
	assert_false(is_allowed(&hash, NULL, 0, 0));
	assert_false(is_allowed(&cases[0], NULL, 0, 0));
}

static void test_a_tag_with_a_star_is_only_itself(void **state)
{
	const struct binding star = { "tenant", "*" };
	struct case_ literal = cases[0];

	(void)state;
	assert_false(is_allowed(&cases[0], &star, 0, 0));
	literal.key = "*";
	assert_true(is_allowed(&literal, &star, 0, 0));
}

static void test_nothing_is_allowed_from_the_end_on(void **state)
{
	const struct binding acme = { "tenant", "acme" };

	(void)state;
	assert_true(is_allowed(&cases[0], &acme, 999, 1000));
	assert_false(is_allowed(&cases[0], &acme, 1000, 1000));
	assert_false(is_allowed(&cases[0], &acme, 1001, 1000));
}

static void test_a_document_is_judged_by_its_statements(void **state)
{
	scoped(scope_freep) struct scope *scope = scope_of(
	    "- document: { Effect: Allow, Action: \"dynamodb:GetItem\", Resource: "
	    "\"arn:aws:dynamodb:eu-west-1:123456789012:table/orders\" }\n"
	    "- deny: { dynamodb: { table: payroll } }");
	struct asked asked = { .action = "dynamodb:GetItem",
			       .region = place.region,
			       .account_id = place.account_id,
			       .resource = RESOURCE_TABLE,
			       .table = "orders" };
	struct meaning meaning;

	(void)state;
	scope_judge(scope, &place, 0, &asked, &meaning);
	assert_true(meaning.is_allowed);
	assert_int_equal(meaning.line, 1);
	asked.table = "payroll"; /* denied whatever the document says */
	scope_judge(scope, &place, 0, &asked, &meaning);
	assert_false(meaning.is_allowed);
	assert_int_equal(meaning.line, 2);
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

/* A statement that says all but some resources, by what those are. */
static const struct {
	const char *not_resource;
	bool is_allowed; /* of the table orders */
} others[] = {
	{ "arn:aws:dynamodb:eu-west-1:123456789012:table/payroll", true },
	{ "arn:aws:dynamodb:eu-west-1:123456789012:table/orders", false },
	{ "arn:aws:dynamodb:*:*:table/ord*", false },
	{ "*", false },
	/* Fewer than six parts: the rest of it is anything */
	{ "arn:aws:dynamodb", false },
	{ "arn:aws:dynamodb:eu-west-1", false },
	{ "arn:aws:s3", true },
	/* A variable without a value is like nothing, so all is left */
	{ "arn:aws:dynamodb:eu-west-1:123456789012:table/${tenant}", true },
	{ "arn:aws:dynamodb:eu-west-1:123456789012:table/${aws:PrincipalTag/team, "
	  "'orders'}",
	  false },
};

static void test_not_resource_is_all_that_is_not_named(void **state)
{
	const struct asked asked = { .action = "dynamodb:GetItem",
				     .region = place.region,
				     .account_id = place.account_id,
				     .resource = RESOURCE_TABLE,
				     .table = "orders" };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		char yaml[512];
		struct meaning meaning;
		scoped(scope_freep) struct scope *scope = NULL;

		snprintf(yaml, sizeof(yaml),
			 "- document: { Effect: Allow, Action: \"dynamodb:GetItem\", "
			 "NotResource: \"%s\" }",
			 others[i].not_resource);
		scope = scope_of(yaml);
		scope_judge(scope, &place, 0, &asked, &meaning);
		if (meaning.is_allowed != others[i].is_allowed)
			fail_msg("%s", others[i].not_resource);
	}
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

static void test_a_text_matches_as_in_aws(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} texts[] = {
		{ "a\1", "a", true },
		{ "a\1", "a/b", true },
		{ "\1", "", true },
		{ "a\2c", "abc", true },
		{ "a\2c", "ac", false },
		{ "\1b\1b", "abab", true },
		{ "a\1b\1c", "abbc", true },
		{ "a\1b\1c", "abb", false },
		{ "*", "*", true },
		{ "*", "a", false },
		{ "a", "A", false },
		{ "a\2c",
		  "a\xc3\xa4"
		  "c",
		  true },
		{ "a\2\2c",
		  "a\xc3\xa4"
		  "c",
		  false },
		{ "\1\2\2", "\xc3\xa4", false },
		{ "\1\2", "\xc3\xa4", true },
		{ "\1\xc3\xa4", "\xc3\xb6\xc3\xa4", true },
		{ "\1\2\xc3\xa4", "\xc3\xa4", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(text_matches(texts[i].pattern, texts[i].text),
				 texts[i].matches);
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
		cmocka_unit_test(test_a_scope_means_what_it_says),
		cmocka_unit_test(test_a_tag_that_is_missing_or_empty_opens_nothing),
		cmocka_unit_test(test_a_tag_with_a_star_is_only_itself),
		cmocka_unit_test(test_nothing_is_allowed_from_the_end_on),
		cmocka_unit_test(test_a_document_is_judged_by_its_statements),
		cmocka_unit_test(test_an_endpoint_lets_pass_what_is_limited_to_none),
		cmocka_unit_test(test_not_resource_is_all_that_is_not_named),
		cmocka_unit_test(test_a_number_keeps_its_zeros),
		cmocka_unit_test(test_what_iam_takes_in_a_policy),
		cmocka_unit_test(test_a_text_matches_as_in_aws),
		cmocka_unit_test(test_patterns_say_how_long_and_of_what),
		cmocka_unit_test(test_a_pattern_says_of_which_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
