/* SPDX-License-Identifier: MIT */
#ifndef AGENT_CREDENTIALS_H
#define AGENT_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * The one place where a document is open in the agent: the scratch page, for
 * as long as it takes to write it to a socket.
 */
struct agent;
struct session;
struct call;

/* Makes the scratch page.  Returns 0 or -ENOMEM. */
int credentials_init(struct agent *agent);
void credentials_done(struct agent *agent);

/* Whether there is a document that may be served now, by both clocks. */
bool credentials_are_good(const struct agent *agent, const struct session *session);

/*
 * Opens the whole answer, reply and document, into the scratch page.  Returns
 * its length with *bytes set until credentials_conceal(), or -errno.
 */
ssize_t credentials_reveal(struct agent *agent, const struct session *session,
			   const char **bytes);
void credentials_conceal(struct agent *agent, size_t count);

/* Answers a call with the session's document, and closes it. */
void credentials_answer(struct agent *agent, const struct session *session,
			struct call *call);

/* Whether bytes may be a document: one line of JSON, by its first and last byte. */
bool credentials_look_right(const char *bytes, size_t count);

#endif
