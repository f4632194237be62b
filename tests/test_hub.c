/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "broker/hub.h"

#define MANY 10000

struct counting {
	struct waiter waiter;
	int woken;
};

static void count(struct waiter *waiter)
{
	((struct counting *)waiter)->woken++;
}

static int wait_for(struct hub *hub, const char *user, int64_t since, int64_t seconds,
		    struct counting *counting)
{
	counting->waiter.wake = count;
	return hub_wait(hub, user, since, seconds, &counting->waiter);
}

static void test_a_change_wakes_who_waits_for_it_and_nobody_else(void **state)
{
	struct hub *hub = hub_new();
	struct counting ann = { .woken = 0 }, again = { .woken = 0 },
			bob = { .woken = 0 };

	(void)state;
	assert_int_equal(wait_for(hub, "ann", 5, 10, &ann), 0);
	assert_int_equal(wait_for(hub, "ann", 7, 10, &again), 0);
	assert_int_equal(wait_for(hub, "bob", 5, 10, &bob), 0);
	hub_publish(hub, "ann", 6);
	assert_int_equal(ann.woken, 1);
	assert_int_equal(again.woken, 0);
	assert_int_equal(bob.woken, 0);
	hub_publish(hub, "ann", 8);
	assert_int_equal(again.woken, 1);
	assert_int_equal(ann.woken, 1);
	hub_close(hub);
	assert_int_equal(bob.woken, 1);
	hub_free(hub);
}

static void test_a_change_before_the_wait_is_not_missed(void **state)
{
	struct hub *hub = hub_new();
	struct counting ann = { .woken = 0 };

	(void)state;
	hub_publish(hub, "ann", 6);
	assert_int_equal(wait_for(hub, "ann", 5, 10, &ann), -EALREADY);
	assert_int_equal(wait_for(hub, "ann", 6, 10, &ann), 0);
	assert_int_equal(ann.woken, 0);
	hub_close(hub);
	hub_free(hub);
}

static void test_a_wait_ends_at_its_second(void **state)
{
	struct hub *hub = hub_new();
	struct counting three = { .woken = 0 }, one = { .woken = 0 };

	(void)state;
	assert_int_equal(wait_for(hub, "ann", 0, 3, &three), 0);
	assert_int_equal(wait_for(hub, "ann", 0, 1, &one), 0);
	hub_tick(hub);
	assert_int_equal(one.woken, 1);
	hub_tick(hub);
	assert_int_equal(three.woken, 0);
	hub_tick(hub);
	assert_int_equal(three.woken, 1);
	hub_free(hub);
}

static void test_nobody_waits_once_it_is_closed(void **state)
{
	struct hub *hub = hub_new();
	struct counting ann = { .woken = 0 };

	(void)state;
	hub_close(hub);
	assert_int_equal(wait_for(hub, "ann", 0, 3, &ann), -ESHUTDOWN);
	assert_int_equal(ann.woken, 0);
	hub_free(hub);
}

struct publishing {
	struct hub *hub;
	int64_t last;
};

static void *publish(void *data)
{
	struct publishing *publishing = data;

	for (int64_t changed = 1; changed <= publishing->last; changed++)
		hub_publish(publishing->hub, "ann", changed);
	return NULL;
}

static void test_many_wait_while_changes_come(void **state)
{
	struct hub *hub = hub_new();
	struct counting *many = calloc(MANY, sizeof(*many));
	struct publishing publishing = { hub, 2000 };
	pthread_t thread;
	int waiting = 0, woken = 0;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, publish, &publishing), 0);
	for (int i = 0; i < MANY; i++)
		waiting += wait_for(hub, "ann", i % 2000, 30, &many[i]) == 0;
	pthread_join(thread, NULL);
	for (int i = 0; i < MANY; i++)
		woken += many[i].woken;
	/* Everybody saw a change: before the wait, or by being woken, and once. */
	assert_int_equal(woken, waiting);
	hub_close(hub);
	hub_free(hub);
	free(many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_change_wakes_who_waits_for_it_and_nobody_else),
		cmocka_unit_test(test_a_change_before_the_wait_is_not_missed),
		cmocka_unit_test(test_a_wait_ends_at_its_second),
		cmocka_unit_test(test_nobody_waits_once_it_is_closed),
		cmocka_unit_test(test_many_wait_while_changes_come),
	};

	return cmocka_run_group_tests_name("hub", tests, NULL, NULL);
}
