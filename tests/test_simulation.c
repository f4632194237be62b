/* SPDX-License-Identifier: MIT */
/* Each request as somebody types it, judged, with the reason in words. */
#include "tests/access_fixture.h"

#include "base/cleanup.h"
#include "broker/simulation.h"

#define LINE_OF_ORDERS 1
#define LINE_OF_PEOPLE 6
#define LINE_OF_LOGS 11
#define LINE_OF_SQL 16

static const char access_list[] = "- dynamodb:\n"
				  "    table: orders\n"
				  "    actions: [PutItem, UpdateItem, GetItem]\n"
				  "    leading_keys: acme\n"
				  "    attributes: [pk, status]\n"
				  "- dynamodb:\n"
				  "    table: people\n"
				  "    actions: [Query, UpdateItem]\n"
				  "    except_attributes: [salary]\n"
				  "    endpoint: [vpce-0a, vpce-0b]\n"
				  "- dynamodb:\n"
				  "    table: logs\n"
				  "    indexes: [by-day]\n"
				  "    only_indexes: true\n"
				  "    actions: Query\n"
				  "- dynamodb:\n"
				  "    table: sql\n"
				  "    actions: PartiQLSelect\n"
				  "    partiql: true\n";

/* clang-format off */
static const struct {
	const char *asked; /* options, a space between */
	bool is_allowed;
	unsigned int line; /* of what allows or came nearest */
	const char *why;   /* NULL: allowed */
} requests[] = {
	{ "--action PutItem --table orders --leading-key acme --attributes pk,status", true, LINE_OF_ORDERS, NULL },
	{ "--action PutItem --table orders --leading-key acme --attributes pk,card", false, LINE_OF_ORDERS,
	  "the attribute card is none of its attributes (pk, status)" },
	{ "--action PutItem --table orders --leading-key acme --attributes ,", false, LINE_OF_ORDERS,
	  "it names no attributes, which asks for all; its attributes are pk, status" },
	{ "--action UpdateItem --table orders --leading-key acme --attributes pk --return-values ALL_NEW", false, LINE_OF_ORDERS,
	  "ReturnValues ALL_NEW gives back every attribute" },
	{ "--action UpdateItem --table orders --leading-key acme --attributes pk --return-values UPDATED_NEW", true, LINE_OF_ORDERS, NULL },
	{ "--action PutItem --table orders --leading-key acme --attributes pk --within TransactWriteItems", false, LINE_OF_ORDERS,
	  "it is part of TransactWriteItems, and transactions are closed" },
	{ "--action Query --table people --attributes name --select SPECIFIC_ATTRIBUTES --endpoint vpce-0b", true, LINE_OF_PEOPLE, NULL },
	{ "--action Query --table people --attributes name,salary --endpoint vpce-0b", false, LINE_OF_PEOPLE,
	  "the attribute salary is left out" },
	{ "--action Query --table people --endpoint vpce-0b", false, LINE_OF_PEOPLE,
	  "it names no attributes, which asks for all; left out are salary" },
	{ "--action Query --table people --attributes name", false, LINE_OF_PEOPLE,
	  "it came through no VPC endpoint, which has to be vpce-0a, vpce-0b" },
	{ "--action Query --table logs --index by-day", true, LINE_OF_LOGS, NULL },
	{ "--action Query --table logs", false, LINE_OF_LOGS,
	  "it is about the table, not about one of its indexes" },
	{ "--action Query --table logs --index by-user", false, LINE_OF_LOGS,
	  "the index by-user is none of its indexes (by-day)" },
	{ "--action Query --table orders --index by-day", false, LINE_OF_ORDERS,
	  "the index by-day is none of its indexes: it has none" },
	{ "--action DeleteItem --table people", false, LINE_OF_PEOPLE,
	  "the action DeleteItem is none of its actions (Query, UpdateItem)" },
	{ "--action ListTables", false, LINE_OF_ORDERS,
	  "the action ListTables is none of its actions (GetItem, PutItem, UpdateItem)" },
	{ "--action GetItem --table nothing", false, LINE_OF_ORDERS,
	  "the table nothing is none of its tables (orders)" },
	{ "--action PartiQLSelect --table sql --leading-key 1", true, LINE_OF_SQL, NULL },
	{ "--action PartiQLSelect --table sql --full-table-scan", false, LINE_OF_SQL,
	  "its PartiQL reads the whole table" },
	{ "--action GetItem --table orders --region us-east-1", false, LINE_OF_ORDERS,
	  "it is in us-east-1 of account 123456789012, not in the profile's own" },
	{ "--action GetRecords --table orders --stream 2026", false, LINE_OF_ORDERS,
	  "the action GetRecords is none of its actions (GetItem, PutItem, UpdateItem)" },
	{ "--action DescribeBackup --table other --backup b1", false, LINE_OF_ORDERS,
	  "the table other is none of its tables (orders)" },
	{ "--action UpdateGlobalTable --global-table orders", false, LINE_OF_ORDERS,
	  "the action UpdateGlobalTable is none of its actions (GetItem, PutItem, UpdateItem)" },
};

#define LINE_OF_READ 2
#define LINE_OF_LIST 7
#define LINE_OF_DENY 11
#define LINE_OF_KEYS 15
#define LINE_OF_TYPED 21

/* Statement by statement, and a typed one behind them. */
static const char by_hand[] = "- document:\n"
			      "    - Effect: Allow\n"
			      "      Action: [\"s3:GetObject\", \"s3:Put*\"]\n"
			      "      Resource: \"arn:aws:s3:::invoices/${tenant}/*\"\n"
			      "      Condition: { Bool: { \"aws:SecureTransport\": \"true\" },\n"
			      "        IpAddress: { \"aws:SourceIp\": 203.0.113.0/24 } }\n"
			      "    - Effect: Allow\n"
			      "      Action: \"s3:ListAllMyBuckets\"\n"
			      "      Resource: \"*\"\n"
			      "      Condition: { StringNotEquals: { \"aws:UserAgent\": curl } }\n"
			      "    - Effect: Deny\n"
			      "      NotAction: \"s3:*\"\n"
			      "      Resource: \"*\"\n"
			      "      Condition: { StringNotEqualsIfExists: { \"aws:PrincipalTag/team\": dba } }\n"
			      "    - Effect: Allow\n"
			      "      Action: \"dynamodb:GetItem\"\n"
			      "      Resource: \"arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/team}-*\"\n"
			      "      Condition:\n"
			      "        StringEquals: { \"dynamodb:LeadingKeys\": acme,\n"
			      "          \"aws:PrincipalArn\": \"arn:aws:iam::123456789012:role/jit-mixed\" }\n"
			      "- dynamodb: { table: orders, actions: [GetItem, PutItem] }\n";

#define ON_READ "--action s3:GetObject --resource arn:aws:s3:::invoices/"
#define ON_LIST "--action s3:ListAllMyBuckets --resource * "
#define OF_DBA " --context aws:PrincipalTag/team=dba"
#define READ "by a hand-written policy: allow s3:GetObject, s3:Put* on arn:aws:s3:::invoices/acme/* under conditions"
#define LIST "by a hand-written policy: allow s3:ListAllMyBuckets on * under conditions"
#define DENY "by a hand-written policy: deny all but s3:* on * under conditions"

static const struct {
	const char *asked;
	bool is_allowed;
	unsigned int line;
	const char *why;
} by_document[] = {
	{ ON_READ "acme/1 --context aws:SecureTransport=true --context aws:SourceIp=203.0.113.7", true, LINE_OF_READ, READ },
	{ ON_READ "acme/1 --context aws:SecureTransport=true", false, LINE_OF_READ,
	  "its condition IpAddress does not hold of aws:SourceIp; the request carries no aws:SourceIp" },
	{ ON_READ "acme/1 --context aws:SecureTransport=true --context aws:SourceIp=192.0.2.1", false, LINE_OF_READ,
	  "its condition IpAddress does not hold of aws:SourceIp, which is 192.0.2.1" },
	{ ON_READ "evil/1", false, LINE_OF_READ, "arn:aws:s3:::invoices/evil/1 is none of its resources (arn:aws:s3:::invoices/acme/*)" },
	{ "--action s3:DeleteObject --resource arn:aws:s3:::x/y", false, LINE_OF_READ,
	  "the action s3:DeleteObject is none of its actions (s3:GetObject, s3:Put*)" },
	{ ON_LIST, true, LINE_OF_LIST, LIST "; the request carries no aws:UserAgent" },
	{ ON_LIST "--context aws:UserAgent=aws-cli", true, LINE_OF_LIST, LIST },
	{ ON_LIST "--context aws:UserAgent=curl", false, LINE_OF_LIST, "its condition StringNotEquals does not hold of aws:UserAgent, which is curl" },
	{ "--action GetItem --table orders", false, LINE_OF_DENY, DENY "; the request carries no aws:PrincipalTag/team" },
	{ "--action GetItem --table orders --context aws:PrincipalTag/team=dev", false, LINE_OF_DENY, DENY },
	{ "--action GetItem --table orders" OF_DBA, true, LINE_OF_TYPED, "call GetItem and PutItem on orders" },
	{ "--action GetItem --table dba-x --leading-key acme" OF_DBA, false, LINE_OF_KEYS,
	  "its condition StringEquals does not hold of dynamodb:LeadingKeys, which is acme; a key of several values needs ForAllValues or ForAnyValue" },
};

static const struct {
	const char *asked;
	const char *text;
} mistakes[] = {
	{ "--table orders", "say what is called: --action GetItem" },
	{ "--action s3:GetObject", "say what s3:GetObject is on: --resource ARN, or --resource '*' for an action on the account" },
	{ "--action s3:Get:Object --resource *", "s3:Get:Object is no action; write it like s3:GetObject" },
	{ "--action :Get --resource *", ":Get is no action; write it like s3:GetObject" },
	{ "--action s3:Get* --resource *", "s3:Get* is no action; write it like s3:GetObject" },
	{ "--action s3:GetObject --resource logs", "--resource logs is no ARN; write it like arn:aws:s3:::bucket/key" },
	{ "--action s3:GetObject --resource arn:aws:s3", "--resource arn:aws:s3 is no ARN; write it like arn:aws:s3:::bucket/key" },
	{ "--action s3:GetObject --resource * --table x", "--table goes with DynamoDB's actions; name what s3:GetObject is on with --resource ARN" },
	{ "--action GetItem --resource arn:aws:dynamodb:::x", "GetItem is DynamoDB's; name what it is on with --table, not with --resource" },
	{ "--action GetItem --table orders --context aws:SourceIp", "--context aws:SourceIp is no KEY=VALUE; write it like aws:SourceIp=203.0.113.7" },
	{ "--action GetItem --table orders --context =1", "--context =1 is no KEY=VALUE; write it like aws:SourceIp=203.0.113.7" },
	{ "--action GetItem --table orders --context SourceIp=1", "SourceIp is no condition key; write it like aws:SourceIp" },
	{ "--action GetItem --table orders --context aws:sourcevpce=x", "aws:SourceVpce is what --endpoint says; leave --context out" },
	{ "--action GetItem --table orders --context dynamodb:Select=x", "dynamodb:Select is what --select says; leave --context out" },
	{ "--action CreateTable --table orders --context dynamodb:ReturnConsumedCapacity=TOTAL", "AWS looks at no dynamodb:ReturnConsumedCapacity of dynamodb:CreateTable; leave --context out" },
	{ "--action Query --table orders --context dynamodb:FISactionId=x", "AWS looks at no dynamodb:FISactionId of dynamodb:Query; leave --context out" },
	{ "--action s3:GetObject --resource arn:aws:s3:::x/y --context dynamodb:ReturnConsumedCapacity=TOTAL", "AWS looks at no dynamodb:ReturnConsumedCapacity of s3:GetObject; leave --context out" },
	{ "--action GetItem --table orders --context aws:principaltag/Tenant=x", "aws:principaltag/Tenant is the parameter tenant=VALUE; leave --context out" },
	{ "--action GetItem --table orders --context aws:SourceIp=\033", "--context aws:SourceIp=\\u{1b} has a control character in it" },
	{ "--action getitem --table orders", "DynamoDB has no action getitem" },
	{ "--action DescribeExport --table orders", "DescribeExport is not called on a table alone; add --export NAME" },
	{ "--action DescribeTable --table orders --index x", "DescribeTable is called on no index; leave --index out" },
	{ "--action DescribeTable --table orders --leading-key x", "AWS looks at no leading-key of DescribeTable; leave --leading-key out" },
	{ "--action PutItem --table orders --return-values", "--return-values needs a value: --return-values R" },
	{ "--action PutItem --table orders --return-values ALL", "--return-values is one of NONE, ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATED_NEW" },
	{ "--action PutItem --table orders --return-values=", "--return-values is one of NONE, ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATED_NEW" },
	{ "--action PutItem --table orders --within Nothing", "--within is one of TransactGetItems, TransactWriteItems, ExecuteTransaction, BatchExecuteStatement" },
	{ "--action PutItem --table orders --ends-at soon", "--ends-at soon is no time in UTC; write it like 2026-11-24T15:30:00Z" },
};
/* clang-format on */

/* The words of text, which is cut; they live as long as it. */
static int read_request(char *text, struct simulation *simulation, struct error *error)
{
	static struct binding of_acme = { "tenant", "acme" };
	static const struct profile profile = { .name = (char *)"mixed",
						.role = (char *)"jit-mixed" };
	const struct subject subject = { .place = { "eu-west-1", "123456789012" },
					 .profile = &profile,
					 .bindings = &of_acme,
					 .binding_count = 1 };
	struct options options;
	char *words[64], *word;
	int count = 0, r;

	while ((word = strsep(&text, " ")))
		words[count++] = word;
	memset(simulation, 0, sizeof(*simulation));
	r = options_parse(&options, options_simulate, words, count, error);
	return r < 0 ? r : simulation_read(&options, &subject, simulation, error);
}

static void test_each_request_is_judged_with_its_reason(void **state)
{
	scoped(scope_freep) struct scope *scope = scope_of(access_list);

	(void)state;
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		scoped(simulation_done) struct simulation simulation;
		scoped(buffer_done) struct buffer why = BUFFER_WITH_LIMIT(4096);
		scoped(freep) char *text = strdup(requests[i].asked);
		struct error error = { .text = "" };
		struct meaning meaning;

		print_message("%s\n", requests[i].asked);
		if (read_request(text, &simulation, &error) < 0)
			fail_msg("%s", error.text);
		scope_judge(scope, &place, 0, &simulation.asked, &meaning);
		assert_int_equal(meaning.is_allowed, requests[i].is_allowed);
		if (requests[i].is_allowed) {
			assert_null(meaning.nearest);
			assert_int_equal(meaning.line, requests[i].line);
			continue;
		}
		assert_non_null(meaning.nearest);
		assert_int_equal(meaning_misfit_words(&meaning, &simulation.asked, &why),
				 0);
		assert_string_equal(why.bytes, requests[i].why);
		assert_int_equal(meaning.nearest->line, requests[i].line);
	}
}

static void test_a_document_says_which_of_its_statements_decides(void **state)
{
	scoped(scope_freep) struct scope *scope = scope_of(by_hand);

	(void)state;
	for (size_t i = 0; i < sizeof(by_document) / sizeof(by_document[0]); i++) {
		scoped(simulation_done) struct simulation simulation;
		scoped(buffer_done) struct buffer why = BUFFER_WITH_LIMIT(4096);
		scoped(freep) char *text = strdup(by_document[i].asked);
		struct error error = { .text = "" };
		struct meaning meaning;

		print_message("%s\n", by_document[i].asked);
		if (read_request(text, &simulation, &error) < 0)
			fail_msg("%s", error.text);
		scope_judge(scope, &place, 0, &simulation.asked, &meaning);
		assert_int_equal(meaning.is_allowed, by_document[i].is_allowed);
		if (meaning.statement)
			assert_int_equal(meaning_words(&meaning, &simulation.asked, &why),
					 0);
		else
			assert_int_equal(
			    meaning_misfit_words(&meaning, &simulation.asked, &why), 0);
		assert_string_equal(why.bytes, by_document[i].why);
		assert_int_equal(meaning.statement ? meaning.line : meaning.nearest_line,
				 by_document[i].line);
	}
}

static void test_a_request_that_cannot_be_is_refused_in_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		scoped(simulation_done) struct simulation simulation;
		scoped(freep) char *text = strdup(mistakes[i].asked);
		struct error error = { .text = "" };

		assert_true(read_request(text, &simulation, &error) < 0);
		assert_int_equal(error.kind, ERROR_USAGE);
		assert_string_equal(error.text, mistakes[i].text);
	}
}

static void test_more_attributes_than_there_is_room_for_are_refused(void **state)
{
	static const char most[] = "--action GetItem --table orders --attributes ";
	char text[sizeof(most) + (SIMULATION_LIST_MAX + 1) * 2] = "";
	scoped(simulation_done) struct simulation simulation;
	struct error error = { .text = "" };
	size_t at = sizeof(most) - 1;

	(void)state;
	memcpy(text, most, sizeof(most));
	for (size_t i = 0; i <= SIMULATION_LIST_MAX; i++) {
		text[at++] = 'a';
		text[at++] = ',';
	}
	assert_true(read_request(text, &simulation, &error) < 0);
	assert_string_equal(error.text, "--attributes names more than 128");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_request_is_judged_with_its_reason),
		cmocka_unit_test(test_a_document_says_which_of_its_statements_decides),
		cmocka_unit_test(test_a_request_that_cannot_be_is_refused_in_words),
		cmocka_unit_test(test_more_attributes_than_there_is_room_for_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
