/* SPDX-License-Identifier: MIT */
#ifndef AGENT_ACTIVATION_H
#define AGENT_ACTIVATION_H

#include "base/error.h"

/*
 * What systemd tells a service, without libsystemd: the socket that it passed
 * (sd_listen_fds(3)) and the datagram it wants back (sd_notify(3)).
 */

/*
 * Takes the passed socket: LISTEN_PID is this process, LISTEN_FDS is 1, and it
 * is an AF_UNIX stream that listens; it becomes non-blocking and
 * close-on-exec.  *fd is -1 where nothing was passed to this process.  The
 * variables are unset.  Returns 0, or error_set() for anything else that was.
 */
int activation_take(int *fd, struct error *error);

/*
 * A descriptor for activation_notify(), or -1 where nobody wants to be told.
 * Opened early: the sandbox allows no new socket.
 */
int activation_notify_open(void);

/* Sends "READY=1" or another state; does nothing with -1. */
void activation_notify(int fd, const char *state);

#endif
