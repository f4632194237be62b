/* SPDX-License-Identifier: MIT */
#ifndef AGENT_ALARM_H
#define AGENT_ALARM_H

#include <ev.h>

#include "base/clock.h"

/*
 * Wakes the agent when a moment has come by either clock: one timerfd on
 * CLOCK_BOOTTIME, which goes off on resume if its time passed in suspend, and
 * one on CLOCK_REALTIME, which also goes off when someone sets the clock.
 * libev's own timers count on CLOCK_MONOTONIC and notice neither.
 */
struct alarm {
	struct ev_loop *loop;
	struct ev_io boot;
	struct ev_io wall;
	void (*ring)(void *data);
	void *data;
};

/* An instant that never comes. */
#define INSTANT_NEVER ((struct instant){ INT64_MAX, INT64_MAX })

/* The earlier on each clock. */
struct instant instant_earlier(struct instant a, struct instant b);

/* Returns 0 or -errno. */
int alarm_init(struct alarm *alarm, struct ev_loop *loop, void (*ring)(void *data),
	       void *data);

/* Sets when it rings next; INSTANT_NEVER for not at all. */
void alarm_set(struct alarm *alarm, struct instant instant);

void alarm_done(struct alarm *alarm);

#endif
