/* SPDX-License-Identifier: MIT */
#ifndef AGENT_RENEWAL_H
#define AGENT_RENEWAL_H

#include "agent/session.h"

/*
 * How a session gets its credentials, and new ones in time: one fetch at a
 * time however many callers wait, all of whom get its result; the next one in
 * the background; after a failure again with backoff where that may help.
 */
void renewal_init(struct session *session);

/*
 * When to renew credentials got at now whose document says expire_at, for a session
 * that ends at ends_at (all seconds since 1970): at half their life or 16 min
 * before they expire, whichever comes first, but not within their first
 * quarter.  INT64_MAX where the session does not outlast them.
 */
int64_t renewal_time(int64_t now, int64_t expire_at, int64_t ends_at);

/* Seconds until the next try after that many failures in a row, without jitter. */
int64_t renewal_backoff(unsigned int failures);

/* Fetches now if there are no credentials, else sets the timer. */
void renewal_plan(struct agent *agent, struct session *session);

/*
 * Has a call wait for the fetch under way, which begins if there is none.  Where
 * the last one failed it is told why after a while: jit-credentials leaves
 * after 3 s, and would know nothing.
 */
void renewal_wait(struct agent *agent, struct session *session, struct call *call);

/* Why the last fetch failed, and for which profile.  Returns a negative errno. */
int renewal_explain(const struct session *session, struct error *error);

/* Tells everybody who waits. */
void renewal_fail_waiters(struct session *session, const struct error *error);

/* Kills the fetch under way and stops the timer. */
void renewal_stop(struct session *session);

#endif
