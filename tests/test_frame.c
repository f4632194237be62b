/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/frame.h"

static void test_a_message_may_arrive_in_pieces(void **state)
{
	struct frame_reader reader = FRAME_READER_INIT;
	const char *message;
	size_t length;

	(void)state;
	assert_int_equal(frame_feed(&reader, "{\"a\"", 4), 0);
	assert_int_equal(frame_next(&reader, &message, &length), 0);
	assert_int_equal(frame_feed(&reader, ":1}\0{", 5), 0);
	assert_int_equal(frame_next(&reader, &message, &length), 1);
	assert_string_equal(message, "{\"a\":1}");
	assert_int_equal(length, 7);
	frame_next_done(&reader, length);
	assert_int_equal(frame_rest(&reader, &message), 1);
	assert_int_equal(message[0], '{');
	frame_done(&reader);
}

static void test_two_messages_in_one_read_come_out_in_order(void **state)
{
	struct frame_reader reader = FRAME_READER_INIT;
	const char *message;
	size_t length;

	(void)state;
	assert_int_equal(frame_feed(&reader, "one\0two\0", 8), 0);
	assert_int_equal(frame_next(&reader, &message, &length), 1);
	assert_string_equal(message, "one");
	frame_next_done(&reader, length);
	assert_int_equal(frame_next(&reader, &message, &length), 1);
	assert_string_equal(message, "two");
	frame_next_done(&reader, length);
	assert_int_equal(frame_next(&reader, &message, &length), 0);
}

static void test_a_message_that_never_ends_is_refused(void **state)
{
	struct frame_reader reader = FRAME_READER_INIT;
	static char noise[FRAME_MAX];
	const char *message;
	size_t length;

	(void)state;
	memset(noise, 'x', sizeof(noise));
	assert_int_equal(frame_feed(&reader, noise, sizeof(noise)), 0);
	assert_int_equal(frame_next(&reader, &message, &length), 0);
	assert_int_equal(frame_feed(&reader, "x", 1), -EMSGSIZE);
	frame_done(&reader);
}

static void test_the_longest_message_is_taken(void **state)
{
	struct frame_reader reader = FRAME_READER_INIT;
	static char longest[FRAME_MAX];
	const char *message;
	size_t length;

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	assert_int_equal(frame_feed(&reader, longest, sizeof(longest)), 0);
	assert_int_equal(frame_next(&reader, &message, &length), 1);
	assert_int_equal(length, FRAME_MAX - 1);
	frame_done(&reader);
}

static void test_an_idle_reader_holds_no_memory(void **state)
{
	struct frame_reader reader = FRAME_READER_INIT;
	const char *message;
	size_t length;

	(void)state;
	assert_int_equal(frame_feed(&reader, "token", 6), 0);
	assert_int_equal(frame_next(&reader, &message, &length), 1);
	frame_next_done(&reader, length);
	assert_null(reader.bytes.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_message_may_arrive_in_pieces),
		cmocka_unit_test(test_two_messages_in_one_read_come_out_in_order),
		cmocka_unit_test(test_a_message_that_never_ends_is_refused),
		cmocka_unit_test(test_the_longest_message_is_taken),
		cmocka_unit_test(test_an_idle_reader_holds_no_memory),
	};

	return cmocka_run_group_tests_name("frame", tests, NULL, NULL);
}
