/* SPDX-License-Identifier: MIT */
#ifndef BROKER_SIGNALS_H
#define BROKER_SIGNALS_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/error.h"

/*
 * The signals that serve lives by.  They are blocked in every thread and taken by
 * sigtimedwait() alone; so while the broker still starts, and that calls AWS, a
 * thread looks whether one that says to leave is there already.
 */

/* Blocks SIGTERM, SIGINT and SIGHUP and fills the set; before there is a thread. */
void signals_block(sigset_t *signals);

struct signals_watch {
	pthread_t thread;
	int over;    /* an eventfd */
	int leaving; /* a signalfd */
	atomic_bool *stop;
};

/*
 * Sets *stop once SIGTERM or SIGINT came, and leaves the signal pending for who
 * waits for it next.  0, to be ended by signals_watch_end(), or error_set().
 */
int signals_watch_begin(struct signals_watch *watch, atomic_bool *stop,
			struct error *error);
void signals_watch_end(struct signals_watch *watch);

#endif
