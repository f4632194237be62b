/* SPDX-License-Identifier: MIT */
#ifndef AGENT_LIFECYCLE_H
#define AGENT_LIFECYCLE_H

#include <jansson.h>

#include "agent/session.h"

/*
 * How requests become sessions and sessions end.  Every change of a state goes
 * through here, so that ends are wiped, files follow, watchers are told and
 * the alarm is set.
 */

/*
 * Takes in what the broker says of one request (checked here; date is the
 * broker's clock in seconds, 0 where unknown).  *session (may be NULL) is the
 * row it belongs to.  Returns 0, or error_set() with nothing changed.
 */
int lifecycle_apply(struct agent *agent, json_t *request, int64_t date,
		    struct session **session, struct error *error);

/*
 * Takes credentials that were fetched; they are sealed, written and served
 * from then on.  skew is how many seconds AWS's clock, by which expire_at is
 * meant, is ahead of ours.  Returns 0 or error_set(); the former ones then stay.
 */
int lifecycle_put(struct agent *agent, struct session *session, const char *document,
		  size_t length, int64_t expire_at, int64_t skew, struct error *error);

/* The state of a live session, by whether it has credentials and an error. */
void lifecycle_settle(struct agent *agent, struct session *session);

/*
 * The end of a pending or live one, whoever says so: its key is destroyed,
 * then its file; who waits for it is told.  Does nothing to a final one.
 */
void lifecycle_end(struct agent *agent, struct session *session, enum session_state state,
		   const char *reason);

/* Wipes what is held for a session that goes on: its key, then its file. */
void lifecycle_destroy_credentials(struct agent *agent, struct session *session);

/* Ends what is over by either clock, forgets what was over an hour ago. */
void lifecycle_sweep(struct agent *agent);

/* Forgets every session and wipes it, files included; for a new enrolment. */
void lifecycle_forget_all(struct agent *agent);

/* Frees everything in memory; the files stay. */
void lifecycle_done(struct agent *agent);

/* Locks every vault, or opens them again with the master key and the files. */
void lifecycle_lock(struct agent *agent);
void lifecycle_unlock(struct agent *agent);

/*
 * Reads what the runtime directory holds, after a start; sealed still.  What the
 * keystore's kind says will never open again is wiped.
 */
void lifecycle_load(struct agent *agent);

/* --- between the files of this module ------------------------------------------- */

/* What follows a change: the alarm is set, watchers and the broker's news too. */
void lifecycle_changed(struct agent *agent, struct session *session);

/*
 * Ends one that is past its time.  One clock alone may be wrong, and set right
 * later: what it has ended stays so over a restart too, and the broker is told.
 */
void lifecycle_end_by_time(struct agent *agent, struct session *session);

/* Whether two clocks differ by more than calls on the way explain. */
bool lifecycle_is_notable(int64_t skew_seconds);

#endif
