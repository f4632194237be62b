/* SPDX-License-Identifier: MIT */
/* What AWS's words for a refusal are taken for; what is not known is never a proof. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "aws/describe-limits.h"

#define WHO      \
	"User: " \
	"arn:aws:sts::123456789012:assumed-role/jit-orders-support/probe-r-1ar88c9bxn "
#define DENIES "is not authorized to perform: dynamodb:DescribeLimits "
#define DENIED_BY WHO DENIES "with an explicit deny in "

struct case_of {
	const char *message;
	enum limits_answer answer;
};

static enum limits_answer read_refusal(int status, const char *code, const char *message,
				       const char *key, struct error *error)
{
	char body[1024];

	snprintf(body, sizeof(body),
		 "{\"__type\":\"com.amazon.coral.service#%s\",\"%s\":\"%s\"}", code, key,
		 message);
	return limits_read_answer(status, body, strlen(body), error);
}

static void test_only_a_deny_of_the_role_is_one(void **state)
{
	/* clang-format off */
	static const struct case_of cases[] = {
		{ DENIED_BY "an identity-based policy", LIMITS_DENIED },
		{ DENIED_BY "an identity-based policy: arn:aws:iam::123456789012:policy/x", LIMITS_DENIED },
		{ WHO "is not authorized to perform: dynamodb:DescribeLimits on resource: * with an explicit deny in an identity-based policy", LIMITS_DENIED },
		{ WHO DENIES "because no identity-based policy allows the dynamodb:DescribeLimits action", LIMITS_NOT_ALLOWED },
		{ WHO DENIES "because no permissions boundary allows the dynamodb:DescribeLimits action", LIMITS_NOT_ALLOWED },
		{ WHO DENIES "because no VPC endpoint policy allows the dynamodb:DescribeLimits action", LIMITS_NOT_ALLOWED },
		/* Other kinds of policies show nothing of the role's. */
		{ DENIED_BY "a service control policy", LIMITS_UNCLEAR },
		{ DENIED_BY "a resource control policy", LIMITS_UNCLEAR },
		{ DENIED_BY "a session policy", LIMITS_UNCLEAR },
		{ DENIED_BY "a permissions boundary", LIMITS_UNCLEAR },
		{ DENIED_BY "a VPC endpoint policy", LIMITS_UNCLEAR },
		/* Words of before, of tomorrow, of another language; another action. */
		{ WHO "is not authorized to perform: dynamodb:DescribeLimits", LIMITS_UNCLEAR },
		{ WHO DENIES "due to an explicit deny in an identity-based policy", LIMITS_UNCLEAR },
		{ "Zugriff verweigert: ausdr\xc3\xbc" "ckliche Ablehnung in einer identit\xc3\xa4tsbasierten Richtlinie", LIMITS_UNCLEAR },
		{ WHO "is not authorized to perform: dynamodb:GetItem with an explicit deny in an identity-based policy", LIMITS_UNCLEAR },
		{ WHO DENIES "because no identity-based policy allows the dynamodb:GetItem action", LIMITS_UNCLEAR },
		{ DENIED_BY "an identity-based policy, because no policy allows the dynamodb:DescribeLimits action", LIMITS_UNCLEAR },
		{ "", LIMITS_UNCLEAR },
	};
	/* clang-format on */
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *keys[] = { "message", "Message" };

		for (int k = 0; k < 2; k++)
			if (read_refusal(400, "AccessDeniedException", cases[i].message,
					 keys[k], &error) != cases[i].answer)
				fail_msg("%s", cases[i].message);
		assert_int_equal(error.kind, ERROR_REFUSED_BY_AWS);
	}
}

/* The words of a Deny in what is no refusal of access are none. */
static void test_only_access_denied_says_anything(void **state)
{
	static const struct {
		int status;
		const char *code;
		enum limits_answer answer;
	} cases[] = {
		{ 400, "UnrecognizedClientException", LIMITS_UNCLEAR },
		{ 400, "ExpiredTokenException", LIMITS_UNCLEAR },
		{ 400, "ValidationException", LIMITS_UNCLEAR },
		{ 403, "AccessDeniedException", LIMITS_UNCLEAR },
		{ 400, "ThrottlingException", LIMITS_LOST },
		{ 500, "InternalServerError", LIMITS_LOST },
		{ 503, "ServiceUnavailable", LIMITS_LOST },
	};
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(read_refusal(cases[i].status, cases[i].code,
					      DENIED_BY "an identity-based policy",
					      "message", &error),
				 cases[i].answer);
}

static enum limits_answer read_text(int status, const char *text)
{
	struct error error;

	return limits_read_answer(status, text, strlen(text), &error);
}

static void test_what_is_no_answer_of_dynamodb_is_none(void **state)
{
	(void)state;
	assert_int_equal(read_text(200, "{\"AccountMaxReadCapacityUnits\":80000,"
					"\"AccountMaxWriteCapacityUnits\":80000,"
					"\"TableMaxReadCapacityUnits\":40000,"
					"\"TableMaxWriteCapacityUnits\":40000}"),
			 LIMITS_ALLOWED);
	assert_int_equal(read_text(200, "{}"), LIMITS_LOST);
	assert_int_equal(read_text(200, ""), LIMITS_LOST);
	assert_int_equal(read_text(200, "<html>log in</html>"), LIMITS_LOST);
	assert_int_equal(read_text(400, "<html>" DENIED_BY "an identity-based policy"),
			 LIMITS_LOST);
	assert_int_equal(read_text(502, ""), LIMITS_LOST);
}

static void test_the_words_that_matter_come_first(void **state)
{
	struct error error;

	(void)state;
	read_refusal(400, "AccessDeniedException", DENIED_BY "a service control policy",
		     "message", &error);
	assert_string_equal(error.text,
			    "DynamoDB refused: AccessDeniedException: not authorized to "
			    "perform: dynamodb:DescribeLimits with an explicit deny in a "
			    "service control policy");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_a_deny_of_the_role_is_one),
		cmocka_unit_test(test_only_access_denied_says_anything),
		cmocka_unit_test(test_what_is_no_answer_of_dynamodb_is_none),
		cmocka_unit_test(test_the_words_that_matter_come_first),
	};

	return cmocka_run_group_tests_name("describe limits", tests, NULL, NULL);
}
