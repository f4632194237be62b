/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_WAIT_H
#define CLIENT_WAIT_H

#include <jansson.h>
#include <stdint.h>

#include "base/error.h"

/*
 * What a reply of Watch says about the request that is waited for.  Returns 1
 * when its credentials are ready, 0 when there is more to wait for (or it is
 * about something else), and -errno with error filled when it came to nothing.
 */
int wait_outcome(const json_t *change, const char *id, struct error *error);

/*
 * Waits until the session of that id is ready, at most timeout_seconds (0: as
 * long as it takes), and shows meanwhile who is still needed.  Returns 0 with
 * *session a new reference, or -errno with error filled: ERROR_PENDING when
 * the time is over.  The request goes on whatever happens here.
 */
int wait_for_session(const json_t *request, int64_t timeout_seconds, json_t **session,
		     struct error *error);

#endif
