/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/json.h"

/* jansson's own writer is the oracle. */
static void assert_as_jansson(const json_t *json)
{
	scoped(json_text_freep) char *ours = json_text(json);
	scoped(json_text_freep) char *theirs = json_dumps(json, JSON_COMPACT);

	assert_non_null(ours);
	assert_string_equal(ours, theirs);
}

static void test_texts_are_written_as_jansson_writes_them(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		"[[],{},[[]],{\"\":{}}]",
		"[true,false,null]",
		"[0,-1,9223372036854775807,-9223372036854775808]",
		"[0.0,-1.5,1e300,5e-324,0.1]",
		"{\"b\":1,\"a\":[1,2,{\"c\":\"d\"}],\"\\\"\\\\/\":\"\\\"\\\\/\"}",
		"[\"\\b\\f\\n\\r\\t\\u001f\\u007f\\u0080\\u20ac\\ud83d\\ude00\"]",
		"{\"\\u00e9\\n\":\"\\u00e9\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_auto_t *json = json_loads(texts[i], 0, NULL);

		assert_non_null(json);
		assert_as_jansson(json);
	}
}

static void test_every_byte_of_ascii_comes_back(void **state)
{
	char text[128];
	json_auto_t *json = NULL;
	json_auto_t *again = NULL;
	scoped(json_text_freep) char *written = NULL;

	(void)state;
	for (int i = 0; i < 128; i++)
		text[i] = (char)i;
	json = json_pack("{s:s%, s:s%}", "all", text, sizeof(text), "none", text,
			 (size_t)0);
	assert_as_jansson(json);
	written = json_text(json);
	again = json_loads(written, JSON_ALLOW_NUL, NULL);
	assert_true(json_equal(json, again));
}

static void test_what_is_no_container_and_what_is_too_deep_have_no_text(void **state)
{
	json_auto_t *word = json_string("x");
	json_auto_t *deep = json_array();

	(void)state;
	assert_null(json_text(word));
	assert_null(json_text(NULL));
	for (int i = 1; i < 2048; i++) {
		json_t *outer = json_array();

		json_array_append_new(outer, deep);
		deep = outer;
	}
	assert_as_jansson(deep);
	deep = json_pack("[o]", deep);
	assert_null(json_text(deep));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_are_written_as_jansson_writes_them),
		cmocka_unit_test(test_every_byte_of_ascii_comes_back),
		cmocka_unit_test(
		    test_what_is_no_container_and_what_is_too_deep_have_no_text),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
