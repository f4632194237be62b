/* SPDX-License-Identifier: MIT */
#ifndef AGENT_LISTENER_H
#define AGENT_LISTENER_H

#include <ev.h>
#include <stdbool.h>
#include <sys/types.h>
#include <sys/un.h>

#include "base/error.h"

/*
 * The listening socket: systemd's, by the strict rules of sd_listen_fds(3), or
 * our own.  A peer of another uid, root included, is closed before a byte of
 * it is read.
 */
struct agent;

struct listener {
	struct ev_io io;
	struct ev_timer pause;  /* descriptors ran out: try again later */
	int lock;               /* held while this agent uses the runtime directory */
	struct sockaddr_un own; /* sun_path is "" where systemd made the socket */
};

/*
 * Makes sure that no other agent uses the runtime directory, by a lock that
 * the kernel drops when its holder dies.  Returns 0, or error_set().
 */
int listener_lock(struct listener *listener, const char *runtime_path,
		  struct error *error);

/*
 * Takes the socket that systemd passed (LISTEN_PID is ours, LISTEN_FDS is 1, an
 * AF_UNIX stream that listens), or else makes one at address with mode 0600,
 * in place of one on which nobody answers.  The variables are unset in either
 * case.  Peers may connect from then on; nobody accepts yet.  Returns 0 or
 * error_set().
 */
int listener_open(struct listener *listener, struct error *error);

/* Begins to accept. */
void listener_start(struct agent *agent);

/* Whether the peer of an accepted socket has that uid. */
bool listener_peer_is(int fd, uid_t uid);

/* Stops, closes, and removes the socket if it is our own. */
void listener_done(struct agent *agent);

#endif
