/* SPDX-License-Identifier: MIT */
/* Words that strangers write, on their way to a person. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"

static const struct {
	const char *text;
	const char *shown;
} escapes[] = {
	{ "plain", "plain" },
	{ "Grüße 漢字", "Grüße 漢字" },
	{ "a\x1b[2J\n", "a\\u{1b}[2J\\u{a}" },
	{ "\xff\xc0\x80", "\\xff\\xc0\\x80" },
	{ "evil\xe2\x80\xae", "evil\\u{202e}" },
	{ "a\xe3\x85\xa4z", "a\\u{3164}z" }, /* a letter that is blank */
	{ "a\xcd\x8fz", "a\\u{34f}z" },      /* a joiner of no width */
	{ "back\\slash", "back\\slash" },
	{ "\xe6\xbc", "\\xe6\\xbc" },
};

static void test_a_strangers_bytes_are_shown_harmless(void **state)
{
	char small[12];

	(void)state;
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		const char *once = TEXT_ESCAPED(escapes[i].text);

		assert_string_equal(once, escapes[i].shown);
		/* An error on its way is escaped by each that passes it on. */
		assert_string_equal(TEXT_ESCAPED(once), once);
		assert_true(text_is_utf8(once));
	}
	assert_false(text_is_utf8("\xff") || text_is_utf8("\xe6\xbc"));
	assert_string_equal(text_escape("0123456789abcdef", small, sizeof(small)),
			    "01234567...");
}

/* Half a character could be said in no JSON, and the error would be lost. */
static void test_a_long_error_is_cut_between_characters(void **state)
{
	static const char *const letters[] = { "x", "\xc3\xa9", "\xe2\x82\xac",
					       "\xf0\x9f\x98\x80" };
	struct error error;
	char text[2048];

	(void)state;
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		for (size_t before = 0; before < 4; before++) {
			memset(text, 'x', before);
			for (size_t at = before; at < 1024; at += strlen(letters[i]))
				memcpy(text + at, letters[i], strlen(letters[i]) + 1);
			error_set(&error, ERROR_DENIED, "%s", text);
			error_next(&error, "%s", text);
			assert_true(text_is_utf8(error.text));
			assert_true(text_is_utf8(error.next));
			assert_true(strlen(error.text) + 4 >= sizeof(error.text));
			assert_true(strlen(error.next) + 4 >= sizeof(error.next));
			/* The same where a format takes only so many bytes of a text. */
			error_set(&error, ERROR_DENIED, "because: %.200s", text);
			assert_true(text_is_utf8(error.text));
			assert_true(strlen(error.text) + 4 > strlen("because: ") + 200);
		}
}

static void test_names_and_ids(void **state)
{
	char id[ID_SIZE];

	(void)state;
	assert_true(text_is_name("orders-support"));
	assert_true(text_is_name("ann@example.com"));
	assert_false(text_is_name(""));
	assert_false(text_is_name("-rf"));
	assert_false(text_is_name("a b"));
	assert_false(text_is_name("../x"));
	id_make('r', id);
	assert_true(id_is_valid('r', id));
	assert_false(id_is_valid('r', "r-7k2m9x4q1"));
	assert_false(id_is_valid('r', "r-7k2m9x4q1u"));
	assert_true(id_is_valid('r', "r-7k2m9x4q1d"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_strangers_bytes_are_shown_harmless),
		cmocka_unit_test(test_a_long_error_is_cut_between_characters),
		cmocka_unit_test(test_names_and_ids),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
