/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/reply.h"

#define FAILURE(parameters) \
	"{\"error\":\"io.jitctl.Agent.NoSession\",\"parameters\":{" parameters "}}"

static int parse(const char *text, struct reply *reply)
{
	return reply_parse(text, strlen(text), reply);
}

static void test_a_success_has_no_error(void **state)
{
	struct reply reply;

	(void)state;
	assert_int_equal(parse("{\"parameters\":{\"id\":\"r-0123456789\"}}", &reply), 0);
	assert_string_equal(reply.error, "");
	assert_int_equal(parse(" { } ", &reply), 0);
	assert_string_equal(reply.error, "");
}

static void test_a_failure_gives_its_words_and_next_step(void **state)
{
	char line[REPLY_LINE_SIZE];
	struct reply reply;

	(void)state;
	assert_int_equal(parse(FAILURE("\"text\": \"p: ended 3 s ago\" , \"next\":"
				       "\"jitctl request p a=b\""),
			       &reply),
			 0);
	assert_string_equal(reply.error, "io.jitctl.Agent.NoSession");
	reply_line(&reply, line);
	assert_string_equal(line,
			    "p: ended 3 s ago; ask again with: jitctl request p a=b\n");
}

static void test_what_was_never_asked_for_is_not_asked_for_again(void **state)
{
	struct reply reply = { .error = "io.jitctl.Agent.NoSession",
			       .text = "p: no session",
			       .next = "jitctl request p" };
	char line[REPLY_LINE_SIZE];

	(void)state;
	reply_line(&reply, line);
	assert_string_equal(line, "p: no session; ask with: jitctl request p\n");
}

static void test_other_errors_say_run(void **state)
{
	struct reply reply = { .error = "io.jitctl.Agent.Pending",
			       .text = "r-1 waits for two peers",
			       .next = "jitctl status" };
	char line[REPLY_LINE_SIZE];

	(void)state;
	reply_line(&reply, line);
	assert_string_equal(line, "r-1 waits for two peers; run: jitctl status\n");
	reply.next[0] = '\0';
	reply_line(&reply, line);
	assert_string_equal(line, "r-1 waits for two peers\n");
}

static void test_a_failure_without_words_is_still_a_line(void **state)
{
	char line[REPLY_LINE_SIZE];
	struct reply reply;

	(void)state;
	assert_int_equal(parse("{\"error\":\"org.varlink.service.MethodNotFound\","
			       "\"parameters\":{\"method\":\"x\"}}",
			       &reply),
			 0);
	reply_line(&reply, line);
	assert_string_equal(line, "the agent gave no reason\n");
}

static void test_a_long_text_is_cut_between_characters_before_the_next_step(void **state)
{
	struct reply reply = { .error = "io.jitctl.Agent.Pending",
			       .next = "jitctl status" };
	char line[REPLY_LINE_SIZE];

	(void)state;
	for (size_t shift = 0; shift < 2; shift++) {
		memset(reply.text, 'x', shift);
		for (size_t i = shift; i + 2 < sizeof(reply.text); i += 2)
			memcpy(reply.text + i, "\xc3\xa9", 3);
		reply_line(&reply, line);
		assert_true(strlen(line) >= REPLY_LINE_SIZE - 3);
		assert_true(strlen(line) < REPLY_LINE_SIZE);
		assert_non_null(strstr(line, "\xc3\xa9...; run: jitctl status\n"));
	}
}

static void test_a_next_step_that_leaves_no_room_is_left_out_whole(void **state)
{
	struct reply reply = { .error = "io.jitctl.Agent.Pending", .text = "why" };
	char line[REPLY_LINE_SIZE];

	(void)state;
	memset(reply.next, 'n', sizeof(reply.next) - 1);
	reply_line(&reply, line);
	assert_string_equal(line, "why\n");
}

static void test_escapes_are_undone_and_control_characters_never_shown(void **state)
{
	struct reply reply;

	(void)state;
	assert_int_equal(parse(FAILURE("\"text\":\"\\\"\\\\\\/\\u00e9\\u20AC\\n\\u001b"
				       "\\ud83d\\u0000\\u009b\x7f\xc2\x9b\xe2\x82\xac\""),
			       &reply),
			 0);
	assert_string_equal(reply.text, "\"\\/\xc3\xa9\xe2\x82\xac???????\xe2\x82\xac");
}

static void test_every_cut_of_a_reply_is_refused(void **state)
{
	static const char whole[] = FAILURE("\"text\":\"a\\u00e9b\\n\",\"next\":\"c\"");
	struct reply reply;

	(void)state;
	assert_int_equal(parse(whole, &reply), 0);
	for (size_t length = 0; length < sizeof(whole) - 1; length++)
		assert_int_equal(reply_parse(whole, length, &reply), -EBADMSG);
}

static void test_what_is_no_reply_is_refused(void **state)
{
	static const char *const wrong[] = {
		"[]",
		"null",
		"{}x",
		"{}{}",
		"{\"parameters\":1}",
		"{\"parameters\":null}",
		"{\"parameters\":{\"a\":1}}",
		"{\"parameters\":{\"a\":{}}}",
		"{\"parameters\":{\"a\":\"b\",}}",
		"{\"parameters\":{\"a\" \"b\"}}",
		"{\"parameters\":{},\"parameters\":{}}",
		"{\"other\":\"x\"}",
		"{\"error\":\"\"}",
		"{\"error\":1}",
		FAILURE("\"text\":\"a\",\"text\":\"b\""),
		FAILURE("\"text\":\"\\x\""),
		FAILURE("\"text\":\"\\u12g4\""),
		FAILURE("\"text\":\"a\nb\""),
		FAILURE("\"text\":\"\xff\""),
		FAILURE("\"text\":\"\xc3\""),
		FAILURE("\"text\":\"\xe2\x82\""),
		FAILURE("\"1\":\"\",\"2\":\"\",\"3\":\"\",\"4\":\"\",\"5\":\"\",\"6\":"
			"\"\",\"7\":\"\",\"8\":\"\",\"9\":\"\""),
	};
	struct reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (parse(wrong[i], &reply) != -EBADMSG)
			fail_msg("not refused: %s", wrong[i]);
}

static void test_only_a_whole_line_is_a_document(void **state)
{
	static const char whole[] = "{\"Version\":1}\n";

	(void)state;
	assert_true(reply_document_is_whole(whole, sizeof(whole) - 1));
	for (size_t length = 0; length < sizeof(whole) - 1; length++)
		assert_false(reply_document_is_whole(whole, length));
	assert_false(reply_document_is_whole("{}\n{}\n", 6));
	assert_false(reply_document_is_whole("x}\n", 3));
	assert_false(reply_document_is_whole("{x\n", 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_success_has_no_error),
		cmocka_unit_test(test_a_failure_gives_its_words_and_next_step),
		cmocka_unit_test(test_what_was_never_asked_for_is_not_asked_for_again),
		cmocka_unit_test(test_other_errors_say_run),
		cmocka_unit_test(test_a_failure_without_words_is_still_a_line),
		cmocka_unit_test(
		    test_a_long_text_is_cut_between_characters_before_the_next_step),
		cmocka_unit_test(test_a_next_step_that_leaves_no_room_is_left_out_whole),
		cmocka_unit_test(
		    test_escapes_are_undone_and_control_characters_never_shown),
		cmocka_unit_test(test_every_cut_of_a_reply_is_refused),
		cmocka_unit_test(test_what_is_no_reply_is_refused),
		cmocka_unit_test(test_only_a_whole_line_is_a_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
