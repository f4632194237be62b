/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/fetch-call.h"
#include "agent/fetch-document.h"
#include "agent/fetch-grant.h"
#include "agent/fetch-job.h"
#include "base/cleanup.h"
#include "base/json.h"

#define NOW 1795532400 /* 2026-11-24T15:00:00Z */

static int64_t at_three(void *data)
{
	(void)data;
	return NOW * USEC_PER_SEC;
}

static const struct clock three = { at_three, at_three, NULL };

static const struct sts_credentials example = {
	.access_key_id = "ASIAIOSFODNN7EXAMPLE",
	.secret_access_key = "wJalrXUtnFEMI/K7MDENG",
	.session_token = "AQoDYXdzEE0a8ANXXX+/=",
	.expires_at_seconds = NOW + 3600,
};

static int render(int64_t expires_at, int64_t ends_at, struct buffer *out,
		  struct error *error)
{
	struct sts_credentials credentials = example;
	int64_t expire_at = 0;
	int r;

	credentials.expires_at_seconds = expires_at;
	r = fetch_document_render(&credentials, "123456789012", ends_at, &three, out,
				  &expire_at, error);
	if (r == 0)
		assert_int_equal(expire_at,
				 (expires_at < ends_at ? expires_at : ends_at) - 30);
	return r;
}

static void test_the_document_is_one_line_that_sdks_read(void **state)
{
	scoped(buffer_done) struct buffer out = BUFFER_WITH_LIMIT(JOB_DOCUMENT_MAX);

	(void)state;
	assert_int_equal(render(NOW + 3600, NOW + 1800, &out, NULL), 0);
	assert_string_equal(
	    out.bytes,
	    "{\"Version\":1,\"AccessKeyId\":\"ASIAIOSFODNN7EXAMPLE\","
	    "\"SecretAccessKey\":\"wJalrXUtnFEMI/K7MDENG\","
	    "\"SessionToken\":\"AQoDYXdzEE0a8ANXXX+/=\","
	    "\"Expiration\":\"2026-11-24T15:29:30Z\",\"AccountId\":\"123456789012\"}\n");
}

static void test_the_document_ends_with_the_earlier_of_both(void **state)
{
	scoped(buffer_done) struct buffer out = BUFFER_WITH_LIMIT(JOB_DOCUMENT_MAX);

	(void)state;
	assert_int_equal(render(NOW + 900, NOW + 1800, &out, NULL), 0);
	assert_non_null(strstr(out.bytes, "\"2026-11-24T15:14:30Z\""));
}

static void test_a_document_that_is_over_is_none(void **state)
{
	scoped(buffer_done) struct buffer out = BUFFER_WITH_LIMIT(JOB_DOCUMENT_MAX);
	struct error error;

	(void)state;
	assert_int_equal(render(NOW + 3600, NOW + 30, &out, &error), -ESRCH);
	assert_int_equal(error.kind, ERROR_NO_SESSION);
	assert_int_equal(render(NOW - 1, NOW + 1800, &out, &error), -EIO);
	assert_int_equal(error.kind, ERROR_INTERNAL);
	assert_int_equal(out.used, 0);
	assert_int_equal(render(NOW + 3600, NOW + 31, &out, &error), 0);
}

static void test_the_longest_credentials_make_a_document(void **state)
{
	scoped(buffer_done) struct buffer out = BUFFER_WITH_LIMIT(JOB_DOCUMENT_MAX);
	struct sts_credentials longest = { .expires_at_seconds = NOW + 3600 };
	int64_t expire_at;

	(void)state;
	memset(longest.access_key_id, 'A', STS_KEY_SIZE - 1);
	memset(longest.secret_access_key, 'B', STS_KEY_SIZE - 1);
	memset(longest.session_token, 'C', STS_TOKEN_SIZE - 1);
	assert_int_equal(fetch_document_render(&longest, "123456789012", NOW + 3600,
					       &three, &out, &expire_at, NULL),
			 0);
}

static json_t *call_with(const char *name, json_t *value)
{
	json_t *call = json_pack("{s:s, s:s, s:{s:s}, s:s, s:s, s:i}", "method", "POST",
				 "url", "https://jit.example.com/v1/requests", "headers",
				 "Signature", "jit=:x:", "body", "{}", "ca_file", "",
				 "deadline_ms", 5000);

	if (name)
		json_object_set_new(call, name, value);
	return call;
}

static int read_call(json_t *json, struct error *error)
{
	struct fetch_call call;
	int r = fetch_call_read(json, &call, error);

	if (r == 0)
		fetch_call_done(&call);
	json_decref(json);
	return r;
}

static void test_a_call_is_read_as_it_was_signed(void **state)
{
	json_t *json = call_with(NULL, NULL);
	struct fetch_call call;

	(void)state;
	assert_int_equal(fetch_call_read(json, &call, NULL), 0);
	assert_string_equal(call.request.method, "POST");
	assert_string_equal(call.request.headers[0], "Signature: jit=:x:");
	assert_null(call.request.headers[1]);
	assert_int_equal(call.request.body_length, 2);
	assert_int_equal(call.request.deadline_ms, 5000);
	fetch_call_done(&call);
	json_decref(json);
	assert_int_equal(read_call(call_with("body", json_null()), NULL), 0);
}

static json_t *many_headers(void)
{
	json_t *headers = json_object();
	char name[] = "A";

	for (; *name <= 'A' + FETCH_HEADERS_MAX; ++*name)
		json_object_set_new(headers, name, json_string("x"));
	return headers;
}

static void test_a_malformed_call_is_refused(void **state)
{
	json_t *rows[] = {
		call_with("method", json_string("GET /evil")),
		call_with("method", json_string("")),
		call_with("url", json_null()),
		call_with("headers", json_array()),
		call_with("headers", json_pack("{s:s}", "A B", "x")),
		call_with("headers", json_pack("{s:s}", "A", "x\r\nHost: evil")),
		call_with("headers", json_pack("{s:i}", "A", 1)),
		call_with("headers", many_headers()),
		call_with("body", json_integer(1)),
		call_with("deadline_ms", json_integer(0)),
		call_with("deadline_ms", json_integer(FETCH_DEADLINE_MAX_MS + 1)),
		call_with("surprise", json_true()),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct error error = { .kind = ERROR_NONE };

		assert_int_equal(read_call(rows[i], &error), -EINVAL);
		assert_int_equal(error.kind, ERROR_USAGE);
	}
}

#define GRANT(name, value)                                                              \
	"{\"grant\":\"aaaa.bbbb.cccc\","                                                \
	"\"role_arn\":\"arn:aws:iam::123456789012:role/jit\",\"region\":\"eu-west-1\"," \
	"\"account_id\":\"123456789012\",\"session_name\":\"r-7k2m9x4q1d\","            \
	"\"duration_seconds\":1800,\"session_policy\":\"\"," name value                 \
	"\"ends_at\":\"2026-11-24T15:30:00Z\"}"

static int read_grant(int status, const char *text, struct error *error)
{
	struct fetch_grant grant;
	int r = fetch_grant_read(status, text, strlen(text), &grant, error);

	if (r == 0) {
		assert_int_equal(grant.ends_at_seconds, NOW + 1800);
		assert_string_equal(grant.role_arn, "arn:aws:iam::123456789012:role/jit");
		fetch_grant_done(&grant);
	}
	return r;
}

static void test_a_grant_is_read(void **state)
{
	(void)state;
	assert_int_equal(read_grant(200, GRANT("", ""), NULL), 0);
	assert_int_equal(read_grant(200, GRANT("\"later\":", "true,"), NULL), 0);
}

static void test_a_malformed_grant_says_which_member(void **state)
{
	/* clang-format off */
	static const struct {
		const char *name, *value, *words;
	} rows[] = {
		{ "grant",            "\"\"",             "the broker's grant has a malformed grant" },
		{ "grant",            "\"a b c d e\"",    "the broker's grant has a malformed grant" },
		{ "role_arn",         "\"jit\"",          "the broker's grant has a malformed role_arn" },
		{ "session_name",     "\"\"",             "the broker's grant has a malformed session_name" },
		{ "account_id",       "\"12345678901x\"", "the broker's grant has a malformed account_id" },
		{ "account_id",       "\"\\\"}\"",        "the broker's grant has a malformed account_id" },
		{ "duration_seconds", "899",              "the broker's grant has a malformed duration_seconds" },
		{ "duration_seconds", "43201",            "the broker's grant has a malformed duration_seconds" },
		{ "ends_at",          "\"soon\"",         "the broker's grant has a malformed ends_at" },
		{ "ends_at",          "7",                "the broker's answer is not a grant" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		json_t *json = json_loads(GRANT("", ""), 0, NULL);
		struct error error;
		char *text;

		json_object_set_new(json, rows[i].name,
				    json_loads(rows[i].value, JSON_DECODE_ANY, NULL));
		text = json_text(json);
		assert_int_equal(read_grant(200, text, &error), -EHOSTUNREACH);
		assert_string_equal(error.text, rows[i].words);
		json_text_free(text);
		json_decref(json);
	}
}

static void test_a_refused_grant_keeps_the_brokers_words(void **state)
{
	struct error error;

	(void)state;
	assert_int_equal(read_grant(409,
				    "{\"error\":{\"kind\":\"no-session\",\"message\":"
				    "\"revoked by dora\\u001b[2J\",\"next\":\"jitctl "
				    "status\"}}",
				    &error),
			 -ESRCH);
	assert_int_equal(error.kind, ERROR_NO_SESSION);
	assert_string_equal(error.text, "revoked by dora\\u{1b}[2J");
	assert_string_equal(error.next, "jitctl status");
	assert_int_equal(read_grant(200, "{\"grant\":", &error), -EHOSTUNREACH);
	assert_int_equal(read_grant(302, "", &error), -EHOSTUNREACH);
	assert_non_null(strstr(error.text, "redirect"));
	assert_int_equal(read_grant(502, "<html>", &error), -EHOSTUNREACH);
	assert_string_equal(error.text, "the broker answered with status 502");
	/* An error that says it is none is still one. */
	assert_int_equal(read_grant(500,
				    "{\"error\":{\"kind\":\"none\",\"message\":\"x\","
				    "\"next\":\"\"}}",
				    &error),
			 -EIO);
}

static void test_a_job_that_is_not_known_is_refused(void **state)
{
	struct fetch_answer answer = FETCH_ANSWER_INIT;
	json_t *job = json_pack("{s:s}", "job", "dance");
	json_t *empty = json_object();
	struct error error;

	(void)state;
	assert_int_equal(fetch_job_run(NULL, job, &answer, &error), -EINVAL);
	assert_string_equal(error.text, "no job 'dance'");
	assert_int_equal(fetch_job_run(NULL, empty, &answer, &error), -EINVAL);
	json_decref(job);
	json_decref(empty);
	fetch_answer_done(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_document_is_one_line_that_sdks_read),
		cmocka_unit_test(test_the_document_ends_with_the_earlier_of_both),
		cmocka_unit_test(test_a_document_that_is_over_is_none),
		cmocka_unit_test(test_the_longest_credentials_make_a_document),
		cmocka_unit_test(test_a_call_is_read_as_it_was_signed),
		cmocka_unit_test(test_a_malformed_call_is_refused),
		cmocka_unit_test(test_a_grant_is_read),
		cmocka_unit_test(test_a_malformed_grant_says_which_member),
		cmocka_unit_test(test_a_refused_grant_keeps_the_brokers_words),
		cmocka_unit_test(test_a_job_that_is_not_known_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
