/* SPDX-License-Identifier: MIT */
#ifndef AGENT_CONNECTION_H
#define AGENT_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

/*
 * One peer on the agent's socket.  Nothing here blocks.  A peer has one call
 * under way: the next one is read when the last answer has been written, so
 * neither calls nor answers pile up.  A connection that waits for nothing
 * holds no buffers.
 */
struct agent;
struct connection;

/* Answers that a peer has not read yet, at most; one that wants more is closed. */
#define CONNECTION_OUTPUT_MAX ((size_t)1024 * 1024)

void connections_init(struct agent *agent, unsigned int most);

/*
 * Takes fd, an accepted socket whose peer is known to be the user.  A call that
 * is there already and takes the short way (agent/fast.h) is answered before
 * anything is made for its peer, a place included; credentials_conceal() comes
 * after the last of those who are there.
 */
void connection_start(struct agent *agent, int fd);

void connections_done(struct agent *agent);

/* The rest is what agent/call.h answers calls by. */

struct agent *connection_agent(const struct connection *connection);

/* Writes text, which is taken and freed, or keeps it until it can; NULL closes. */
void connection_write(struct connection *connection, char *text);

/* The same within a call that goes on.  Returns false when the peer left. */
bool connection_write_and_stay(struct connection *connection, char *text);

/* Writes all of the bytes now, or nothing. */
void connection_send(struct connection *connection, const void *bytes, size_t count);

/* At once; what was not written yet is lost. */
void connection_close(struct connection *connection);

/* The call under way has had its last answer: the next one may begin. */
void connection_end_call(struct connection *connection);

#endif
