/* SPDX-License-Identifier: MIT */
/* What the Deny for the ends of sessions says, judged by a reader of its own. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "policy/policy.h"

#define NOW INT64_C(1795534200)
#define MANY 700

static char names[MANY][ID_SIZE];

static int name_sessions(void **state)
{
	(void)state;
	for (int i = 0; i < MANY; i++)
		snprintf(names[i], ID_SIZE, "r-%010u", (unsigned int)i);
	return 0;
}

/* A sequence of its own, so that a failure comes again. */
static uint32_t random_below(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525U + 1013904223U;
	return (*seed >> 8) % below;
}

static bool names_request(const json_t *list, const char *request)
{
	const json_t *item;
	size_t i;

	if (json_is_string(list))
		return strcmp(json_string_value(list), request) == 0;
	json_array_foreach(list, i, item)
	{
		if (strcmp(json_string_value(item), request) == 0)
			return true;
	}
	return false;
}

/* As AWS reads it: a Deny holds where all its conditions do. */
static bool is_denied(const json_t *document, const char *request, int64_t at)
{
	const json_t *statement;
	size_t i;

	json_array_foreach(json_object_get(document, "Statement"), i, statement)
	{
		json_t *condition = json_object_get(statement, "Condition");
		json_t *requests = NULL;
		const char *date = NULL;
		int64_t from = INT64_MIN;

		assert_int_equal(
		    json_unpack((json_t *)condition, "{s:{s:o}, s?{s:s}}", "StringEquals",
				"aws:PrincipalTag/jit_request", &requests,
				"DateGreaterThanEquals", "aws:CurrentTime", &date),
		    0);
		if (date)
			assert_int_equal(time_parse(date, &from), 0);
		if (names_request(requests, request) && at >= from)
			return true;
	}
	return false;
}

static json_t *make(struct session_end *ends, size_t count, int64_t now, size_t room)
{
	scoped(json_text_freep) char *text = NULL;
	struct error error = { .text = "" };
	json_t *document;

	if (policy_ends(ends, count, now, room, &text, &error) < 0)
		fail_msg("%s", error.text);
	assert_true(strlen(text) <= room);
	document = json_loads(text, 0, NULL);
	assert_non_null(document);
	return document;
}

static void test_two_hundred_distinct_ends_fit_beside_other_policies(void **state)
{
	struct session_end ends[200];
	json_auto_t *document = NULL;

	(void)state;
	for (int i = 0; i < 200; i++)
		ends[i] = (struct session_end){ names[i], NOW + 37 * (i + 1), 0 };
	document = make(ends, 200, NOW, POLICY_ROLE_MAX - 2048);
	for (int i = 0; i < 200; i++) {
		assert_true(ends[i].denied_from >= ends[i].ends_at);
		assert_true(ends[i].denied_from < ends[i].ends_at + 900);
		assert_false(is_denied(document, names[i], ends[i].ends_at - 1));
		assert_true(is_denied(document, names[i], ends[i].denied_from));
	}
}

static void test_few_ends_are_exact(void **state)
{
	struct session_end ends[20];
	json_auto_t *document = NULL;

	(void)state;
	for (int i = 0; i < 20; i++)
		ends[i] = (struct session_end){ names[i], NOW + 61 * (i + 1), 0 };
	document = make(ends, 20, NOW, POLICY_ROLE_MAX);
	for (int i = 0; i < 20; i++)
		assert_int_equal(ends[i].denied_from, ends[i].ends_at);
}

static void test_seven_hundred_are_refused_with_words(void **state)
{
	static struct session_end ends[MANY];
	struct error error = { .kind = ERROR_NONE };
	char *text = NULL;

	(void)state;
	for (int i = 0; i < MANY; i++)
		ends[i] = (struct session_end){ names[i], NOW + i, 0 };
	assert_int_equal(policy_ends(ends, MANY, NOW, POLICY_ROLE_MAX, &text, &error),
			 -EDQUOT);
	assert_null(text);
	assert_int_equal(error.kind, ERROR_LIMIT);
	assert_non_null(strstr(error.text, "700 sessions"));
	assert_non_null(strstr(error.text, "10240 characters"));
	assert_non_null(strstr(error.text, "'provision:'"));
}

/* Any set, any room that it fits: nobody early, nobody late, no stranger. */
static void test_nobody_is_denied_early_or_let_off(void **state)
{
	static struct session_end ends[MANY];
	uint32_t seed = 7;

	(void)state;
	for (int turn = 0; turn < 150; turn++) {
		size_t count = 1 + random_below(&seed, 220);
		int64_t span = 1 + random_below(&seed, 43200);
		json_t *document;

		for (size_t i = 0; i < count; i++)
			ends[i] = (struct session_end){
				names[i],
				random_below(&seed, 6) == 0
				    ? 0
				    : NOW - 600 + random_below(&seed, (uint32_t)span),
				0
			};
		document = make(ends, count, NOW,
				6000 + random_below(&seed, POLICY_ROLE_MAX - 6000));
		for (size_t i = 0; i < count; i++) {
			int64_t end = ends[i].ends_at, from = ends[i].denied_from;
			bool is_over = end <= NOW;

			assert_int_equal(is_denied(document, names[i], NOW), is_over);
			assert_true(is_denied(document, names[i], is_over ? NOW : from));
			assert_true(is_over || (from >= end && from < end + 43200));
			if (!is_over)
				assert_false(is_denied(document, names[i], end - 1));
		}
		assert_false(is_denied(document, "r-zzzzzzzzzz", NOW + 900000));
		json_decref(document);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_two_hundred_distinct_ends_fit_beside_other_policies),
		cmocka_unit_test(test_few_ends_are_exact),
		cmocka_unit_test(test_seven_hundred_are_refused_with_words),
		cmocka_unit_test(test_nobody_is_denied_early_or_let_off),
	};

	return cmocka_run_group_tests_name("ends document", tests, name_sessions, NULL);
}
