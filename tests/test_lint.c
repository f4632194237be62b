/* SPDX-License-Identifier: MIT */
/* What is said of a profile that allows more, or less, than it seems to. */
#include "tests/access_fixture.h"

#include <errno.h>

#include "base/cleanup.h"

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

/* How Null may be written, and whether it then keeps out what the trap lets in. */
static const struct {
	const char *allowed, *denied;
	bool is_guard;
} nulls[] = {
	{ "\"false\"", "\"true\"", true },
	{ "false", "true", true },
	{ "\"False\"", "\"True\"", true },
	{ "[\"false\"]", "[\"true\"]", true },
	{ "\"true\"", "\"false\"", false },
	{ "[\"true\", \"false\"]", "[\"false\"]", false },
};

#define ORDERS "\"arn:aws:dynamodb:eu-west-1:1:table/orders\""

static bool is_said_of(const char *statement, const char *null, const char *what)
{
	struct findings findings = { 0 };
	scoped(scope_freep) struct scope *scope = NULL;
	char yaml[1024];
	bool found = false;

	snprintf(yaml, sizeof(yaml), "%s%s } } }", statement, null);
	parse_with(yaml, NULL, 0, &scope, &findings);
	for (size_t f = 0; f < findings.count; f++)
		found = found || strstr(findings.list[f].message, what);
	findings_done(&findings);
	return found;
}

static void test_null_keeps_out_however_it_is_written(void **state)
{
	static const char allow[] =
	    "- document: { Effect: Allow, Action: \"dynamodb:Query\", Resource: " ORDERS
	    ", Condition: { \"ForAllValues:StringEquals\": { \"dynamodb:LeadingKeys\": "
	    "acme }, Null: { \"dynamodb:LeadingKeys\": ";
	static const char deny[] =
	    "- document:\n"
	    "  - { Effect: Deny, Action: \"dynamodb:Scan\", Resource: " ORDERS
	    ", Condition: { \"ForAnyValue:StringEquals\": { \"dynamodb:LeadingKeys\": "
	    "internal } } }\n"
	    "  - { Effect: Deny, Action: \"dynamodb:Scan\", Resource: " ORDERS
	    ", Condition: { Null: { \"dynamodb:LeadingKeys\": ";

	(void)state;
	for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++)
		if (is_said_of(allow, nulls[i].allowed, "would be let through") ==
			nulls[i].is_guard ||
		    is_said_of(deny, nulls[i].denied, "is not denied") ==
			nulls[i].is_guard)
			fail_msg("Null: %s in an Allow, %s in a Deny", nulls[i].allowed,
				 nulls[i].denied);
}

static void test_all_that_is_said_of_a_key_counts(void **state)
{
	static const char columns[] =
	    "- document: { Effect: Allow, Action: \"dynamodb:GetItem\", Resource: " ORDERS
	    ", Condition: { \"ForAllValues:StringEquals\": { \"dynamodb:Attributes\": pk "
	    "}, Null: { \"dynamodb:Attributes\": \"false\" }, "
	    "StringNotEqualsIfExists: { \"dynamodb:Select\": ";

	(void)state;
	assert_true(is_said_of(columns, "ALL_ATTRIBUTES", "condition on Select"));
	assert_false(is_said_of(columns,
				"ALL_ATTRIBUTES, \"dynamodb:select\": "
				"ALL_PROJECTED_ATTRIBUTES",
				"condition on Select"));
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
		cmocka_unit_test(test_every_trap_is_named_with_its_line),
		cmocka_unit_test(test_a_parameter_cannot_carry_more_than_its_value),
		cmocka_unit_test(test_one_values_rows_are_not_inside_anothers),
		cmocka_unit_test(test_null_keeps_out_however_it_is_written),
		cmocka_unit_test(test_all_that_is_said_of_a_key_counts),
		cmocka_unit_test(test_a_deny_does_not_hang_on_a_parameter),
		cmocka_unit_test(test_an_unused_parameter_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
