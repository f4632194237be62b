/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_LIVE_H
#define CLIENT_LIVE_H

#include <stdbool.h>

#include "client/interrupt.h"

/*
 * One line on the terminal that standard error is, written over in place,
 * and gone when the process ends, by whatever signal.  Where standard error
 * is no terminal nothing is shown.
 */
struct live {
	bool is_terminal;
	bool is_shown;
	struct interrupt interrupt;
};

struct live live_open(void);

/* Shows text, cut to the terminal's width.  Expects it printable. */
void live_show(struct live *live, const char *text);

/* Waits until fd is readable, timeout_ms is over or a signal was dealt with. */
void live_wait(struct live *live, int fd, int timeout_ms);

void live_done(struct live *live);

#endif
