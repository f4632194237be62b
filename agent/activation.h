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

/* Sends "READY=1" or another state, if $NOTIFY_SOCKET is set.  0 or -errno. */
int activation_notify(const char *state);

#endif
