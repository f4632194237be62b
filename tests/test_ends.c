/* SPDX-License-Identifier: MIT */
/*
 * The Deny for the ends of sessions on one role: what the document says, judged
 * by a reader of its own, and the plans that lead to it.
 */
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
#include "broker/ends-plan.h"
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

/* --- plans ---------------------------------------------------------------- */

static struct ends_role a_role(void)
{
	return (struct ends_role){ .arn = "arn:aws:iam::123456789012:role/jit-a",
				   .longest_seconds = 3600,
				   .looked_at = NOW - 10 };
}

static void plan_of(const struct ends_role *role, struct end *list, size_t count,
		    int64_t now, struct ends_plan *plan)
{
	const struct ends ends = { list, count };
	struct error error = { .text = "" };

	if (ends_plan_make(role, &ends, now, plan, &error) < 0)
		fail_msg("%s", error.text);
}

static int64_t due_of(const struct ends_role *role, struct end *list, size_t count,
		      int64_t now)
{
	const struct ends ends = { list, count };

	return ends_next_due(role, &ends, now);
}

static void test_what_is_written_exactly_needs_no_call_at_its_end(void **state)
{
	struct ends_role role = a_role();
	struct end ends[] = { { "r-0000000001", NOW + 60, NOW + 300, NOW + 60 } };
	struct ends_plan plan;

	(void)state;
	role.has_document = true;
	assert_true(due_of(&role, ends, 1, NOW) > NOW + 300 + 3600);
	plan_of(&role, ends, 1, NOW + 61, &plan);
	assert_false(plan.must_write);
	ends_plan_done(&plan);
}

static void test_what_was_put_off_is_written_again_at_its_end(void **state)
{
	struct ends_role role = a_role();
	struct end ends[] = { { "r-0000000001", NOW + 60, NOW + 300, NOW + 900 } };
	struct ends_plan plan;

	(void)state;
	role.has_document = true;
	assert_int_equal(due_of(&role, ends, 1, NOW), NOW + 60);
	plan_of(&role, ends, 1, NOW + 59, &plan);
	assert_false(plan.must_write);
	ends_plan_done(&plan);
	plan_of(&role, ends, 1, NOW + 60, &plan);
	assert_true(plan.must_write);
	assert_int_equal(plan.fates[0], END_IS_EXACT);
	assert_int_equal(plan.denied_from[0], 0);
	ends_plan_done(&plan);
}

static void test_a_revoked_session_is_denied_at_once(void **state)
{
	struct ends_role role = a_role();
	/* The end was brought forward, the document still says the old one. */
	struct end ends[] = { { "r-0000000001", NOW, NOW + 200, NOW + 1800 } };
	struct ends_plan plan;

	(void)state;
	role.has_document = true;
	assert_true(due_of(&role, ends, 1, NOW) <= NOW);
	plan_of(&role, ends, 1, NOW, &plan);
	assert_true(plan.must_write);
	assert_int_equal(plan.denied_from[0], 0);
	ends_plan_done(&plan);
}

static void test_one_that_no_grant_was_signed_for_is_not_written(void **state)
{
	struct ends_role role = a_role();
	struct end ends[] = { { "r-0000000001", NOW, NOW + 200, ENDS_NOT_WRITTEN } };
	struct ends_plan plan;

	(void)state;
	plan_of(&role, ends, 1, NOW, &plan);
	assert_false(plan.must_write);
	assert_int_equal(plan.fates[0], END_IS_UNUSED);
	ends_plan_done(&plan);
}

static void test_one_that_was_granted_without_a_deny_is_written_when_over(void **state)
{
	struct ends_role role = a_role();
	struct end ends[] = { { "r-0000000001", NOW - 9, NOW + 200, ENDS_ADOPTED } };
	struct ends_plan plan;

	(void)state;
	plan_of(&role, ends, 1, NOW, &plan);
	assert_true(plan.must_write);
	assert_int_equal(plan.fates[0], END_IS_NEW);
	assert_non_null(strstr(plan.document, "r-0000000001"));
	ends_plan_done(&plan);
}

static void test_a_session_leaves_when_the_longest_credentials_are_dead(void **state)
{
	struct ends_role role = a_role();
	struct end ends[] = { { "r-0000000001", NOW, NOW, NOW } };
	int64_t gone = NOW + 3600 + ENDS_MARGIN_SECONDS;
	struct ends_plan plan;

	(void)state;
	role.has_document = true;
	plan_of(&role, ends, 1, gone - 1, &plan);
	assert_false(plan.must_write);
	ends_plan_done(&plan);
	/* What was seen before the last grant says nothing of it. */
	plan_of(&role, ends, 1, gone, &plan);
	assert_true(plan.must_look);
	ends_plan_done(&plan);
	role.looked_at = NOW + 1;
	plan_of(&role, ends, 1, gone, &plan);
	assert_false(plan.must_look);
	assert_true(plan.must_write);
	assert_null(plan.document);
	assert_int_equal(plan.fates[0], END_IS_GONE);
	ends_plan_done(&plan);
	role.longest_seconds = 43200;
	plan_of(&role, ends, 1, gone, &plan);
	assert_int_equal(plan.fates[0], END_STAYS);
	ends_plan_done(&plan);
}

static void test_an_unknown_role_is_looked_at_before_anything_leaves(void **state)
{
	struct ends_role role = a_role();
	struct end ends[] = { { "r-0000000001", NOW, NOW, NOW } };
	struct ends_plan plan;

	(void)state;
	role.looked_at = role.longest_seconds = 0;
	role.has_document = true;
	plan_of(&role, ends, 1, NOW + 3600 + ENDS_MARGIN_SECONDS, &plan);
	assert_true(plan.must_look);
	ends_plan_done(&plan);
}

static void test_what_is_unknown_is_written_whole(void **state)
{
	struct ends_role role = a_role();
	struct end ends[] = { { "r-0000000001", NOW + 60, NOW + 300, NOW + 60 } };
	struct ends_plan plan;

	(void)state;
	role.is_unknown = true;
	assert_int_equal(due_of(&role, ends, 1, NOW), NOW);
	plan_of(&role, ends, 1, NOW, &plan);
	assert_true(plan.must_write);
	assert_non_null(plan.document);
	ends_plan_done(&plan);
}

static size_t count_fate(const struct ends_plan *plan, size_t count, enum end_fate fate)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += plan->fates[i] == fate;
	return found;
}

/* Old ones stay, as many new ones as fit come in, and the next revocation has room. */
static void test_a_full_role_refuses_new_sessions_and_keeps_the_others(void **state)
{
	static struct end ends[MANY];
	struct ends_role role = a_role();
	struct ends_plan plan;
	size_t admitted;

	(void)state;
	role.has_document = true;
	for (int i = 0; i < MANY; i++) {
		ends[i] = (struct end){ .ends_at = NOW + 600 + i,
					.granted_until = NOW + 300,
					.denied_from = i % 2 ? NOW + 600 + i
							     : ENDS_NOT_WRITTEN };
		memcpy(ends[i].request, names[i], ID_SIZE);
	}
	plan_of(&role, ends, MANY, NOW, &plan);
	assert_true(plan.must_write);
	assert_int_equal(plan.refusal.kind, ERROR_LIMIT);
	assert_non_null(strstr(plan.refusal.text, "700 sessions"));
	assert_int_equal(count_fate(&plan, MANY, END_STAYS), MANY / 2);
	admitted = count_fate(&plan, MANY, END_IS_NEW);
	assert_in_range(admitted, 200, MANY / 2 - 1);
	assert_int_equal(count_fate(&plan, MANY, END_IS_REFUSED), MANY / 2 - admitted);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(strstr(plan.document, names[i]) != NULL,
				 plan.fates[i] != END_IS_REFUSED);
	/* One of them is revoked: that needs a statement more, and fits. */
	for (int i = 0; i < MANY; i++)
		if (plan.fates[i] != END_IS_REFUSED)
			ends[i].denied_from = plan.denied_from[i];
	ends_plan_done(&plan);
	ends[1].ends_at = NOW;
	plan_of(&role, ends, MANY, NOW + 1, &plan);
	assert_int_equal(plan.fates[1], END_IS_EXACT);
	assert_int_equal(plan.denied_from[1], 0);
	ends_plan_done(&plan);
}

static void test_removals_wait_for_each_other(void **state)
{
	struct ends_role role = a_role();
	struct end ends[2] = { { "r-0000000001", NOW, NOW, NOW },
			       { "r-0000000002", NOW + 1, NOW + 1, NOW + 1 } };
	int64_t due_at = due_of(&role, ends, 2, NOW);

	(void)state;
	assert_int_equal(due_at % ENDS_FORGET_TOGETHER, 0);
	assert_true(due_at > ends_forget_at(&role, &ends[0]));
	assert_true(due_at <= ends_forget_at(&role, &ends[0]) + ENDS_FORGET_TOGETHER);
}

static void test_pauses_between_tries_are_shorter_than_a_grant_waits(void **state)
{
	(void)state;
	assert_int_equal(ends_backoff(0), 1);
	assert_int_equal(ends_backoff(2), 4);
	assert_int_equal(ends_backoff(1000), ENDS_BACKOFF_MOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_two_hundred_distinct_ends_fit_beside_other_policies),
		cmocka_unit_test(test_few_ends_are_exact),
		cmocka_unit_test(test_seven_hundred_are_refused_with_words),
		cmocka_unit_test(test_nobody_is_denied_early_or_let_off),
		cmocka_unit_test(test_what_is_written_exactly_needs_no_call_at_its_end),
		cmocka_unit_test(test_what_was_put_off_is_written_again_at_its_end),
		cmocka_unit_test(test_a_revoked_session_is_denied_at_once),
		cmocka_unit_test(test_one_that_no_grant_was_signed_for_is_not_written),
		cmocka_unit_test(
		    test_one_that_was_granted_without_a_deny_is_written_when_over),
		cmocka_unit_test(
		    test_a_session_leaves_when_the_longest_credentials_are_dead),
		cmocka_unit_test(
		    test_an_unknown_role_is_looked_at_before_anything_leaves),
		cmocka_unit_test(test_what_is_unknown_is_written_whole),
		cmocka_unit_test(
		    test_a_full_role_refuses_new_sessions_and_keeps_the_others),
		cmocka_unit_test(test_removals_wait_for_each_other),
		cmocka_unit_test(
		    test_pauses_between_tries_are_shorter_than_a_grant_waits),
	};

	return cmocka_run_group_tests_name("ends", tests, name_sessions, NULL);
}
