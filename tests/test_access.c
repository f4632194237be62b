/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "broker/access.h"
#include "broker/findings.h"
#include "policy/meaning.h"
#include "policy/policy.h"
#include "policy/scope.h"

static struct account account = { .name = (char *)"production",
				  .id = (char *)"123456789012",
				  .region = (char *)"eu-west-1" };
static const struct place place = { "eu-west-1", "123456789012" };
static struct parameter tenant = { .name = (char *)"tenant",
				   .pattern = (char *)"[a-z0-9-]{3,32}",
				   .summary = (char *)"the customer's id",
				   .line = 1 };

static int parse_with(const char *yaml, struct parameter *parameters, size_t count,
		      struct scope **scope, struct findings *findings)
{
	struct fy_document *document = fy_document_build_from_string(NULL, yaml, FY_NT);
	struct profile profile = {
		.name = (char *)"orders-support",
		.line = 1,
		.account = &account,
		.parameters = parameters,
		.parameter_count = count,
	};
	int r;

	assert_non_null(document);
	r = access_parse(fy_document_root(document), &profile, scope, findings);
	fy_document_destroy(document);
	return r;
}

static struct scope *scope_of(const char *yaml, struct parameter *parameters,
			      size_t count)
{
	struct findings findings = { 0 };
	struct scope *scope = NULL;
	int r = parse_with(yaml, parameters, count, &scope, &findings);

	for (size_t i = 0; r < 0 && i < findings.count; i++)
		print_message("line %u: %s\n", findings.list[i].line,
			      findings.list[i].message);
	findings_done(&findings);
	assert_int_equal(r, 0);
	return scope;
}

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
	scoped(scope_freep) struct scope *scope = scope_of(orders_support, &tenant, 1);
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
		scoped(scope_freep) struct scope *scope = scope_of(denials[i].yaml, NULL,
								   0);
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
	scoped(scope_freep) struct scope *scope = scope_of(orders_support, &tenant, 1);
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
	scope = scope_of(yaml, NULL, 0);
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

#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define THOUSAND \
	HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED
#define KEY_TOO_LONG THOUSAND THOUSAND HUNDRED

/* A profile made to have a trap, and a piece of what is said of it. */
struct trap {
	const char *yaml;
	const char *says;
	bool is_error;
	unsigned int line;
};

/* clang-format off */
static const struct trap traps[] = {
	{ "- dynamodb: { table: orders, actions: [Scan], leading_keys: [acme] }", "Scan can't be allowed here", true, 1 },
	{ "- dynamodb: { table: orders, actions: [Scan], attributes: [pk] }", "Scan with columns: it reads them in every row", false, 1 },
	{ "- dynamodb: { table: orders, actions: [SearchVectors], leading_keys: [acme] }", "SearchVectors can't", true, 1 },
	{ "- dynamodb: { table: orders, actions: [read, stream], leading_keys: [acme] }", "GetRecords can't", true, 1 },
	{ "- dynamodb: { table: orders, actions: [ConditionCheckItem] }", "transactions", true, 1 },
	{ "- dynamodb: { table: orders, actions: [PartiQLSelect], partiql: false }", "partiql is false", true, 1 },
	{ "- dynamodb: { table: orders, actions: admin, leading_keys: [acme] }", "admin is everything", true, 1 },
	{ "- dynamodb: { table: \"*\", indexes: [by-date], only_indexes: true, actions: admin }", "admin is everything", true, 1 },
	{ "- dynamodb: { table: orders, indexes: [by-date], only_indexes: true, actions: [GetItem] }", "it is called on no index", true, 1 },
	{ "- dynamodb: { table: orders, indexes: [\"${who}\"], actions: Query }", "no index can be called", true, 1 },
	{ "- dynamodb: { table: orders, actions: GetItem, leading_keys: [\"" KEY_TOO_LONG "\"] }", "no key that is longer than 2048", true, 1 },
	{ "- dynamodb: { table: orders, actions: GetItem, leading_keys: [\"${\\e[31mx}\"] }", "no parameter called \\u{1b}[31mx", true, 1 },
	{ "- dynamodb: { table: orders, actions: read, partiql: true }", "PartiQL may read the full table", false, 1 },
	{ "- dynamodb:\n    table: orders\n    actions: read\n    attributes: [sk, status]\n    keys: [pk, sk]", "key attribute pk is missing", true, 4 },
	{ "- dynamodb: { table: orders, actions: read, attributes: [sk] }", "key attributes are not named", false, 1 },
	{ "- dynamodb: { table: orders, actions: read, except_attributes: [ssn] }", "added tomorrow", false, 1 },
	{ "- dynamodb: { table: orders, actions: write, attributes: [pk], keys: [pk] }", "ReturnValuesOnConditionCheckFailure", false, 1 },
	{ "- dynamodb: { table: orders, actions: read, transactions: true, attributes: [pk], keys: [pk] }", "ReturnValuesOnConditionCheckFailure", false, 1 },
	{ "- dynamodb: { table: orders, actions: [PartiQLDelete], attributes: [pk], keys: [pk] }", "ReturnValuesOnConditionCheckFailure", false, 1 },
	{ "- dynamodb: { table: orders, actions: admin }\n- deny: { dynamodb: { table: payroll, actions: PutResourcePolicy } }", "PutResourcePolicy can open", false, 1 },
	{ "- dynamodb: { table: orders, actions: write, attributes: [pk], keys: [pk] }", "PutItem replaces the whole item", false, 1 },
	{ "- dynamodb: { table: \"*\", actions: read }", "every table of the account", false, 1 },
	{ "- dynamodb: { table: orders, actions: list }", "ListTables can't be limited to a table", false, 1 },
	{ "- dynamodb: { table: orders, actions: scale }", "UpdateTable also drops indexes", false, 1 },
	{ "- dynamodb: { table: \"*-prod\", actions: read }", "before the end", true, 1 },
	{ "- dynamodb: { table: \"orders?index*\", actions: read }", "also matches the / behind", true, 1 },
	{ "- dynamodb: { table: \"orders?index?by-date\", actions: read }", "also matches the / behind", true, 1 },
	{ "- dynamodb: { table: \"orders?*\", actions: read }", "also matches the / behind", true, 1 },
	{ "- dynamodb: { table: \"orders-*\", indexes: [by-date], actions: read }", "naming some of them limits nothing", true, 1 },
	{ "- dynamodb: { table: or, actions: read }", "no table can be called", true, 1 },
	{ "- dynamodb: { table: \"or ders\", actions: read }", "no table can be called", true, 1 },
	{ "- dynamodb: { table: orders, actions: [GetItm] }", "no action called GetItm", true, 1 },
	{ "- dynamodb: { table: orders, actions: read, colour: red }", "no key \"colour\"", true, 1 },
	{ "- dynamodb: { table: orders, actions: read, leading_keys: [\"${who}\"] }", "no parameter called who", true, 1 },
	{ "- dynamodb: { table: orders, actions: read, leading_keys: [\"*\"] }", "limits nothing", true, 1 },
	{ "- dynamodb: { table: orders, actions: read, endpoint: vpc-1 }", "not the id of a VPC endpoint", true, 1 },
	{ "- deny: { dynamodb: { table: orders, leading_keys: [acme] } }", "streams, exports and backups", false, 1 },
	{ "- s4: { bucket: x }", "no service called s4", true, 1 },
	{ "- document: { Effect: Allow, Action: \"dynamodb:Query\", Resource: \"arn:aws:dynamodb:eu-west-1:1:table/orders\",\n"
	  "        Condition: { \"ForAllValues:StringEquals\": { \"dynamodb:LeadingKeys\": acme } } }", "would be let through", true, 2 },
	{ "- document: { Effect: Allow, Action: \"dynamodb:Scan\", Resource: \"arn:aws:dynamodb:eu-west-1:1:table/orders\",\n"
	  "        Condition: { StringEquals: { \"dynamodb:LeadingKeys\": acme } } }", "Scan with rows: no leading key", true, 1 },
	{ "- document: { Effect: Allow, Action: \"dynamodb:PartiQLSelect\", Resource: \"arn:aws:dynamodb:eu-west-1:1:table/orders\" }", "FullTableScan", false, 1 },
	{ "- document: { Effect: Allow, Action: \"dynamodb:GetItem\", Resource: \"arn:aws:dynamodb:eu-west-1:1:table/orders\",\n"
	  "        Condition: { \"ForAllValues:StringEquals\": { \"dynamodb:Attributes\": pk }, Null: { \"dynamodb:Attributes\": \"false\" } } }", "condition on Select", true, 2 },
	{ "- document: { Effect: Allow, Action: \"dynamodb:UpdateItem\", Resource: \"arn:aws:dynamodb:eu-west-1:1:table/orders\",\n"
	  "        Condition: { \"ForAllValues:StringEquals\": { \"dynamodb:Attributes\": pk }, Null: { \"dynamodb:Attributes\": \"false\" } } }", "condition on ReturnValues", true, 2 },
	{ "- document: { Effect: Allow, Action: \"dynamodb:GetItm\", Resource: \"*\" }", "no action called GetItm", true, 1 },
	{ "- document: { Effect: Allow, Action: \"s3:GetObject\", Resource: \"*\" }", "everything in the account", false, 1 },
	{ "- document: { Effect: Allow, Action: \"s3:GetObject\", Resource: \"arn:aws:s3:::x/*\", Condition: { StringEquals: { \"aws:Nope\": 1 } } }", "no condition key", true, 1 },
	{ "- document: { Effect: Allow, Action: \"s3:GetObject\", Resource: \"arn:aws:s3:::x/*\", Condition: { StringIs: { \"aws:userid\": 1 } } }", "no condition operator", true, 1 },
	{ "- document: { Effect: Allow, Action: \"dynamodb:GetItem\", Resource: \"arn:aws:dynamodb:eu-west-1:1:table/o!\" }", "no table can have the name", true, 1 },
	{ "- document: { Effect: Allow, Principal: \"*\", Action: \"s3:GetObject\", Resource: \"*\" }", "no key \"Principal\"", true, 1 },
};
/* clang-format on */

static bool says(const struct findings *findings, const struct trap *trap)
{
	for (size_t i = 0; i < findings->count; i++)
		if (strstr(findings->list[i].message, trap->says) &&
		    findings->list[i].is_error == trap->is_error &&
		    findings->list[i].line == trap->line)
			return true;
	return false;
}

static void test_every_trap_is_named_with_its_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
		struct findings findings = { 0 };
		scoped(scope_freep) struct scope *scope = NULL;
		int r = parse_with(traps[i].yaml, NULL, 0, &scope, &findings);

		if (!says(&findings, &traps[i])) {
			for (size_t f = 0; f < findings.count; f++)
				print_message("%u: %s\n", findings.list[f].line,
					      findings.list[f].message);
			fail_msg("%s: nobody says \"%s\" in line %u", traps[i].yaml,
				 traps[i].says, traps[i].line);
		}
		if (traps[i].is_error)
			assert_int_equal(r, -EINVAL);
		findings_done(&findings);
	}
}

static const struct {
	const char *pattern;
	const char *says; /* NULL: nothing */
} patterns[] = {
	{ "[a-z0-9-]{3,32}", NULL },
	{ "[a-z]{0,3}", "empty value" },
	{ "[a-z]+", "could be longer than 256" },
	{ "[a-z]{1,255}[a-z]{1,255}", "could be longer than 256" },
	{ ".{1,8}", "also matches control characters" },
	{ "a\\*b", "could mean more than itself" },
	{ "[^a]{1,2}", "also matches control characters" },
	{ "(a|b#){1,2}", "which AWS does not take in a session tag" },
	{ "(a", "never closed" },
};

static void test_a_parameter_cannot_carry_more_than_its_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct parameter parameter = { .name = (char *)"p",
					       .pattern = (char *)patterns[i].pattern,
					       .line = 1 };
		struct findings findings = { 0 };
		scoped(scope_freep) struct scope *scope = NULL;
		bool found = false;

		parse_with("- dynamodb: { table: orders, actions: read, "
			   "leading_keys: [\"${p}\"] }",
			   &parameter, 1, &scope, &findings);
		for (size_t f = 0; f < findings.count; f++)
			found = found ||
				(patterns[i].says &&
				 strstr(findings.list[f].message, patterns[i].says));
		if (found != (patterns[i].says != NULL) ||
		    (!patterns[i].says && findings.count > 0))
			fail_msg("%s", patterns[i].pattern);
		findings_done(&findings);
	}
}

static const struct {
	const char *key;
	const char *says; /* NULL: nothing */
} keys[] = {
	{ "${tenant}#*", NULL },
	{ "*#${tenant}", NULL }, /* but that it begins with a wildcard */
	{ "order*#${tenant}", NULL },
	{ "order-?#${tenant}", NULL },
	{ "${tenant}*", "every value that begins with this one" },
	{ "${tenant}-*", "allows '-'" },
	{ "${tenant}${tenant}", "every value that begins with this one" },
	{ "order#*${tenant}", "every value that ends with this one" },
	{ "order#?${tenant}", "every value that ends with this one" },
	{ "order#*-${tenant}", "allows '-'" },
};

static void test_one_values_rows_are_not_inside_anothers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct findings findings = { 0 };
		scoped(scope_freep) struct scope *scope = NULL;
		char yaml[256];
		bool found = false;

		snprintf(yaml, sizeof(yaml),
			 "- dynamodb: { table: orders, actions: GetItem, "
			 "leading_keys: [\"%s\"] }",
			 keys[i].key);
		assert_int_equal(parse_with(yaml, &tenant, 1, &scope, &findings), 0);
		for (size_t f = 0; f < findings.count; f++)
			found = found || strstr(findings.list[f].message,
						keys[i].says ? keys[i].says : "value");
		if (found != (keys[i].says != NULL))
			fail_msg("%s", keys[i].key);
		findings_done(&findings);
	}
}

static void test_a_deny_does_not_hang_on_a_parameter(void **state)
{
	struct findings findings = { 0 };
	scoped(scope_freep) struct scope *scope = NULL;

	(void)state;
	assert_int_equal(parse_with("- deny: { dynamodb: { table: \"${tenant}-x\" } }",
				    &tenant, 1, &scope, &findings),
			 -EINVAL);
	findings_done(&findings);
}

static void test_an_unused_parameter_is_an_error(void **state)
{
	struct findings findings = { 0 };
	scoped(scope_freep) struct scope *scope = NULL;

	(void)state;
	assert_int_equal(parse_with("- dynamodb: { table: orders, actions: read }",
				    &tenant, 1, &scope, &findings),
			 -EINVAL);
	findings_done(&findings);
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
		cmocka_unit_test(test_every_trap_is_named_with_its_line),
		cmocka_unit_test(test_a_parameter_cannot_carry_more_than_its_value),
		cmocka_unit_test(test_one_values_rows_are_not_inside_anothers),
		cmocka_unit_test(test_a_deny_does_not_hang_on_a_parameter),
		cmocka_unit_test(test_an_unused_parameter_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
