/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/commands.h"

static const struct option_rule rules[] = {
	{ "reason", "TEXT", "why" },
	{ "for", "DURATION", "how long" },
	{ "wait", NULL, "wait" },
	{ "key", "KEY...", "which" },
	{ "endpoint", "[=ID]", "which, or each" },
	{ NULL, NULL, NULL },
};

#define WORDS(...)                       \
	(char *[]){ __VA_ARGS__, NULL }, \
	    (int)(sizeof((char *[]){ __VA_ARGS__ }) / sizeof(char *))

static void test_arguments_and_options_may_stand_in_any_order(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(options_parse(&options, rules,
				       WORDS("orders", "--for", "30m", "tenant=acme",
					     "--wait", "--reason=a ticket"),
				       NULL),
			 0);
	assert_int_equal(options.count, 2);
	assert_string_equal(options.arguments[0], "orders");
	assert_string_equal(options.arguments[1], "tenant=acme");
	assert_string_equal(option_value(&options, "for"), "30m");
	assert_string_equal(option_value(&options, "reason"), "a ticket");
	assert_non_null(option_value(&options, "wait"));
	assert_false(options.json);
}

static void test_an_option_that_was_not_given_is_null(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(options_parse(&options, rules, WORDS("orders"), NULL), 0);
	assert_null(option_value(&options, "reason"));
	assert_null(option_value(&options, "wait"));
}

static void test_after_two_dashes_everything_is_an_argument(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(
	    options_parse(&options, rules, WORDS("--json", "--", "--wait", "--"), NULL),
	    0);
	assert_true(options.json);
	assert_null(option_value(&options, "wait"));
	assert_int_equal(options.count, 2);
	assert_string_equal(options.arguments[0], "--wait");
	assert_string_equal(options.arguments[1], "--");
}

static void test_an_empty_value_is_a_value(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(options_parse(&options, rules, WORDS("--reason="), NULL), 0);
	assert_string_equal(option_value(&options, "reason"), "");
}

static void refused(char *words[], int count, const char *text)
{
	struct options options = { .count = 77 };
	struct error error = { .kind = ERROR_NONE };

	assert_true(options_parse(&options, rules, words, count, &error) < 0);
	assert_int_equal(error.kind, ERROR_USAGE);
	assert_string_equal(error.text, text);
	assert_int_equal(options.count, 77);
}

static void test_what_is_wrong_is_said_in_one_sentence(void **state)
{
	(void)state;
	refused(WORDS("--reasons", "x"), "there is no option --reasons");
	refused(WORDS("--rea", "x"), "there is no option --rea");
	refused(WORDS("-r"), "there is no option -r");
	refused(WORDS("--for"), "--for needs a value: --for DURATION");
	refused(WORDS("--key"), "--key needs a value: --key KEY");
	refused(WORDS("--wait=yes"), "--wait takes no value");
	refused(WORDS("--json=1"), "--json takes no value");
	refused(WORDS("--for", "1m", "--for=2m"), "--for is given twice");
	refused(WORDS("--wait", "--wait"), "--wait is given twice");
	refused(WORDS("--\033[2J"), "there is no option --\\u{1b}[2J");
}

static void test_json_is_found_even_where_the_rest_is_wrong(void **state)
{
	(void)state;
	assert_true(options_want_json(WORDS("--nonsense", "--json")));
	assert_false(options_want_json(WORDS("--nonsense", "--", "--json")));
}

static void test_a_duration_is_read_in_seconds(void **state)
{
	struct options options;
	struct error error;
	int64_t seconds = 5;

	(void)state;
	assert_int_equal(options_parse(&options, rules, WORDS("x"), NULL), 0);
	assert_int_equal(option_seconds(&options, "for", &seconds, &error), 0);
	assert_int_equal(seconds, 5);
	assert_int_equal(options_parse(&options, rules, WORDS("--for=1h30m"), NULL), 0);
	assert_int_equal(option_seconds(&options, "for", &seconds, &error), 0);
	assert_int_equal(seconds, 5400);
	assert_int_equal(options_parse(&options, rules, WORDS("--for=soon"), NULL), 0);
	assert_true(option_seconds(&options, "for", &seconds, &error) < 0);
	assert_string_equal(error.text,
			    "--for soon is no duration; write it like 90s, 30m, 1h30m");
	assert_int_equal(seconds, 5400);
}

static void test_a_text_is_utf8_or_refused(void **state)
{
	struct options options;
	struct error error;
	const char *text = "before";

	(void)state;
	assert_int_equal(options_parse(&options, rules, WORDS("--key=grün"), NULL), 0);
	assert_int_equal(option_text(&options, "key", &text, &error), 0);
	assert_string_equal(text, "grün");
	assert_int_equal(option_text(&options, "for", &text, &error), 0);
	assert_null(text);
	assert_int_equal(options_parse(&options, rules, WORDS("--key=gr\xfcn"), NULL), 0);
	assert_true(option_text(&options, "key", &text, &error) < 0);
	assert_int_equal(error.kind, ERROR_USAGE);
	assert_string_equal(error.text, "--key gr\\xfcn is not UTF-8");
}

static void test_an_option_that_repeats_keeps_its_values_in_order(void **state)
{
	struct options options;
	size_t at = 0;

	(void)state;
	assert_int_equal(options_parse(&options, rules,
				       WORDS("--key", "b", "--wait", "--key=a"), NULL),
			 0);
	assert_string_equal(option_next(&options, "key", &at), "b");
	assert_string_equal(option_next(&options, "key", &at), "a");
	assert_null(option_next(&options, "key", &at));
	assert_string_equal(option_value(&options, "key"), "b");
}

static void test_a_value_that_may_be_left_out_comes_with_an_equals_sign(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(
	    options_parse(&options, rules, WORDS("--endpoint", "orders"), NULL), 0);
	assert_string_equal(option_value(&options, "endpoint"), "");
	assert_int_equal(options.count, 1);
	assert_int_equal(options_parse(&options, rules, WORDS("--endpoint=vpce-1"), NULL),
			 0);
	assert_string_equal(option_value(&options, "endpoint"), "vpce-1");
}

static void test_more_options_than_there_is_room_for_are_refused(void **state)
{
	char *words[OPTIONS_MOST + 1];

	(void)state;
	for (size_t i = 0; i <= OPTIONS_MOST; i++)
		words[i] = "--key=x";
	refused(words, OPTIONS_MOST + 1, "more than 128 options");
}

static void test_a_row_is_found_by_its_whole_name(void **state)
{
	(void)state;
	for (const struct command *row = jitctl.commands; row->name; row++)
		assert_ptr_equal(command_find(&jitctl, row->name), row);
	assert_null(command_find(&jitctl, "stat"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments_and_options_may_stand_in_any_order),
		cmocka_unit_test(test_an_option_that_was_not_given_is_null),
		cmocka_unit_test(test_after_two_dashes_everything_is_an_argument),
		cmocka_unit_test(test_an_empty_value_is_a_value),
		cmocka_unit_test(test_what_is_wrong_is_said_in_one_sentence),
		cmocka_unit_test(test_json_is_found_even_where_the_rest_is_wrong),
		cmocka_unit_test(test_a_duration_is_read_in_seconds),
		cmocka_unit_test(test_a_text_is_utf8_or_refused),
		cmocka_unit_test(test_a_text_is_utf8_or_refused),
		cmocka_unit_test(test_an_option_that_repeats_keeps_its_values_in_order),
		cmocka_unit_test(
		    test_a_value_that_may_be_left_out_comes_with_an_equals_sign),
		cmocka_unit_test(test_more_options_than_there_is_room_for_are_refused),
		cmocka_unit_test(test_a_row_is_found_by_its_whole_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
