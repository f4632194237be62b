/* SPDX-License-Identifier: MIT */
#ifndef AGENT_UNLOCK_H
#define AGENT_UNLOCK_H

#include "base/error.h"
#include "base/secret.h"

/*
 * Gets the master key from its keystore by the keyring worker, then opens the
 * device key and the sealed sessions with it; and the way back.
 */
struct agent;

typedef void unlock_done(void *data,
			 const struct error *error); /* ERROR_NONE: unlocked */

/* After a start nobody waits for longer; Unlock may meet a prompt or Argon2id. */
#define UNLOCK_AT_START_MSEC 20000
#define UNLOCK_DEADLINE_MSEC 60000

/*
 * Begins; takes passphrase (NULL where none is needed).  Returns 0, and done is
 * called later; or error_set().
 */
int unlock_start(struct agent *agent, struct secret *passphrase, int64_t deadline_msec,
		 unlock_done *done, void *data, struct error *error);

/* Wipes the keys and kills every worker.  Returns 0 or error_set(). */
int unlock_undo(struct agent *agent, struct error *error);

/* Puts new keys to use: device key, sealed sessions, the broker's news. */
void unlock_use(struct agent *agent, struct secret *master, struct secret *device);

#endif
