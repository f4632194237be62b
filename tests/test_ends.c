/* SPDX-License-Identifier: MIT */
/* The plans by which the Deny for the ends of sessions is written and leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "broker/ends-plan.h"

#define NOW INT64_C(1795534200)
#define MANY 700

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
		snprintf(ends[i].request, ID_SIZE, "r-%010u", (unsigned int)i);
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
		assert_int_equal(strstr(plan.document, ends[i].request) != NULL,
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

	return cmocka_run_group_tests_name("ends", tests, NULL, NULL);
}
