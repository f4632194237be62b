/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "broker/provision.h"

#define NOW 1795000000
#define END (NOW + 3600)

static const struct provision_state fresh = { .step = PROVISION_MAKE_ROLE,
					      .due_at = NOW };

/* Begins and finishes one call that must be due. */
static bool go(struct provision_state *provision, enum provision_outcome outcome,
	       int64_t now)
{
	assert_true(provision_begin(provision, now < END, END));
	return provision_finish(provision, outcome, now, END);
}

static void test_a_role_is_made_used_and_destroyed(void **state)
{
	static const enum provision_step steps[] = { PROVISION_PUT_POLICY,
						     PROVISION_PROBE, PROVISION_READY };
	struct provision_state provision = fresh;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		assert_false(go(&provision, PROVISION_DONE, NOW));
		assert_int_equal(provision.step, steps[i]);
	}
	assert_int_equal(provision.due_at, END);
	assert_false(provision_begin(&provision, true, END));
	assert_int_equal(provision.due_at, END);
	assert_true(provision_begin(&provision, false, END));
	assert_int_equal(provision.step, PROVISION_DELETE_POLICY);
	provision_finish(&provision, PROVISION_DONE, END, END);
	assert_int_equal(provision.step, PROVISION_DELETE_ROLE);
	assert_int_equal(provision.due_at, END);
	go(&provision, PROVISION_DONE, END);
	assert_int_equal(provision.step, PROVISION_GONE);
	assert_int_equal(provision.due_at, PROVISION_NEVER);
}

static void test_a_probe_in_vain_is_made_again_until_the_end(void **state)
{
	static const int64_t pauses[] = { 1, 2, 4, 5, 5, 5 };
	struct provision_state provision = { .step = PROVISION_PROBE };
	int64_t now = NOW;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		assert_false(go(&provision, PROVISION_NOT_YET, now));
		assert_int_equal(provision.step, PROVISION_PROBE);
		assert_int_equal(provision.due_at - now, pauses[i]);
		now = provision.due_at;
	}
	provision_finish(&provision, PROVISION_NOT_YET, END - 2, END);
	assert_int_equal(provision.due_at, END);
	assert_true(provision_begin(&provision, false, END));
	assert_int_equal(provision.step, PROVISION_DELETE_POLICY);
	assert_int_equal(provision.tries, 0);
}

static void test_a_refusal_ends_the_session_and_undoes_what_there_may_be(void **state)
{
	struct provision_state provision = fresh;

	(void)state;
	assert_true(go(&provision, PROVISION_REFUSED, NOW));
	assert_int_equal(provision.step, PROVISION_GONE);

	/* A lost call may still make what the next one was refused. */
	provision = fresh;
	assert_false(go(&provision, PROVISION_LOST, NOW));
	assert_true(go(&provision, PROVISION_REFUSED, NOW + 1));
	assert_int_equal(provision.step, PROVISION_DELETE_POLICY);

	provision = (struct provision_state){ .step = PROVISION_PUT_POLICY };
	assert_true(go(&provision, PROVISION_REFUSED, NOW));
	assert_int_equal(provision.step, PROVISION_DELETE_POLICY);
}

static void test_what_a_dead_broker_began_is_looked_for_once_more(void **state)
{
	struct provision_state provision = fresh;

	(void)state;
	assert_true(provision_begin(&provision, true, END));
	assert_false(provision.is_unsure);
	/* It died here; the next one begins the same step. */
	assert_true(provision_begin(&provision, true, END));
	assert_int_equal(provision.step, PROVISION_MAKE_ROLE);
	assert_true(provision.is_unsure);
	provision_finish(&provision, PROVISION_DONE, NOW, END);
	assert_true(provision_begin(&provision, false, END));
	provision_finish(&provision, PROVISION_DONE, END, END);
	go(&provision, PROVISION_DONE, END);
	assert_int_equal(provision.step, PROVISION_CONFIRM);
	assert_int_equal(provision.due_at, END + PROVISION_CONFIRM_SECONDS);
	go(&provision, PROVISION_ABSENT, END + 900);
	assert_int_equal(provision.step, PROVISION_GONE);
}

static void test_a_role_that_is_held_loses_its_policies_first(void **state)
{
	struct provision_state provision = { .step = PROVISION_DELETE_ROLE };

	(void)state;
	go(&provision, PROVISION_HELD, END);
	assert_int_equal(provision.step, PROVISION_DELETE_POLICY);
	assert_int_equal(provision.tries, 1);
	assert_true(provision.due_at > END);
}

/* Every step, outcome and flag: what must hold whatever the table says. */
static void check_one(enum provision_step step, enum provision_outcome outcome,
		      bool is_unsure, bool is_live, int64_t tries)
{
	struct provision_state before = { .step = step,
					  .tries = tries,
					  .is_unsure = is_unsure };
	struct provision_state after = before;
	bool has_call = provision_begin(&after, is_live, END), gives_up;

	if (!is_live)
		assert_true(provision_is_ending(after.step));
	if (!has_call) {
		assert_true(after.step == PROVISION_READY ||
			    after.step == PROVISION_GONE);
		assert_false(after.is_under_way);
		return;
	}
	assert_true(after.is_under_way);
	step = after.step;
	gives_up = provision_finish(&after, outcome, NOW, END);
	assert_false(after.is_under_way);
	assert_true(after.is_unsure >= is_unsure);
	assert_true(after.due_at >= NOW);
	if (!provision_is_ending(after.step))
		assert_true(after.due_at <= END);
	else if (after.step != PROVISION_GONE)
		assert_true(after.due_at <= NOW + 900);
	if (provision_is_ending(step))
		assert_true(provision_is_ending(after.step) && !gives_up);
	else
		assert_int_equal(gives_up, provision_is_ending(after.step));
	if (after.step == PROVISION_READY)
		assert_true(step == PROVISION_PROBE && outcome == PROVISION_DONE);
	if (after.step == PROVISION_GONE && outcome != PROVISION_STRANGE)
		assert_true(step == PROVISION_CONFIRM || !is_unsure);
	/* Nothing is asked again in the same second but what has moved on. */
	if (after.step == step)
		assert_true(after.due_at > NOW);
}

static void test_every_step_with_every_outcome(void **state)
{
	(void)state;
	for (int step = 0; step < PROVISION_GONE; step++)
		for (int outcome = 0; outcome < PROVISION_OUTCOMES; outcome++)
			for (int flags = 0; flags < 4; flags++)
				for (int64_t tries = 0; tries < 20; tries++)
					check_one((enum provision_step)step,
						  (enum provision_outcome)outcome,
						  flags & 1, flags & 2, tries);
}

static void test_steps_have_names(void **state)
{
	enum provision_step step;

	(void)state;
	for (int i = 0; i < PROVISION_STEPS; i++) {
		assert_int_equal(provision_step_from_name(
				     provision_step_name((enum provision_step)i), &step),
				 0);
		assert_int_equal(step, i);
	}
	assert_int_equal(provision_step_from_name("dance", &step), -EINVAL);
}

/*
 * A small IAM with bad weather: calls that are lost before or after they were
 * done, or come in late; a broker that dies before or after a call.  At the
 * end nothing may be left.
 */
struct world {
	uint64_t seed;
	bool has_role, has_policy;
	int64_t late_role_at, late_policy_at; /* 0: none on its way */
	int64_t now;
};

static unsigned int roll(struct world *world, unsigned int sides)
{
	world->seed = world->seed * 6364136223846793005U + 1442695040888963407U;
	return (unsigned int)(world->seed >> 33) % sides;
}

static void pass_time(struct world *world, int64_t until)
{
	if (until > world->now)
		world->now = until;
	if (world->late_role_at && world->late_role_at <= world->now) {
		world->has_role = true;
		world->late_role_at = 0;
	}
	if (world->late_policy_at && world->late_policy_at <= world->now) {
		world->has_policy = world->has_role;
		world->late_policy_at = 0;
	}
}

static enum provision_outcome take_role_away(struct world *world)
{
	if (!world->has_role)
		return PROVISION_ABSENT;
	if (world->has_policy)
		return PROVISION_HELD;
	world->has_role = false;
	return PROVISION_DONE;
}

static enum provision_outcome perform(struct world *world, enum provision_step step)
{
	switch (step) {
	case PROVISION_MAKE_ROLE:
		world->has_role = true;
		return PROVISION_DONE;
	case PROVISION_PUT_POLICY:
		world->has_policy |= world->has_role;
		return world->has_role ? PROVISION_DONE : PROVISION_ABSENT;
	case PROVISION_DELETE_POLICY:
		if (!world->has_policy)
			return PROVISION_ABSENT;
		world->has_policy = false;
		return PROVISION_DONE;
	case PROVISION_DELETE_ROLE:
	case PROVISION_CONFIRM:
		return take_role_away(world);
	default:
		return roll(world, 3) ? PROVISION_NOT_YET : PROVISION_DONE;
	}
}

/* The call is on its way for up to 15 minutes; whoever sent it knows nothing. */
static void delay(struct world *world, enum provision_step step)
{
	if (step == PROVISION_MAKE_ROLE)
		world->late_role_at = world->now + 1 + roll(world, 890);
	if (step == PROVISION_PUT_POLICY)
		world->late_policy_at = world->now + 1 + roll(world, 890);
}

/* One turn of a broker.  Returns whether it lived to write down what came of it. */
static bool turn(struct world *world, struct provision_state *provision, bool is_live)
{
	enum provision_outcome outcome;

	if (!provision_begin(provision, is_live, END))
		return true;
	switch (roll(world, 12)) {
	case 0: /* dies before the call */
		return false;
	case 1: /* dies after it */
		perform(world, provision->step);
		return false;
	case 2: /* dies with the call on its way */
		delay(world, provision->step);
		return false;
	case 3:
		outcome = PROVISION_BUSY;
		break;
	case 4:
		perform(world, provision->step);
		outcome = PROVISION_LOST;
		break;
	case 5:
		delay(world, provision->step);
		outcome = PROVISION_LOST;
		break;
	case 6:
		outcome = roll(world, 20) ? PROVISION_BUSY : PROVISION_REFUSED;
		break;
	default:
		outcome = perform(world, provision->step);
	}
	provision_finish(provision, outcome, world->now, END);
	return true;
}

static void live_through(uint64_t seed)
{
	struct world world = { .seed = seed, .now = NOW };
	struct provision_state provision = fresh;
	int64_t revoked_at = NOW + roll(&world, 5000);
	int turns = 0;

	while (provision.step != PROVISION_GONE) {
		bool is_live = world.now < END && world.now < revoked_at;

		assert_true(turns++ < 2000);
		turn(&world, &provision, is_live);
		if (provision.step == PROVISION_GONE)
			break;
		/* The end makes it due; a dead broker is back in a second. */
		if (!provision_is_ending(provision.step) && provision.due_at > revoked_at)
			provision.due_at = revoked_at;
		pass_time(&world, provision.due_at > world.now ? provision.due_at
							       : world.now + 1);
	}
	pass_time(&world, world.now + 3600);
	if (world.has_role || world.has_policy)
		fail_msg("seed %llu leaves something behind", (unsigned long long)seed);
}

static void test_whatever_the_weather_nothing_is_left(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20000; seed++)
		live_through(seed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_role_is_made_used_and_destroyed),
		cmocka_unit_test(test_a_probe_in_vain_is_made_again_until_the_end),
		cmocka_unit_test(
		    test_a_refusal_ends_the_session_and_undoes_what_there_may_be),
		cmocka_unit_test(test_what_a_dead_broker_began_is_looked_for_once_more),
		cmocka_unit_test(test_a_role_that_is_held_loses_its_policies_first),
		cmocka_unit_test(test_every_step_with_every_outcome),
		cmocka_unit_test(test_steps_have_names),
		cmocka_unit_test(test_whatever_the_weather_nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
