/* SPDX-License-Identifier: MIT */
#ifndef BROKER_HUB_H
#define BROKER_HUB_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Who waits for what to change.  Waiters are found by the person they wait for
 * and by the second they give up at, so that neither a change nor a second
 * costs more than those whom it wakes.
 */
struct hub;

#define HUB_WAIT_MAX_SECONDS 60

struct waiter {
	/* Called once, from any thread, with the hub locked: hand over and return. */
	void (*wake)(struct waiter *waiter);
	int64_t since;                       /* the hub's own, as are the links */
	struct waiter *next, **link;         /* of the same person */
	struct waiter *next_due, **link_due; /* of the same second */
};

struct hub *hub_new(void); /* NULL when memory is short */
void hub_free(struct hub *hub);

/*
 * Puts the waiter, which stays the caller's, in line until the user has a change
 * after since, or `seconds` have passed by hub_tick().  It may be woken before
 * this returns.  Returns 0, or -EALREADY if there is such a change already,
 * -ESHUTDOWN after hub_close(), -ENOMEM; then it will not be woken.
 */
int hub_wait(struct hub *hub, const char *user, int64_t since, int64_t seconds,
	     struct waiter *waiter);

/* A change of that person's: wakes all who wait for it. */
void hub_publish(struct hub *hub, const char *user, int64_t changed);

/* One second more has passed. */
void hub_tick(struct hub *hub);

/* Wakes everybody; nobody waits from now on. */
void hub_close(struct hub *hub);

#endif
