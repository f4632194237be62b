/* SPDX-License-Identifier: MIT */
#ifndef BROKER_ACCEPTOR_H
#define BROKER_ACCEPTOR_H

#include <sys/socket.h>

#include "base/error.h"

/*
 * A thread that takes in connections and hands each on.  Where all threads that
 * answer wait on the listening socket themselves, a connection wakes every one of
 * them, and whichever is quickest has it, be it busy with others or not.
 */
struct acceptor;

/* Told of a connection, which is then its own to close. */
typedef void acceptor_taker(void *data, int fd, const struct sockaddr *peer,
			    socklen_t length);

/*
 * Takes from a listening socket that does not block, which stays the caller's.  0
 * and *acceptor, or error_set().
 */
int acceptor_start(int fd, acceptor_taker *hand_on, void *data,
		   struct acceptor **acceptor, struct error *error);

/* Takes no more from now on, and frees; takes NULL. */
void acceptor_stop(struct acceptor *acceptor);

#endif
