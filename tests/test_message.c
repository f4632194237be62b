/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "protocol/message.h"
#include "protocol/service.h"

static const struct {
	const char *what;
	const char *text;
	bool is_good;
} calls[] = {
	{ "the least there is", "{\"method\":\"a.B\"}", true },
	{ "null parameters are none", "{\"method\":\"a.B\",\"parameters\":null}", true },
	{ "every flag",
	  "{\"method\":\"a.B\",\"parameters\":{},\"more\":true,\"upgrade\":true,"
	  "\"oneway\":false}",
	  true },
	{ "no method", "{\"parameters\":{}}", false },
	{ "a method that is a number", "{\"method\":1}", false },
	{ "parameters that are a list", "{\"method\":\"a.B\",\"parameters\":[]}", false },
	{ "an unknown key", "{\"method\":\"a.B\",\"extra\":1}", false },
	{ "a duplicate key", "{\"method\":\"a.B\",\"method\":\"a.C\"}", false },
	{ "a duplicate key inside",
	  "{\"method\":\"a.B\",\"parameters\":{\"x\":1,\"x\":2}}", false },
	{ "a flag that is a word", "{\"method\":\"a.B\",\"more\":\"yes\"}", false },
	{ "no object", "[]", false },
	{ "no JSON", "GET / HTTP/1.1", false },
	{ "nothing", "", false },
	{ "something behind the end", "{\"method\":\"a.B\"} x", false },
	{ "ill-formed UTF-8", "{\"method\":\"\xff\"}", false },
};

static void test_calls(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct error error = { .kind = ERROR_NONE };
		struct message_call call;
		int r = message_call_parse(&call, calls[i].text, strlen(calls[i].text),
					   &error);

		if ((r == 0) != calls[i].is_good)
			fail_msg("%s: %s", calls[i].what, error.text);
		if (r == 0) {
			assert_true(json_is_object(call.parameters));
			message_call_done(&call);
		} else {
			assert_int_equal(error.kind, ERROR_USAGE);
		}
	}
}

static void test_a_call_survives_the_way_there_and_back(void **state)
{
	struct message_call call;
	char *text = message_call_text("io.jitctl.Agent.Watch", json_object(), true,
				       false);

	(void)state;
	assert_int_equal(message_call_parse(&call, text, strlen(text), NULL), 0);
	assert_string_equal(call.method, "io.jitctl.Agent.Watch");
	assert_true(call.more);
	assert_false(call.upgrade);
	message_call_done(&call);
	json_text_free(text);
}

static int parse_reply(const char *text, struct error *error)
{
	json_t *parameters;
	bool continues;
	int r = message_reply_parse(text, strlen(text), &parameters, &continues, error);

	if (r == 0)
		json_decref(parameters);
	return r;
}

static void test_an_error_keeps_its_kind_sentence_and_next_step(void **state)
{
	struct error sent, got;
	char *text;

	(void)state;
	for (enum error_kind kind = ERROR_INTERNAL; kind < ERROR_KINDS; kind++) {
		int r = error_set(&sent, kind, "orders: ended 3 s ago");

		error_next(&sent, "jitctl request orders");
		text = message_error_text(&sent);
		assert_int_equal(parse_reply(text, &got), r);
		assert_int_equal(got.kind, kind);
		assert_string_equal(got.text, sent.text);
		assert_string_equal(got.next, sent.next);
		json_text_free(text);
	}
}

static void test_an_errors_text_can_not_move_the_cursor(void **state)
{
	struct error got;

	(void)state;
	parse_reply("{\"error\":\"io.jitctl.Agent.Usage\",\"parameters\":"
		    "{\"text\":\"a\\u001b[2Jb\",\"next\":\"\"}}",
		    &got);
	assert_string_equal(got.text, "a\\u{1b}[2Jb");
}

static void test_a_reply_that_is_none_is_an_internal_error(void **state)
{
	static const char *const texts[] = { "", "[]", "{\"parameters\":1}",
					     "{\"surprise\":1}", "{\"error\":1}" };
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_true(parse_reply(texts[i], &error) < 0);
		assert_int_equal(error.kind, ERROR_INTERNAL);
	}
}

static void test_names_of_kinds_lead_back_to_them(void **state)
{
	(void)state;
	for (enum error_kind kind = ERROR_NONE; kind < ERROR_KINDS; kind++) {
		assert_int_equal(error_from_wire_name(error_wire_name(kind)), kind);
		assert_int_equal(error_kind_from_name(error_kind_name(kind)), kind);
	}
}

static void test_every_error_kind_is_in_the_interface(void **state)
{
	const char *interface = service_description("io.jitctl.Agent");

	(void)state;
	assert_non_null(interface);
	for (enum error_kind kind = ERROR_INTERNAL; kind < ERROR_KINDS; kind++) {
		char line[80];

		snprintf(line, sizeof(line), "\nerror %s (text: string, next: string)\n",
			 strrchr(error_wire_name(kind), '.') + 1);
		assert_non_null(strstr(interface, line));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_a_call_survives_the_way_there_and_back),
		cmocka_unit_test(test_an_error_keeps_its_kind_sentence_and_next_step),
		cmocka_unit_test(test_an_errors_text_can_not_move_the_cursor),
		cmocka_unit_test(test_a_reply_that_is_none_is_an_internal_error),
		cmocka_unit_test(test_names_of_kinds_lead_back_to_them),
		cmocka_unit_test(test_every_error_kind_is_in_the_interface),
	};

	json_init_wiping();
	return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
