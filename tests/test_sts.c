/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/query.h"
#include "aws/sts.h"
#include "aws/xml.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"

#define VECTORS "tests/vectors/sts/"
#define HALF_PAST3 1795534200 /* 2026-11-24T15:30:00Z */

struct reading {
	struct sts_credentials credentials;
	struct sts_outcome outcome;
	bool should_retry;
	struct error error;
};

static int read_text(int status, const char *text, size_t length, struct reading *reading)
{
	memset(reading, 0, sizeof(*reading));
	return sts_read_answer(status, text, length, &reading->credentials,
			       &reading->outcome, &reading->should_retry,
			       &reading->error);
}

static int read_vector(int status, const char *path, struct reading *reading)
{
	scoped(buffer_done) struct buffer bytes = BUFFER_WITH_LIMIT(HTTP_ANSWER_MAX);

	assert_int_equal(file_read(path, &bytes), 0);
	return read_text(status, bytes.bytes, bytes.used, reading);
}

static void assert_nothing_was_read(const struct reading *reading)
{
	static const struct sts_credentials none;

	assert_memory_equal(&reading->credentials, &none, sizeof(none));
}

static void test_every_form_of_the_answer_gives_the_same_credentials(void **state)
{
	static const char *const paths[] = { VECTORS "aws.xml", VECTORS "prefixed.xml",
					     VECTORS "radosgw.xml" };
	struct reading reading;

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		assert_int_equal(read_vector(200, paths[i], &reading), 0);
		assert_string_equal(reading.credentials.access_key_id,
				    "ASIAIOSFODNN7EXAMPLE");
		assert_string_equal(reading.credentials.secret_access_key,
				    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY");
		assert_string_equal(reading.credentials.session_token,
				    "AQoDYXdzEE0a8ANXXXXXXXXNO1ewxE5TijQyp+IEXAMPLE/=");
		assert_int_equal(reading.credentials.expires_at_seconds, HALF_PAST3);
	}
}

static void test_half_an_answer_is_none_wherever_it_was_cut(void **state)
{
	scoped(buffer_done) struct buffer bytes = BUFFER_WITH_LIMIT(HTTP_ANSWER_MAX);
	struct reading reading;

	(void)state;
	assert_int_equal(file_read(VECTORS "aws.xml", &bytes), 0);
	/* The last byte is the newline after the root element. */
	for (size_t count = 0; count < bytes.used - 1; count++) {
		assert_true(read_text(200, bytes.bytes, count, &reading) < 0);
		assert_int_equal(reading.error.kind, ERROR_UNREACHABLE);
		assert_null(strstr(reading.error.text, "wJalr"));
		assert_nothing_was_read(&reading);
	}
}

static void test_a_document_type_is_refused_before_any_entity(void **state)
{
	struct reading reading;

	(void)state;
	assert_true(read_vector(200, VECTORS "doctype.xml", &reading) < 0);
	assert_string_equal(reading.error.text, "the answer of STS has a document type");
	assert_true(read_vector(200, VECTORS "entity-bomb.xml", &reading) < 0);
	assert_string_equal(reading.error.text, "the answer of STS has a document type");
	assert_nothing_was_read(&reading);
}

/* An answer with one text in the place of another. */
static int read_with(const char *name, const char *value, struct reading *reading)
{
	const char *key = "ASIAIOSFODNN7EXAMPLE", *secret = "wJalrXUtnFEMI/K7MDENG";
	const char *token = "AQoDYXdzEE0a8ANXXX", *expiration = "2026-11-24T15:30:00Z";
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(HTTP_ANSWER_MAX);

	assert_int_equal(
	    buffer_print(&text,
			 "<R><Credentials><AccessKeyId>%s</AccessKeyId>"
			 "<SecretAccessKey>%s</SecretAccessKey>"
			 "<SessionToken>%s</SessionToken><Expiration>%s</Expiration>"
			 "</Credentials></R>",
			 *name == 'A' ? value : key, *name == 'S' ? value : secret,
			 *name == 'T' ? value : token, *name == 'E' ? value : expiration),
	    0);
	return read_text(200, text.bytes, text.used, reading);
}

static void test_a_string_that_json_would_have_to_escape_is_refused(void **state)
{
	/* clang-format off */
	static const struct {
		const char *name, *value;
	} rows[] = {
		{ "A", "" }, { "A", "SHORT" }, { "A", "ASIA&quot;FODNN7EXAMPLE" },
		{ "A", "ASIAIOSFODNN7EX\nAMPLE" }, { "A", "ASIAIOSFODNN7EXAMPLÉ" },
		{ "S", "" }, { "S", "0123456789abcdef\\" }, { "S", "0123456789abcdef&#1;" },
		{ "S", "0123456789 abcdef" }, { "S", "0123456789abcdef&#127;" },
		{ "T", "" }, { "T", "&quot;,&quot;Version&quot;:2" }, { "T", "a\tb" },
		{ "E", "" }, { "E", "tomorrow" }, { "E", "2026-11-24" }, { "E", "2026-13-24T15:30:00Z" },
	};
	/* clang-format on */
	struct reading reading;

	(void)state;
	assert_int_equal(read_with("", "", &reading), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_true(read_with(rows[i].name, rows[i].value, &reading) < 0);
		assert_int_equal(reading.error.kind, ERROR_UNREACHABLE);
		assert_nothing_was_read(&reading);
	}
}

static void test_strings_have_a_sane_length(void **state)
{
	scoped(freep) char *text = malloc(STS_TOKEN_SIZE + 1);
	struct reading reading;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', STS_TOKEN_SIZE);
	text[STS_TOKEN_SIZE] = '\0';
	assert_true(read_with("T", text, &reading) < 0);
	text[STS_TOKEN_SIZE - 1] = '\0';
	assert_int_equal(read_with("T", text, &reading), 0);
	text[STS_KEY_SIZE] = '\0';
	assert_true(read_with("S", text, &reading) < 0);
	text[STS_KEY_SIZE - 1] = '\0';
	assert_int_equal(read_with("S", text, &reading), 0);
}

static void test_two_sets_of_credentials_are_none(void **state)
{
	static const char twice[] =
	    "<R><Credentials><AccessKeyId>AAAAAAAAAAAAAAAA</AccessKeyId></Credentials>"
	    "<Credentials><AccessKeyId>BBBBBBBBBBBBBBBB</AccessKeyId></Credentials></R>";
	struct reading reading;

	(void)state;
	assert_true(read_text(200, twice, strlen(twice), &reading) < 0);
	assert_string_equal(reading.error.text,
			    "the answer of STS says Credentials/AccessKeyId twice");
}

static void test_a_refusal_keeps_the_words_of_aws(void **state)
{
	struct reading reading;

	(void)state;
	assert_true(read_vector(400, VECTORS "refusal-aws.xml", &reading) < 0);
	assert_int_equal(reading.error.kind, ERROR_REFUSED_BY_AWS);
	assert_string_equal(
	    reading.error.text,
	    "STS refused: InvalidIdentityToken: No OpenIDConnect provider "
	    "found in your account for https://jit.example.com");
	assert_false(reading.should_retry);
	assert_int_equal(reading.outcome.retry_seconds, -1);
	assert_true(read_vector(403, VECTORS "refusal-radosgw.xml", &reading) < 0);
	assert_string_equal(reading.error.text, "STS refused: AccessDenied");
}

static void test_only_what_passes_is_tried_again(void **state)
{
	/* clang-format off */
	static const struct {
		int status;
		const char *code;
		bool should_retry;
		bool has_retry_seconds;
	} rows[] = {
		{ 400, "Throttling",                    true,  true },
		{ 400, "RequestLimitExceeded",          true,  true },
		{ 400, "IDPCommunicationError",         true,  true },
		{ 503, "ServiceUnavailable",            true,  true },
		{ 500, "",                              true,  true },
		{ 502, "Whatever",                      true,  true },
		{ 429, "",                              true,  true },
		{ 400, "ExpiredTokenException",         false, true },
		{ 400, "InvalidIdentityToken",          false, false },
		{ 400, "IDPRejectedClaim",              false, false },
		{ 400, "PackedPolicyTooLarge",          false, false },
		{ 400, "MalformedPolicyDocument",       false, false },
		{ 403, "AccessDenied",                  false, false },
		{ 403, "RegionDisabledException",       false, false },
		{ 301, "",                              false, false },
		{ 404, "",                              false, false },
	};
	/* clang-format on */
	struct reading reading;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(1024);

		buffer_print(&text, "<Error><Code>%s</Code></Error>", rows[i].code);
		assert_true(read_text(rows[i].status, text.bytes, text.used, &reading) <
			    0);
		assert_int_equal(reading.should_retry, rows[i].should_retry);
		assert_int_equal(reading.outcome.retry_seconds >= 0,
				 rows[i].has_retry_seconds);
		assert_int_equal(reading.error.kind, rows[i].code[0]
							 ? ERROR_REFUSED_BY_AWS
							 : ERROR_UNREACHABLE);
	}
}

/* AWS says the whole of a value that it does not take. */
static void test_a_long_message_hides_no_code(void **state)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(16384);
	struct reading reading;

	(void)state;
	buffer_print(&text, "<Error><Code>Throttling</Code><Message>");
	for (int i = 0; i < 3000; i++)
		buffer_print(&text, "\u6f22");
	buffer_print(&text, "</Message></Error>");
	assert_true(read_text(400, text.bytes, text.used, &reading) < 0);
	assert_int_equal(reading.error.kind, ERROR_REFUSED_BY_AWS);
	assert_true(reading.should_retry);
	assert_non_null(strstr(reading.error.text, "STS refused: Throttling: \u6f22"));
}

static void test_a_page_of_html_is_not_shown(void **state)
{
	static const char page[] = "<html><body><h1>Bad Gateway</h1>";
	struct reading reading;

	(void)state;
	assert_true(read_text(502, page, strlen(page), &reading) < 0);
	assert_string_equal(reading.error.text,
			    "STS answered with status 502 and no reason");
}

static void test_words_of_a_stranger_are_escaped(void **state)
{
	static const char text[] =
	    "<Error><Code>Bad\nCode</Code><Message>\x1b is not allowed</Message></Error>";
	static const char newline[] = "<Error><Code>Bad\nCode</Code>"
				      "<Message>one\ntwo\xe2\x80\xae</Message></Error>";
	struct reading reading;

	(void)state;
	assert_true(read_text(400, text, strlen(text), &reading) < 0);
	assert_null(strchr(reading.error.text, '\x1b'));
	assert_true(read_text(400, newline, strlen(newline), &reading) < 0);
	assert_string_equal(reading.error.text,
			    "STS refused: Bad\\u{a}Code: one\\u{a}two\\u{202e}");
}

static int count_element(void *data, const char *path, const char *text)
{
	(void)path;
	(void)text;
	++*(int *)data;
	return 0;
}

static void test_depth_and_length_of_a_text_are_bounded(void **state)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(1024 * 1024);
	struct error error;
	int count = 0;

	(void)state;
	for (int i = 0; i <= XML_DEPTH_MAX; i++)
		buffer_add(&text, "<a>", 3);
	assert_true(xml_read(text.bytes, text.used, count_element, &count, &error) < 0);
	assert_string_equal(error.text, "is nested too deep");
	buffer_done(&text);
	buffer_add(&text, "<a>", 3);
	for (size_t i = 0; i <= XML_TEXT_MAX; i++)
		buffer_add(&text, "x", 1);
	buffer_add(&text, "</a>", 4);
	assert_true(xml_read(text.bytes, text.used, count_element, &count, &error) < 0);
	assert_string_equal(error.text, "holds too long a text");
	assert_int_equal(count, 0);
}

static int refuse_element(void *data, const char *path, const char *text)
{
	(void)data;
	(void)text;
	return strcmp(path, "a/b") == 0 ? -ECANCELED : 0;
}

static void test_a_reader_can_stop_the_reading(void **state)
{
	(void)state;
	assert_int_equal(xml_read("<a><b/></a>", 11, refuse_element, NULL, NULL),
			 -ECANCELED);
	assert_int_equal(xml_read("<a><c/></a>", 11, refuse_element, NULL, NULL), 0);
}

static void test_the_end_of_a_path_is_whole_names(void **state)
{
	(void)state;
	assert_true(xml_path_ends("ErrorResponse/Error/Code", "Error/Code"));
	assert_true(xml_path_ends("Error/Code", "Error/Code"));
	assert_false(xml_path_ends("Response/MyError/Code", "Error/Code"));
	assert_false(xml_path_ends("Code", "Error/Code"));
}

static void test_a_form_is_percent_encoded(void **state)
{
	scoped(buffer_done) struct buffer form = BUFFER_WITH_LIMIT(1024);

	(void)state;
	assert_int_equal(query_add(&form, "Action", "A-b_c.d~e"), 0);
	assert_int_equal(query_add(&form, "Policy", "{\"a\": \"b&c=d+e\xc3\xa9\"}"), 0);
	assert_int_equal(query_add_integer(&form, "N", -5), 0);
	assert_string_equal(form.bytes,
			    "Action=A-b_c.d~e&Policy=%7B%22a%22%3A%20%22b%26c%3Dd%2Be%C3"
			    "%A9%22%7D&N=-5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_every_form_of_the_answer_gives_the_same_credentials),
		cmocka_unit_test(test_half_an_answer_is_none_wherever_it_was_cut),
		cmocka_unit_test(test_a_document_type_is_refused_before_any_entity),
		cmocka_unit_test(test_a_string_that_json_would_have_to_escape_is_refused),
		cmocka_unit_test(test_strings_have_a_sane_length),
		cmocka_unit_test(test_two_sets_of_credentials_are_none),
		cmocka_unit_test(test_a_refusal_keeps_the_words_of_aws),
		cmocka_unit_test(test_only_what_passes_is_tried_again),
		cmocka_unit_test(test_a_long_message_hides_no_code),
		cmocka_unit_test(test_a_page_of_html_is_not_shown),
		cmocka_unit_test(test_words_of_a_stranger_are_escaped),
		cmocka_unit_test(test_depth_and_length_of_a_text_are_bounded),
		cmocka_unit_test(test_a_reader_can_stop_the_reading),
		cmocka_unit_test(test_the_end_of_a_path_is_whole_names),
		cmocka_unit_test(test_a_form_is_percent_encoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
