/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_INTERRUPT_H
#define CLIENT_INTERRUPT_H

#include <signal.h>

/*
 * Signals that end or stop the process, held back while a terminal is in a
 * state that must be put right first.
 */
struct interrupt {
	int fd; /* readable when one came; -1 if that cannot be had */
	sigset_t held;
	sigset_t before;
};

/* Holds SIGINT, SIGTERM, SIGHUP, SIGQUIT and SIGTSTP back, unless ignored. */
struct interrupt interrupt_open(void);

/*
 * Lets the signal that came have its way, once the terminal is right.
 * Returns if the process was stopped and goes on; then they are held again.
 */
void interrupt_deliver(const struct interrupt *interrupt);

void interrupt_done(struct interrupt *interrupt);

#endif
