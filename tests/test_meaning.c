/* SPDX-License-Identifier: MIT */
/* Which requests a scope allows. */
#include "tests/access_fixture.h"

#include "base/cleanup.h"
#include "policy/meaning.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_scope_means_what_it_says),
		cmocka_unit_test(test_a_tag_that_is_missing_or_empty_opens_nothing),
		cmocka_unit_test(test_a_tag_with_a_star_is_only_itself),
		cmocka_unit_test(test_nothing_is_allowed_from_the_end_on),
		cmocka_unit_test(test_a_document_is_judged_by_its_statements),
		cmocka_unit_test(test_not_resource_is_all_that_is_not_named),
		cmocka_unit_test(test_a_text_matches_as_in_aws),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
