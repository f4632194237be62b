/* SPDX-License-Identifier: MIT */
#ifndef AGENT_CREDENTIALS_H
#define AGENT_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "agent/waiters.h"

/*
 * The one place where a document is open in the agent: the scratch page, for
 * as long as it takes to write it to a socket.  Opening a page and closing it
 * again costs half as much as all the rest of a call, so calls that are
 * answered one right after the other have it opened once.
 */
struct agent;
struct secret;
struct session;

struct scratch {
	char *page;         /* sodium_malloc(), one answer; no access while closed */
	struct secret *key; /* revealed for as long as the page is open; else NULL */
};

/* Makes the scratch page.  Returns 0 or -ENOMEM. */
int credentials_init(struct agent *agent);
void credentials_done(struct agent *agent);

/* Whether there is a document that may be served now, by both clocks. */
bool credentials_are_good(const struct agent *agent, const struct session *session);

/*
 * Decrypts the whole answer, reply and document, into the scratch page.  Returns
 * its length with *bytes set until credentials_wipe(), or -errno.  The page and
 * the session's key are open from here to credentials_conceal(): nothing may
 * come in between but another answer.
 */
ssize_t credentials_reveal(struct agent *agent, const struct session *session,
			   const char **bytes);

/* After each answer, of so many bytes. */
void credentials_wipe(struct agent *agent, size_t count);

/* Closes the page and the key; fine where they are closed. */
void credentials_conceal(struct agent *agent);

/* Answers those calls with the session's document, and closes them. */
void credentials_answer(struct agent *agent, const struct session *session,
			struct waiters *waiters);

/* Whether bytes may be a document: one line of JSON, by its first and last byte. */
bool credentials_look_right(const char *bytes, size_t count);

#endif
