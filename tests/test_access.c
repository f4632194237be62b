/* SPDX-License-Identifier: MIT */
/* What a profile's access becomes: the words for its approver, the policies for AWS. */
#include "tests/access_fixture.h"

#include "base/cleanup.h"
#include "base/json.h"
#include "policy/meaning.h"
#include "policy/policy.h"

static const char orders_support[] =
    "- dynamodb:\n"
    "    table: orders\n"
    "    indexes: [by-date]\n"
    "    actions: read\n"
    "    leading_keys: [\"${tenant}\", \"${tenant}#*\"]\n"
    "    attributes: [pk, sk, status, total, created]\n"
    "    endpoint: vpce-0abc\n";

static void test_the_words_are_what_an_approver_reads(void **state)
{
	scoped(scope_freep) struct scope *scope = scope_of(orders_support);
	scoped(buffer_done) struct buffer out = BUFFER_WITH_LIMIT(4096);
	struct binding acme = { "tenant", "acme" };

	(void)state;
	assert_int_equal(policy_words(scope, &acme, 1, &out), 0);
	assert_string_equal(
	    out.bytes, "read items of orders and its index by-date whose partition "
		       "key is acme or begins with acme#, only pk, sk, status, total, "
		       "created; through vpce-0abc");
}

static const struct {
	const char *yaml, *words;
} denials[] = {
	{ "- deny: { dynamodb: { table: orders } }", "but never touch orders" },
	{ "- deny: { dynamodb: { table: orders, actions: read, leading_keys: acme } }",
	  "but never read items of orders whose partition key is acme" },
	{ "- deny: { dynamodb: { table: orders, actions: GetItem, leading_keys: acme } }",
	  "but never call GetItem on items of orders whose partition key is acme" },
	{ "- deny: { dynamodb: { table: orders, actions: [GetItem, ListTables] } }",
	  "but never call GetItem on orders, and never call ListTables on the whole "
	  "account" },
	{ "- deny: { dynamodb: { table: orders, actions: list } }",
	  "but never list all tables of the account" },
};

static void test_the_words_say_all_that_is_denied_and_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(denials) / sizeof(denials[0]); i++) {
		scoped(scope_freep) struct scope *scope = scope_of(denials[i].yaml);
		scoped(buffer_done) struct buffer out = BUFFER_WITH_LIMIT(4096);

		assert_int_equal(policy_words(scope, NULL, 0, &out), 0);
		assert_string_equal(out.bytes, denials[i].words);
	}
}

static void test_the_words_say_until_when(void **state)
{
	scoped(buffer_done) struct buffer soon = BUFFER_WITH_LIMIT(64);
	scoped(buffer_done) struct buffer later = BUFFER_WITH_LIMIT(64);

	(void)state;
	assert_int_equal(policy_until_words(1795534200, 1795530600, &soon), 0);
	assert_string_equal(soon.bytes, "until 15:30 UTC");
	assert_int_equal(policy_until_words(1795534200, 1795447700, &later), 0);
	assert_string_equal(later.bytes, "until 2026-11-24 15:30 UTC");
}

static void test_the_session_policy_fits_and_ends_with_the_end(void **state)
{
	scoped(scope_freep) struct scope *scope = scope_of(orders_support);
	scoped(json_text_freep) char *json = NULL;
	const char *end = "{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\","
			  "\"Condition\":{\"DateGreaterThanEquals\":{\"aws:CurrentTime\":"
			  "\"2026-11-24T15:30:00Z\"}}}]}";

	(void)state;
	assert_int_equal(policy_session(scope, &place, 1795534200, &json, NULL), 0);
	assert_true(strlen(json) <= POLICY_SESSION_MAX);
	assert_string_equal(json + strlen(json) - strlen(end), end);
	assert_non_null(strstr(json, "${aws:PrincipalTag/tenant}#*"));
}

static void test_a_scope_too_long_leaves_its_conditions_to_the_role(void **state)
{
	char yaml[4096] = "- dynamodb: { table: orders, actions: read, leading_keys: [";
	scoped(json_text_freep) char *json = NULL;
	scoped(scope_freep) struct scope *scope = NULL;

	(void)state;
	for (int i = 0; i < 40; i++)
		snprintf(yaml + strlen(yaml), sizeof(yaml) - strlen(yaml),
			 "a-rather-long-literal-leading-key-number-%d-of-forty%s", i,
			 i < 39 ? ", " : "] }");
	scope = scope_of(yaml);
	assert_int_equal(policy_session(scope, &place, 1795534200, &json, NULL), 0);
	assert_true(strlen(json) <= POLICY_SESSION_MAX);
	assert_null(strstr(json, "LeadingKeys"));
	assert_non_null(strstr(json, "table/orders"));
	assert_non_null(strstr(json, "2026-11-24T15:30:00Z"));
}

static void test_the_trust_is_bound_to_the_profile(void **state)
{
	const struct trust trust = { .issuer = "https://jit.example.com/a",
				     .profile = "orders-support" };
	scoped(json_text_freep) char *json = NULL;

	(void)state;
	assert_int_equal(policy_trust(&trust, &place, &json, NULL), 0);
	assert_string_equal(
	    json, "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
		  "\"Principal\":"
		  "{\"Federated\":\"arn:aws:iam::123456789012:oidc-provider/"
		  "jit.example.com/a\"},"
		  "\"Action\":[\"sts:AssumeRoleWithWebIdentity\",\"sts:TagSession\","
		  "\"sts:SetSourceIdentity\"],\"Condition\":{\"StringEquals\":"
		  "{\"jit.example.com/a:aud\":\"sts.amazonaws.com\"},\"StringLike\":"
		  "{\"jit.example.com/a:sub\":\"profile:orders-support:user:*\"}}}]}");
}

static void test_the_trust_of_one_session_is_bound_to_it(void **state)
{
	const struct trust trust = { .issuer = "https://jit.example.com",
				     .profile = "orders-support",
				     .user = "ann",
				     .request = "r-7k2m9x4q1d" };
	scoped(json_text_freep) char *json = NULL;

	(void)state;
	assert_int_equal(policy_trust(&trust, &place, &json, NULL), 0);
	assert_non_null(
	    strstr(json, "\"Condition\":{\"StringEquals\":{"
			 "\"jit.example.com:aud\":\"sts.amazonaws.com\","
			 "\"jit.example.com:sub\":\"profile:orders-support:user:ann\","
			 "\"aws:RequestTag/jit_request\":\"r-7k2m9x4q1d\"}}"));
}

static void test_partitions_follow_the_region(void **state)
{
	const struct place china = { "cn-north-1", "123456789012" };
	scoped(freep) char *arn = policy_role_arn(&china, "jit-orders");
	scoped(freep) char *under = policy_role_arn(&china, "jit/jit-orders");
	scoped(freep) char *policy = policy_managed_arn(&china, "jit-boundary");

	(void)state;
	assert_string_equal(under, "arn:aws-cn:iam::123456789012:role/jit/jit-orders");
	assert_string_equal(policy, "arn:aws-cn:iam::123456789012:policy/jit-boundary");
	assert_string_equal(arn, "arn:aws-cn:iam::123456789012:role/jit-orders");
	assert_string_equal(partition_of("us-gov-west-1"), "aws-us-gov");
	assert_string_equal(partition_of("eu-west-1"), "aws");
}

static void test_ends_are_merged_and_sorted(void **state)
{
	struct session_end ends[] = {
		{ "r-bbbbbbbbbb", 1795534200, 0 },
		{ "r-cccccccccc", 0, 0 },
		{ "r-aaaaaaaaaa", 1795534200, 0 },
	};
	scoped(json_text_freep) char *json = NULL;
	scoped(json_text_freep) char *none = NULL;

	(void)state;
	assert_int_equal(policy_ends(ends, 3, 1, POLICY_ROLE_MAX, &json, NULL), 0);
	assert_string_equal(
	    json,
	    "{\"Version\":\"2012-10-17\",\"Statement\":["
	    "{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":"
	    "{\"StringEquals\":{\"aws:PrincipalTag/jit_request\":\"r-cccccccccc\"}}},"
	    "{\"Effect\":\"Deny\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":"
	    "{\"StringEquals\":{\"aws:PrincipalTag/jit_request\":"
	    "[\"r-aaaaaaaaaa\",\"r-bbbbbbbbbb\"]},\"DateGreaterThanEquals\":"
	    "{\"aws:CurrentTime\":\"2026-11-24T15:30:00Z\"}}}]}");
	assert_int_equal(policy_ends(ends, 0, 1, POLICY_ROLE_MAX, &none, NULL), 0);
	assert_null(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_words_are_what_an_approver_reads),
		cmocka_unit_test(test_the_words_say_all_that_is_denied_and_once),
		cmocka_unit_test(test_the_words_say_until_when),
		cmocka_unit_test(test_the_session_policy_fits_and_ends_with_the_end),
		cmocka_unit_test(test_a_scope_too_long_leaves_its_conditions_to_the_role),
		cmocka_unit_test(test_the_trust_is_bound_to_the_profile),
		cmocka_unit_test(test_the_trust_of_one_session_is_bound_to_it),
		cmocka_unit_test(test_partitions_follow_the_region),
		cmocka_unit_test(test_ends_are_merged_and_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
