/* SPDX-License-Identifier: MIT */
#ifndef AGENT_LAUNCHER_ORDER_H
#define AGENT_LAUNCHER_ORDER_H

#include <stdint.h>

/* What the core sends to the launcher: one packet an order. */
enum order_verb {
	ORDER_RUN, /* with one descriptor: the worker's stream */
	ORDER_KILL,
};

struct order {
	uint32_t verb;
	uint32_t program;
	uint32_t ticket;
};

/* Sends an order, and stream with it unless that is -1.  Returns 0 or -errno. */
int order_send(int fd, const struct order *order, int stream);

/*
 * Receives one.  Returns 1 and the stream (-1 if none came), 0 at the end,
 * -errno; -EBADMSG for a packet that is no order.  *stream is the caller's in
 * every case.
 */
int order_receive(int fd, struct order *order, int *stream);

#endif
