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
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "policy/hcl.h"

#define TEXT_MAX 4096

static uint64_t state_of_chance = 88172645463325252U;

/* Xorshift: the same texts in every run. */
static unsigned int chance(unsigned int below)
{
	state_of_chance ^= state_of_chance << 13;
	state_of_chance ^= state_of_chance >> 7;
	state_of_chance ^= state_of_chance << 17;
	return (unsigned int)(state_of_chance % below);
}

static unsigned int hexadecimal(const char *text, int digits)
{
	unsigned int number = 0;

	assert_int_equal(sscanf(text, digits == 8 ? "%8x" : "%4x", &number), 1);
	return number;
}

static void add_utf8(struct buffer *out, unsigned int number)
{
	unsigned char bytes[4];
	size_t length = number < 0x80 ? 1 : number < 0x800 ? 2 : number < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = length; i-- > 1; number >>= 6)
		bytes[i] = (unsigned char)(0x80 | (number & 0x3f));
	bytes[0] = (unsigned char)(lead[length] | number);
	assert_int_equal(buffer_add(out, bytes, length), 0);
}

static size_t read_escape(const char *text, struct buffer *out)
{
	switch (text[1]) {
	case 'n':
		assert_int_equal(buffer_add(out, "\n", 1), 0);
		return 2;
	case 't':
		assert_int_equal(buffer_add(out, "\t", 1), 0);
		return 2;
	case '"':
	case '\\':
		assert_int_equal(buffer_add(out, text + 1, 1), 0);
		return 2;
	case 'u':
		add_utf8(out, hexadecimal(text + 2, 4));
		return 6;
	case 'U':
		add_utf8(out, hexadecimal(text + 2, 8));
		return 10;
	default:
		fail_msg("no escape of HCL: \\%c", text[1]);
		return 0;
	}
}

/* Reads a quoted template as HCL does; fails at an expression or a loose quote. */
static void read_quoted(const char *text, struct buffer *out)
{
	size_t length = strlen(text);

	assert_true(length >= 2 && text[0] == '"' && text[length - 1] == '"');
	for (const char *next = text + 1; next < text + length - 1;) {
		bool is_sign = *next == '$' || *next == '%';

		assert_true((unsigned char)*next >= 0x20 && *next != '"');
		if (is_sign && next[1] == *next && next[2] == '{') {
			assert_int_equal(buffer_add(out, next + 1, 2), 0);
			next += 3;
			continue;
		}
		assert_false(is_sign && next[1] == '{');
		if (*next == '\\')
			next += read_escape(next, out);
		else
			assert_int_equal(buffer_add(out, next++, 1), 0);
	}
	assert_int_equal(buffer_add(out, "", 0), 0);
}

static void assert_stays(const char *text)
{
	scoped(buffer_done) struct buffer quoted = BUFFER_WITH_LIMIT(TEXT_MAX);
	scoped(buffer_done) struct buffer back = BUFFER_WITH_LIMIT(TEXT_MAX);

	assert_int_equal(hcl_quote(&quoted, text, NULL), 0);
	read_quoted(quoted.bytes, &back);
	assert_string_equal(back.bytes, text);
}

static void test_any_text_stays_inside_its_quotes(void **state)
{
	static const char *const pieces[] = {
		"$",
		"{",
		"}",
		"%",
		"\"",
		"\\",
		"${",
		"%{",
		"$$",
		"$${",
		"\n",
		"\t",
		"\r",
		"\x01",
		"'",
		"#",
		"//",
		"/*",
		"a",
		"EOT",
		"\xc3\xa9",
		"\xe2\x80\xae",
		"\xf0\x9f\x94\x91",
		"\xf3\xa0\x80\x81",
		" ",
		"\\u0022",
		"${aws:PrincipalTag/tenant}",
		"<<EOT",
		"\x7f",
		"~}",
		"if",
		"=",
	};

	(void)state;
	assert_stays("");
	for (int i = 0; i < 20000; i++) {
		char text[512] = "";
		size_t used = 0;

		for (unsigned int left = 1 + chance(12); left > 0; left--)
			used += (size_t)snprintf(
			    text + used, sizeof(text) - used, "%s",
			    pieces[chance(sizeof(pieces) / sizeof(pieces[0]))]);
		assert_stays(text);
	}
}

static void assert_quoted(const char *text, const struct hcl_reference *references,
			  const char *expected)
{
	scoped(buffer_done) struct buffer quoted = BUFFER_WITH_LIMIT(TEXT_MAX);

	assert_int_equal(hcl_quote(&quoted, text, references), 0);
	assert_string_equal(quoted.bytes, expected);
}

static void test_texts_are_escaped_as_terraform_reads_them(void **state)
{
	(void)state;
	assert_quoted("${aws:PrincipalTag/tenant}#*", NULL,
		      "\"$${aws:PrincipalTag/tenant}#*\"");
	assert_quoted("$${x} %{if} $5 100%", NULL, "\"$$${x} %%{if} $5 100%\"");
	assert_quoted("a \"word\" \\ here", NULL, "\"a \\\"word\\\" \\\\ here\"");
	assert_quoted("two\nlines\r", NULL, "\"two\\nlines\\u000d\"");
	assert_quoted("caf\xc3\xa9 \xe2\x80\xae", NULL, "\"caf\xc3\xa9 \\u202e\"");
}

static void test_bytes_that_are_no_text_are_refused(void **state)
{
	scoped(buffer_done) struct buffer quoted = BUFFER_WITH_LIMIT(TEXT_MAX);
	struct hcl hcl = HCL_EMPTY;

	(void)state;
	assert_int_equal(hcl_quote(&quoted, "a\xff", NULL), -EILSEQ);
	hcl_string(&hcl, "name", "a\xff");
	hcl_string(&hcl, "other", "fine");
	assert_int_equal(hcl_finish(&hcl), -EILSEQ);
	hcl_done(&hcl);
}

static void test_a_reference_becomes_an_expression_and_no_other_text_does(void **state)
{
	static const struct hcl_reference references[] = { { "\x1f", "local.issuer" },
							   { NULL, NULL } };

	(void)state;
	assert_quoted("\x1f:aud", references, "\"${local.issuer}:aud\"");
	assert_quoted("local.issuer ${local.issuer}", references,
		      "\"local.issuer $${local.issuer}\"");
	assert_quoted("$\x1f", references, "\"${\"$\"}${local.issuer}\"");
}

static void assert_identifier(const char *name, const char *expected)
{
	char out[HCL_IDENTIFIER_SIZE];

	assert_string_equal(hcl_identifier(name, out), expected);
}

static void test_a_name_that_is_no_identifier_becomes_one(void **state)
{
	(void)state;
	assert_identifier("orders-support", "orders-support");
	assert_identifier("orders_support", "orders_support");
	assert_identifier("orders.support", "orders_x2e_support");
	assert_identifier("2nd-line", "_x32_nd-line");
	assert_identifier("eve@example.com", "eve_x40_example_x2e_com");
	assert_identifier("a_x2e_b", "a_x5f_x2e_b");
}

static void test_no_identifier_makes_a_file_that_overrides_others(void **state)
{
	(void)state;
	assert_identifier("orders_override", "orders_overrid_x65_");
	assert_identifier("orders.override", "orders_x2e_overrid_x65_");
	assert_identifier("orders-override", "orders-override");
	assert_identifier("x_override_s", "x_override_s");
}

static void make_name(char *out, size_t size)
{
	static const char letters[] = "._@-x2eEa5f_";
	size_t length = 1 + chance((unsigned int)size - 2);

	for (size_t i = 0; i < length; i++)
		out[i] = letters[chance(sizeof(letters) - 1)];
	out[length] = '\0';
}

/* Reads it back: the first escape, then the rest. */
static void read_identifier(const char *identifier, char *out)
{
	while (*identifier) {
		if (strncmp(identifier, "_x", 2) == 0 && strlen(identifier) >= 5 &&
		    strspn(identifier + 2, "0123456789abcdef") >= 2 &&
		    identifier[4] == '_') {
			unsigned int number = 0;

			assert_int_equal(sscanf(identifier + 2, "%2x", &number), 1);
			*out++ = (char)number;
			identifier += 5;
		} else {
			*out++ = *identifier++;
		}
	}
	*out = '\0';
}

static void test_different_names_stay_different(void **state)
{
	(void)state;
	for (int i = 0; i < 50000; i++) {
		char name[24], identifier[HCL_IDENTIFIER_SIZE], back[HCL_IDENTIFIER_SIZE];

		make_name(name, sizeof(name));
		hcl_identifier(name, identifier);
		assert_true(identifier[strspn(identifier, "abcdefghijklmnopqrstuvwxyz"
							  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
							  "0123456789_-")] == '\0');
		assert_null(strchr("0123456789-", identifier[0]));
		read_identifier(identifier, back);
		assert_string_equal(back, name);
	}
}

static void write_golden(struct hcl *hcl)
{
	static const struct hcl_reference references[] = {
		{ "\x1fprovider", "aws_iam_openid_connect_provider.broker.arn" },
		{ "\x1f", "local.issuer" },
		{ NULL, NULL },
	};
	static const char document[] =
	    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":"
	    "["
	    "\"dynamodb:GetItem\",\"dynamodb:Query\"],\"Resource\":[\"arn:aws:one\"],"
	    "\"Condition\":{\"ForAllValues:StringLike\":{\"dynamodb:LeadingKeys\":[\"$"
	    "{aws:PrincipalTag/"
	    "tenant}\",\"%{x}\"],\"caf\xc3\xa9s\":\"\\u202e\",\"plain\":2},\"Bool\":"
	    "{\"\\u001f:aud\":true,\"a\":null}}},{\"Principal\":{\"Federated\":"
	    "\"\\u001fprovider\"},\"Empty\":{},\"None\":[],\"Many\":[[\"a\"],[{\"b\":1}]]"
	    ","
	    "\"One\":[{\"x\":1.5}]}]}";
	json_auto_t *json = json_loads(document, 0, NULL);

	assert_non_null(json);
	hcl_comment(hcl, "A comment\nthat stays \xe2\x80\xae one line");
	hcl_comment(hcl, "");
	hcl_blank(hcl);
	hcl_block(hcl, "resource", "aws_iam_role", "orders-support");
	hcl_string(hcl, "name", "jit-orders-support");
	hcl_integer(hcl, "max_session_duration", 7200);
	hcl_expression(hcl, "tags", "var.%s", "tags");
	hcl_blank(hcl);
	hcl_json(hcl, "policy", json, references);
	hcl_blank(hcl);
	hcl_block(hcl, "lifecycle", NULL, NULL);
	hcl_open(hcl, "ignore_changes", "[");
	hcl_expression(hcl, NULL, "tags");
	hcl_string(hcl, NULL, "b");
	hcl_close(hcl, "]");
	hcl_end(hcl);
	hcl_end(hcl);
	assert_int_equal(hcl_finish(hcl), 0);
}

/* The e2e test has terraform look at the golden file. */
static void test_the_layout_is_that_of_terraform_fmt(void **state)
{
	scoped(buffer_done) struct buffer golden = BUFFER_WITH_LIMIT(64U << 10);
	struct hcl hcl = HCL_EMPTY;

	(void)state;
	write_golden(&hcl);
	assert_int_equal(file_read("tests/vectors/hcl/golden.tf", &golden), 0);
	assert_string_equal(hcl.out.bytes, golden.bytes);
	hcl_done(&hcl);
}

/* The e2e test has terraform read odd.tf, and odd.json is what it must read. */
static void test_odd_texts_are_written_as_terraform_reads_them(void **state)
{
	scoped(buffer_done) struct buffer expected = BUFFER_WITH_LIMIT(64U << 10);
	json_auto_t *json = json_load_file("tests/vectors/hcl/odd.json", 0, NULL);
	struct hcl hcl = HCL_EMPTY;

	(void)state;
	assert_non_null(json);
	hcl_block(&hcl, "output", "odd", NULL);
	hcl_json(&hcl, "value", json, NULL);
	hcl_end(&hcl);
	assert_int_equal(hcl_finish(&hcl), 0);
	assert_int_equal(file_read("tests/vectors/hcl/odd.tf", &expected), 0);
	assert_string_equal(hcl.out.bytes, expected.bytes);
	hcl_done(&hcl);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_text_stays_inside_its_quotes),
		cmocka_unit_test(test_texts_are_escaped_as_terraform_reads_them),
		cmocka_unit_test(test_bytes_that_are_no_text_are_refused),
		cmocka_unit_test(
		    test_a_reference_becomes_an_expression_and_no_other_text_does),
		cmocka_unit_test(test_a_name_that_is_no_identifier_becomes_one),
		cmocka_unit_test(test_no_identifier_makes_a_file_that_overrides_others),
		cmocka_unit_test(test_different_names_stay_different),
		cmocka_unit_test(test_the_layout_is_that_of_terraform_fmt),
		cmocka_unit_test(test_odd_texts_are_written_as_terraform_reads_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
