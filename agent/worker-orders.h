/* SPDX-License-Identifier: MIT */
#ifndef AGENT_WORKER_ORDERS_H
#define AGENT_WORKER_ORDERS_H

#include <ev.h>
#include <stdbool.h>
#include <stdint.h>

#include "agent/launcher.h"

/*
 * Orders to a launcher that may be too busy for one.  A kill is never lost, and
 * goes before any later run; whoever wants to run one comes back.
 */

/*
 * Where workers come from: the launcher, or a test.  Both return 0 or -errno;
 * -EAGAIN for a source that is busy: the order is given again a little later.
 */
struct worker_source {
	int (*run)(void *data, uint32_t ticket, enum launcher_program program,
		   int stream);
	int (*kill)(void *data, uint32_t ticket);
	void *data;
};

/* The launcher as a source of workers; it must outlive them. */
struct worker_source worker_source_launcher(struct launcher *launcher);

struct worker_orders {
	struct ev_loop *loop;
	struct worker_source source;
	uint32_t kills[LAUNCHER_WORKERS_MAX]; /* that it was too busy for */
	unsigned int kill_count;
	struct ev_timer busy;
	void (*on_free)(void *data);
	void *data;
	bool is_stopping;
};

/* on_free(data) is called a little after a run that came to -EAGAIN, or a kill. */
void worker_orders_init(struct worker_orders *orders, struct ev_loop *loop,
			struct worker_source source, void (*on_free)(void *data),
			void *data);

/* Whether no kill has to go first. */
bool worker_orders_may_run(const struct worker_orders *orders);

/* As launcher_run().  -EAGAIN: not now. */
int worker_orders_run(struct worker_orders *orders, uint32_t ticket,
		      enum launcher_program program, int stream);

/* Of one that ran; there are at most LAUNCHER_WORKERS_MAX between two on_free(). */
void worker_orders_kill(struct worker_orders *orders, uint32_t ticket);

/* Nobody comes back from now on: what still runs dies with the launcher. */
void worker_orders_stop(struct worker_orders *orders);

#endif
