/* SPDX-License-Identifier: MIT */
#include "agent/worker-orders.h"

#include <errno.h>
#include <string.h>

/* How long a busy launcher is left alone. */
#define BUSY_SEC 0.02

static int launcher_source_run(void *data, uint32_t ticket, enum launcher_program program,
			       int stream)
{
	return launcher_run(data, ticket, program, stream);
}

static int launcher_source_kill(void *data, uint32_t ticket)
{
	return launcher_kill(data, ticket);
}

struct worker_source worker_source_launcher(struct launcher *launcher)
{
	return (struct worker_source){ launcher_source_run, launcher_source_kill,
				       launcher };
}

static void try_later(struct worker_orders *orders)
{
	if (orders->is_stopping || ev_is_active(&orders->busy))
		return;
	ev_timer_set(&orders->busy, BUSY_SEC, 0);
	ev_timer_start(orders->loop, &orders->busy);
}

static void on_busy_over(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct worker_orders *orders = timer->data;
	unsigned int given = 0;

	(void)loop;
	(void)events;
	while (given < orders->kill_count &&
	       orders->source.kill(orders->source.data, orders->kills[given]) != -EAGAIN)
		given++;
	orders->kill_count -= given;
	memmove(orders->kills, orders->kills + given,
		orders->kill_count * sizeof(orders->kills[0]));
	if (orders->kill_count > 0)
		try_later(orders);
	else
		orders->on_free(orders->data);
}

void worker_orders_init(struct worker_orders *orders, struct ev_loop *loop,
			struct worker_source source, void (*on_free)(void *data),
			void *data)
{
	*orders = (struct worker_orders){
		.loop = loop, .source = source, .on_free = on_free, .data = data
	};
	ev_init(&orders->busy, on_busy_over);
	orders->busy.data = orders;
}

bool worker_orders_may_run(const struct worker_orders *orders)
{
	return orders->kill_count == 0;
}

int worker_orders_run(struct worker_orders *orders, uint32_t ticket,
		      enum launcher_program program, int stream)
{
	int r = orders->source.run(orders->source.data, ticket, program, stream);

	if (r == -EAGAIN)
		try_later(orders);
	return r;
}

void worker_orders_kill(struct worker_orders *orders, uint32_t ticket)
{
	if (orders->kill_count == 0 &&
	    orders->source.kill(orders->source.data, ticket) != -EAGAIN)
		return;
	orders->kills[orders->kill_count++] = ticket;
	try_later(orders);
}

void worker_orders_stop(struct worker_orders *orders)
{
	orders->is_stopping = true;
	ev_timer_stop(orders->loop, &orders->busy);
}
