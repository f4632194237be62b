/* SPDX-License-Identifier: MIT */
#ifndef AGENT_FAST_H
#define AGENT_FAST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/*
 * The short way for the one call that is made by the thousand: GetCredentials
 * in exactly the bytes that jit-credentials sends, for credentials that are at
 * hand.  Everything else takes the general way, so this one may be strict.
 */
struct agent;

#define FAST_NAME_SIZE 65

struct fast_call {
	bool is_by_id;
	char name[FAST_NAME_SIZE]; /* the profile, or the session's id */
};

/* Whether bytes are exactly one such call, its NUL included. */
bool fast_parse(const char *bytes, size_t count, struct fast_call *call);

/*
 * Answers such a call on fd, whole, and returns true; the caller closes.
 * Returns false, with nothing sent, where it takes the general way.  Before
 * anything but another such call comes credentials_conceal().
 */
bool fast_serve(struct agent *agent, int fd, const char *bytes, size_t count);

#endif
