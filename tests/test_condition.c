/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "policy/condition-operators.h"
#include "policy/condition-values.h"
#include "policy/condition.h"

/* Every condition operator, by what a request carries for one key of it. */
static const struct binding carried[] = {
	{ "aws:UserAgent", "aws-cli" },
	{ "aws:referer", "*" },
	{ "aws:MultiFactorAuthAge", "300" },
	{ "aws:SourceIp", "203.0.113.7" },
	{ "aws:VpcSourceIp", "2001:db8:1::5" },
	{ "aws:SecureTransport", "true" },
	{ "aws:TokenIssueTime", "2026-11-24T15:30:00Z" },
	{ "aws:SourceArn", "arn:aws:sns:eu-west-1:123456789012:topic:sub" },
	{ "aws:TagKeys", "owner" },
	{ "aws:TagKeys", "cost" },
	{ "aws:CalledVia", "athena.amazonaws.com" },
	{ "s3:prefix", "a?b" },
	{ "s3:delimiter", "" },
	{ "kms:RecipientAttestation:PCR0", "QmluYXJ5VmFsdWU=" },
};

static const struct binding tags[] = {
	{ "team", "aws" },
	{ "star", "*" },
	{ "empty", "" },
};

static const struct asked asked = {
	.action = "s3:GetObject",
	.region = "eu-west-1",
	.account_id = "123456789012",
	.resource = RESOURCE_OTHER,
	.arn = "arn:aws:s3:::logs/1",
	.at = 1795534200, /* 2026-11-24T15:30:00Z */
	.leading_keys = { .is_missing = true },
	.attributes = { .is_missing = true },
	.endpoint = "vpce-0a",
	.role_arn = "arn:aws:iam::123456789012:role/jit/logs",
	.role_account_id = "123456789012",
	.tags = tags,
	.tag_count = sizeof(tags) / sizeof(tags[0]),
	.context = carried,
	.context_count = sizeof(carried) / sizeof(carried[0]),
};

/* clang-format off */
static const struct {
	bool holds;
	const char *condition;
	const char *absent; /* what decided; NULL: no absent key */
} cases[] = {
	/* Texts */
	{ true,  "{'StringEquals':{'aws:UserAgent':'aws-cli'}}", NULL },
	{ true,  "{'StringEquals':{'AWS:useragent':'aws-cli'}}", NULL },
	{ false, "{'StringEquals':{'aws:UserAgent':'AWS-cli'}}", NULL },
	{ false, "{'StringEquals':{'aws:UserAgent':'aws-*'}}", NULL },
	{ true,  "{'StringEquals':{'aws:UserAgent':['x','aws-cli']}}", NULL },
	{ true,  "{'StringEquals':{'aws:UserAgent':'${aws:PrincipalTag/team}-cli'}}", NULL },
	{ false, "{'StringNotEquals':{'aws:UserAgent':['x','aws-cli']}}", NULL },
	{ true,  "{'StringNotEquals':{'aws:UserAgent':['x','y']}}", NULL },
	{ true,  "{'StringEqualsIgnoreCase':{'aws:UserAgent':'AWS-CLI'}}", NULL },
	{ false, "{'StringEqualsIgnoreCase':{'aws:UserAgent':'AWS-CL'}}", NULL },
	{ false, "{'StringNotEqualsIgnoreCase':{'aws:UserAgent':'AWS-CLI'}}", NULL },
	{ true,  "{'StringNotEqualsIgnoreCase':{'aws:UserAgent':'other'}}", NULL },
	{ true,  "{'StringLike':{'aws:UserAgent':'aws-*'}}", NULL },
	{ true,  "{'StringLike':{'aws:UserAgent':'aws?cli'}}", NULL },
	{ false, "{'StringLike':{'aws:UserAgent':'AWS*'}}", NULL },
	{ false, "{'StringNotLike':{'aws:UserAgent':['x*','aws-*']}}", NULL },
	{ true,  "{'StringNotLike':{'aws:UserAgent':['x*','y*']}}", NULL },
	{ true,  "{'StringEquals':{'s3:delimiter':''}}", NULL },
	/* Escapes and variables: a value is never a pattern */
	{ true,  "{'StringEquals':{'aws:referer':'${*}'}}", NULL },
	{ true,  "{'StringLike':{'aws:referer':'${*}'}}", NULL },
	{ false, "{'StringLike':{'aws:UserAgent':'${*}'}}", NULL },
	{ true,  "{'StringLike':{'s3:prefix':'a${?}b'}}", NULL },
	{ false, "{'StringLike':{'aws:UserAgent':'aws${?}cli'}}", NULL },
	{ false, "{'StringLike':{'aws:UserAgent':'${aws:PrincipalTag/star}'}}", NULL },
	{ true,  "{'StringLike':{'aws:referer':'${aws:PrincipalTag/star}'}}", NULL },
	{ true,  "{'StringEquals':{'aws:UserAgent':'${aws:PrincipalTag/none, \\'aws\\'}-cli'}}", NULL },
	{ true,  "{'StringEquals':{'aws:UserAgent':'${aws:PrincipalTag/empty, \\'aws\\'}-cli'}}", NULL },
	{ true,  "{'StringEquals':{'aws:UserAgent':'${aws:PrincipalTag/team, \\'x\\'}-cli'}}", NULL },
	{ false, "{'StringLike':{'aws:UserAgent':'${aws:PrincipalTag/none}*'}}", "aws:PrincipalTag/none" },
	{ false, "{'StringLike':{'aws:UserAgent':'${aws:PrincipalTag/empty}*'}}", "aws:PrincipalTag/empty" },
	{ true,  "{'StringNotLike':{'aws:UserAgent':'${aws:PrincipalTag/none}*'}}", "aws:PrincipalTag/none" },
	{ false, "{'StringEquals':{'aws:UserAgent':'${aws:TagKeys}'}}", "aws:TagKeys" }, /* of several values */
	{ true,  "{'StringLike':{'aws:UserAgent':['${aws:PrincipalTag/none}*','aws*']}}", NULL },
	/* Numbers */
	{ true,  "{'NumericEquals':{'aws:MultiFactorAuthAge':'300.0'}}", NULL },
	{ true,  "{'NumericEquals':{'aws:MultiFactorAuthAge':300}}", NULL },
	{ false, "{'NumericEquals':{'aws:MultiFactorAuthAge':'300x'}}", NULL },
	{ false, "{'NumericEquals':{'aws:UserAgent':'300'}}", NULL },
	{ false, "{'NumericNotEquals':{'aws:MultiFactorAuthAge':['1','300']}}", NULL },
	{ true,  "{'NumericNotEquals':{'aws:MultiFactorAuthAge':['1','2']}}", NULL },
	{ true,  "{'NumericLessThan':{'aws:MultiFactorAuthAge':'301'}}", NULL },
	{ false, "{'NumericLessThan':{'aws:MultiFactorAuthAge':'300'}}", NULL },
	{ true,  "{'NumericLessThanEquals':{'aws:MultiFactorAuthAge':'300'}}", NULL },
	{ false, "{'NumericLessThanEquals':{'aws:MultiFactorAuthAge':'299.5'}}", NULL },
	{ true,  "{'NumericGreaterThan':{'aws:MultiFactorAuthAge':'-1'}}", NULL },
	{ false, "{'NumericGreaterThan':{'aws:MultiFactorAuthAge':'300'}}", NULL },
	{ true,  "{'NumericGreaterThanEquals':{'aws:MultiFactorAuthAge':'300'}}", NULL },
	{ false, "{'NumericGreaterThanEquals':{'aws:MultiFactorAuthAge':'301'}}", NULL },
	/* Times */
	{ true,  "{'DateEquals':{'aws:TokenIssueTime':'2026-11-24T16:30:00+01:00'}}", NULL },
	{ true,  "{'DateEquals':{'aws:TokenIssueTime':'1795534200'}}", NULL },
	{ false, "{'DateEquals':{'aws:TokenIssueTime':'2026-11-24'}}", NULL },
	{ false, "{'DateNotEquals':{'aws:TokenIssueTime':'2026-11-24T15:30Z'}}", NULL },
	{ true,  "{'DateNotEquals':{'aws:TokenIssueTime':'2026'}}", NULL },
	{ true,  "{'DateLessThan':{'aws:CurrentTime':'2026-11-24T15:30:00.001Z'}}", NULL },
	{ false, "{'DateLessThan':{'aws:CurrentTime':'2026-11-24T15:30:00Z'}}", NULL },
	{ true,  "{'DateLessThanEquals':{'aws:CurrentTime':'2026-11-24T15:30:00Z'}}", NULL },
	{ false, "{'DateLessThanEquals':{'aws:CurrentTime':'2026-11'}}", NULL },
	{ true,  "{'DateGreaterThan':{'aws:CurrentTime':'2026-11'}}", NULL },
	{ false, "{'DateGreaterThan':{'aws:CurrentTime':'2026-11-24T15:30:00Z'}}", NULL },
	{ true,  "{'DateGreaterThanEquals':{'aws:EpochTime':'1795534200'}}", NULL },
	{ false, "{'DateGreaterThanEquals':{'aws:CurrentTime':'2027'}}", NULL },
	{ false, "{'DateGreaterThanEquals':{'aws:CurrentTime':'${aws:TokenIssueTime}'}}", NULL },
	/* The others */
	{ true,  "{'Bool':{'aws:SecureTransport':true}}", NULL },
	{ true,  "{'Bool':{'aws:SecureTransport':'TRUE'}}", NULL },
	{ false, "{'Bool':{'aws:SecureTransport':'false'}}", NULL },
	{ true,  "{'Bool':{'aws:SecureTransport':['false','true']}}", NULL },
	{ false, "{'Bool':{'aws:UserAgent':'aws-cli'}}", NULL },
	{ false, "{'Bool':{'aws:SecureTransport':'${aws:SecureTransport}'}}", NULL }, /* no variables here */
	{ false, "{'BinaryEquals':{'kms:RecipientAttestation:PCR0':'${kms:RecipientAttestation:PCR0}'}}", NULL },
	{ true,  "{'BinaryEquals':{'kms:RecipientAttestation:PCR0':'QmluYXJ5VmFsdWU='}}", NULL },
	{ false, "{'BinaryEquals':{'kms:RecipientAttestation:PCR0':'QmluYXJ5'}}", NULL },
	{ true,  "{'IpAddress':{'aws:SourceIp':['10.0.0.0/8','203.0.113.0/24']}}", NULL },
	{ true,  "{'IpAddress':{'aws:SourceIp':'203.0.113.7'}}", NULL },
	{ true,  "{'IpAddress':{'aws:SourceIp':'0.0.0.0/0'}}", NULL },
	{ false, "{'IpAddress':{'aws:SourceIp':'203.0.113.8/29'}}", NULL },
	{ false, "{'IpAddress':{'aws:SourceIp':'::/0'}}", NULL },
	{ false, "{'IpAddress':{'aws:SourceIp':'203.0.113.0/33'}}", NULL },
	{ true,  "{'IpAddress':{'aws:VpcSourceIp':'2001:db8::/32'}}", NULL },
	{ false, "{'NotIpAddress':{'aws:SourceIp':['10.0.0.0/8','203.0.113.0/24']}}", NULL },
	{ true,  "{'NotIpAddress':{'aws:SourceIp':'10.0.0.0/8'}}", NULL },
	{ true,  "{'ArnEquals':{'aws:PrincipalArn':'arn:aws:iam::*:role/jit/*'}}", NULL },
	{ true,  "{'ArnLike':{'aws:SourceArn':'arn:aws:sns:*:123456789012:to?ic*'}}", NULL },
	{ true,  "{'ArnLike':{'aws:SourceArn':'arn:aws:sns:eu-west-1:${aws:PrincipalAccount}:topic:*'}}", NULL },
	{ false, "{'ArnLike':{'aws:SourceArn':'arn:aws:sns:*:sub'}}", NULL },
	{ false, "{'ArnLike':{'aws:UserAgent':'arn:aws:sns:*:*:*'}}", NULL },
	{ false, "{'ArnNotEquals':{'aws:PrincipalArn':'arn:aws:iam::*:role/*'}}", NULL },
	{ true,  "{'ArnNotLike':{'aws:PrincipalArn':'arn:aws:iam::*:user/*'}}", NULL },
	/* An absent key */
	{ false, "{'StringEquals':{'aws:SourceVpc':'vpc-1'}}", "aws:SourceVpc" },
	{ true,  "{'StringEqualsIfExists':{'aws:SourceVpc':'vpc-1'}}", "aws:SourceVpc" },
	{ true,  "{'StringNotEquals':{'aws:SourceVpc':'vpc-1'}}", "aws:SourceVpc" },
	{ true,  "{'NumericNotEquals':{'s3:max-keys':'1'}}", "s3:max-keys" },
	{ true,  "{'DateNotEquals':{'s3:object-lock-retain-until-date':'2026'}}", "s3:object-lock-retain-until-date" },
	{ true,  "{'NotIpAddress':{'ec2:PublicIp':'::/0'}}", "ec2:PublicIp" },
	{ true,  "{'ArnNotLike':{'aws:SourceVpcArn':'arn:*:*:*:*:*'}}", "aws:SourceVpcArn" },
	{ false, "{'Bool':{'aws:ViaAWSService':'false'}}", "aws:ViaAWSService" },
	{ true,  "{'BoolIfExists':{'aws:ViaAWSService':'true'}}", "aws:ViaAWSService" },
	{ false, "{'StringEqualsIfExists':{'aws:UserAgent':'x'}}", NULL },
	{ false, "{'NumericLessThan':{'s3:max-keys':'10'}}", "s3:max-keys" },
	{ true,  "{'Null':{'aws:SourceVpc':'true'}}", "aws:SourceVpc" },
	{ false, "{'Null':{'aws:SourceVpc':false}}", "aws:SourceVpc" },
	{ true,  "{'Null':{'aws:UserAgent':'false'}}", NULL },
	{ false, "{'Null':{'aws:UserAgent':true}}", NULL },
	{ true,  "{'Null':{'aws:UserAgent':['true','false']}}", NULL },
	{ false, "{'StringEquals':{'dynamodb:Select':'COUNT'}}", "dynamodb:Select" },
	/* Keys of several values */
	{ false, "{'StringEquals':{'aws:TagKeys':['owner','cost']}}", NULL },
	{ false, "{'StringNotEquals':{'aws:TagKeys':'x'}}", NULL },
	{ false, "{'StringEquals':{'aws:CalledVia':'athena.amazonaws.com'}}", NULL },
	{ true,  "{'ForAllValues:StringEquals':{'aws:TagKeys':['owner','cost','x']}}", NULL },
	{ false, "{'ForAllValues:StringEquals':{'aws:TagKeys':'owner'}}", NULL },
	{ true,  "{'ForAllValues:StringEquals':{'aws:SourceOrgPaths':'x'}}", "aws:SourceOrgPaths" },
	{ true,  "{'ForAllValues:StringNotEquals':{'aws:TagKeys':'x'}}", NULL },
	{ false, "{'ForAllValues:StringNotEquals':{'aws:TagKeys':'cost'}}", NULL },
	{ true,  "{'ForAllValues:StringEquals':{'aws:UserAgent':'aws-cli'}}", NULL },
	{ true,  "{'ForAnyValue:StringEquals':{'aws:TagKeys':['x','cost']}}", NULL },
	{ false, "{'ForAnyValue:StringEquals':{'aws:TagKeys':'x'}}", NULL },
	{ true,  "{'ForAnyValue:StringNotLike':{'aws:TagKeys':'o*'}}", NULL },
	{ false, "{'ForAnyValue:StringNotLike':{'aws:TagKeys':['o*','c*']}}", NULL },
	{ false, "{'ForAnyValue:StringEquals':{'aws:SourceOrgPaths':'x'}}", "aws:SourceOrgPaths" },
	{ false, "{'ForAnyValue:StringNotEquals':{'aws:SourceOrgPaths':'x'}}", "aws:SourceOrgPaths" },
	{ true,  "{'ForAnyValue:StringEqualsIfExists':{'aws:SourceOrgPaths':'x'}}", "aws:SourceOrgPaths" },
	/* All operators, all keys */
	{ true,  "{'StringEquals':{'aws:UserAgent':'aws-cli','aws:referer':'*'},'Bool':{'aws:SecureTransport':'true'}}", NULL },
	{ false, "{'StringEquals':{'aws:UserAgent':'aws-cli','aws:referer':'x'}}", NULL },
	{ false, "{'StringEquals':{'aws:UserAgent':'aws-cli'},'Bool':{'aws:SecureTransport':'false'}}", NULL },
	{ false, "{'StringSounds':{'aws:UserAgent':'aws-cli'}}", NULL },
	{ false, "{'NullIfExists':{'aws:UserAgent':'false'}}", NULL },
	{ true,  "{}", NULL },
};
/* clang-format on */

static void test_each_operator_holds_of_what_it_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct condition_note note;
		char text[512];
		json_t *condition;
		size_t n = 0;

		/* Single quotes for double ones, and \' for one that stays. */
		for (const char *c = cases[i].condition; *c; c++)
			text[n++] = (char)(*c == '\\' ? *++c : *c == '\'' ? '"' : *c);
		text[n] = '\0';
		condition = json_loads(text, 0, NULL);
		assert_non_null(condition);
		print_message("%s\n", text);
		assert_int_equal(conditions_hold(condition, &asked, &note),
				 cases[i].holds);
		assert_int_equal(note.absent.length,
				 cases[i].absent ? strlen(cases[i].absent) : 0);
		if (cases[i].absent)
			assert_memory_equal(note.absent.key, cases[i].absent,
					    strlen(cases[i].absent));
		assert_int_equal(note.op == NULL, cases[i].holds);
		json_decref(condition);
	}
}

static void test_no_condition_always_holds(void **state)
{
	struct condition_note note;

	(void)state;
	assert_true(conditions_hold(NULL, &asked, &note));
}

static void test_only_times_are_read_as_times(void **state)
{
	static const char *const none[] = {
		"",
		"20",
		"2026-13",
		"2026-11-2",
		"2026-11-24T15",
		"2026-11-24T15:30:00",
		"2026-11-24T15:30:00.Z",
		"2026-11-24T25:30:00Z",
		"2026-11-24T15:30:00+1:00",
		"2026-11-24T15:30:00Zx",
		"soon",
		"99999999999999999999",
	};
	int64_t at;

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(value_read_time(none[i], &at));
	assert_true(value_read_time("2026-11-24T15:30:00.5-01:30", &at));
	assert_int_equal(at, INT64_C(1795539600500));
	assert_true(value_read_time("1970", &at));
	assert_int_equal(at, 0);
}

/* What a value in a policy has to be, so that it can fit at all. */
static const struct {
	const char *op, *value;
	const char *misfit; /* NULL: it is such a one */
} values[] = {
	{ "StringEquals", "", NULL },
	{ "ForAllValues:StringLike", "${tenant}*", NULL },
	{ "ArnLike", "arn:*", NULL },
	{ "NumericEquals", "1.5", NULL },
	{ "NumericLessThanIfExists", "ten", "a number" },
	{ "DateLessThan", "2026-11-24T15:30:00Z", NULL },
	{ "DateLessThan", "${aws:TokenIssueTime}", "a time" },
	{ "Bool", "True", NULL },
	{ "Bool", "yes", "true or false" },
	{ "Null", "maybe", "true or false" },
	{ "IpAddress", "10.0.0.0/8", NULL },
	{ "IpAddress", "2001:db8::", NULL },
	{ "NotIpAddress", "10.0.0/8", "an address or a range" },
	{ "NotIpAddress", "10.0.0.0/33", "an address or a range" },
	{ "BinaryEquals", "QmluYXJ5", NULL },
	{ "BinaryEquals", "${aws:userid}", "base64" },
};

static void test_each_operator_takes_its_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const char *misfit = condition_misfit(values[i].op, values[i].value);

		print_message("%s %s\n", values[i].op, values[i].value);
		if (values[i].misfit)
			assert_string_equal(misfit, values[i].misfit);
		else
			assert_null(misfit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_operator_holds_of_what_it_should),
		cmocka_unit_test(test_no_condition_always_holds),
		cmocka_unit_test(test_only_times_are_read_as_times),
		cmocka_unit_test(test_each_operator_takes_its_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
