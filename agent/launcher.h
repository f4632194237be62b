/* SPDX-License-Identifier: MIT */
#ifndef AGENT_LAUNCHER_H
#define AGENT_LAUNCHER_H

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * Starts workers for the core.  It is forked first, before there is a key or
 * a sandbox: a process's sandbox binds its children, so the core, which may
 * use no network, could not start a worker that does.  The launcher never
 * holds a secret and reads nothing but the core's fixed-size orders.
 *
 * It dies with the core, and its workers die with it (PR_SET_PDEATHSIG).  When
 * it dies first the core leaves too: a fresh one could only be forked from a
 * process that holds keys.
 */
enum launcher_program {
	LAUNCHER_FETCH,
	LAUNCHER_KEYRING,
};

/* How many workers run at the same time at most. */
#define LAUNCHER_WORKERS_MAX 16

struct launcher {
	int fd; /* SOCK_SEQPACKET, non-blocking; end of file when it died */
	pid_t pid;
};

/*
 * Forks the launcher; workers are looked for in directory.  Returns 0, or
 * error_set().  The descriptor is the caller's.
 */
int launcher_fork(const char *directory, struct launcher *launcher, struct error *error);

/*
 * Starts a program with stream as its descriptors 0 and 1; the stream stays
 * the caller's to close.  The ticket names the worker from then on.  Returns
 * 0 or -errno; a program that cannot start shows as the end of the stream.
 */
int launcher_run(const struct launcher *launcher, uint32_t ticket,
		 enum launcher_program program, int stream);

/* Kills that worker, if it still runs. */
int launcher_kill(const struct launcher *launcher, uint32_t ticket);

#endif
