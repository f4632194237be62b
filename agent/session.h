/* SPDX-License-Identifier: MIT */
#ifndef AGENT_SESSION_H
#define AGENT_SESSION_H

#include <ev.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "agent/vault.h"
#include "agent/waiters.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/text.h"

/*
 * One's own requests and the sessions that come of them, in one table: they
 * share the id.  States only move forward; the last five are final, so an end
 * that was done here is never undone by what the broker says later.
 */
enum session_state {
	SESSION_PENDING,
	SESSION_FETCHING, /* live, no credentials yet */
	SESSION_READY,    /* live, credentials at hand */
	SESSION_FAILING,  /* live, the last fetch failed */
	SESSION_DENIED,   /* final from here */
	SESSION_EXPIRED,  /* nobody decided in time */
	SESSION_WITHDRAWN,
	SESSION_ENDED, /* was live */
};

#define SESSION_PROFILE_SIZE 65
#define SESSION_WORDS_SIZE 200

/* When the next credentials are fetched, and how often that failed. */
struct renewal {
	struct worker_job *job; /* the one fetch under way */
	struct ev_timer timer;
	struct ev_timer patience; /* of those who wait although the last one failed */
	unsigned int failures;
	struct error error; /* of the last fetch; ERROR_NONE when it went well */
	int64_t failed_boot_usec;
};

struct session {
	TAILQ_ENTRY(session) entry;
	struct agent *agent;
	char id[ID_SIZE];
	char profile[SESSION_PROFILE_SIZE];
	enum session_state state;
	json_t *request;     /* in the broker's words; "session" inside once approved */
	struct instant ends; /* where live: credentials are never served past it */
	struct instant over; /* where final: since when */
	char end_reason[SESSION_WORDS_SIZE];
	struct vault vault;
	int64_t credentials_expire_at;  /* seconds since 1970 */
	struct instant credentials_end; /* what their document says, on both clocks */
	struct renewal renewal;
	struct waiters waiters; /* calls that wait for the fetch */
	bool is_from_file;      /* sealed file not opened yet: the agent is locked */
};

TAILQ_HEAD(session_list, session);

/* How many the table holds; the oldest that is over goes first. */
#define SESSIONS_MAX 1024

/* How long one that is over is remembered: "ended 3 s ago". */
#define SESSION_REMEMBERED_USEC (3600 * USEC_PER_SEC)

struct sessions {
	struct session_list list; /* oldest first */
	unsigned int count;
};

void sessions_init(struct sessions *sessions);

/* Adds one with nothing but id and profile; NULL at the limit or out of memory. */
struct session *sessions_add(struct sessions *sessions, struct agent *agent,
			     const char *id, const char *profile);

/* Frees it; its job, timers and waiters must be gone. */
void sessions_remove(struct sessions *sessions, struct session *session);

struct session *sessions_find(const struct sessions *sessions, const char *id);

/* Of that profile: the live one that ends last, else NULL. */
struct session *sessions_find_live(const struct sessions *sessions, const char *profile);

/* Of that profile: a pending one, else the one over last, to the second, else NULL. */
struct session *sessions_find_not_live(const struct sessions *sessions,
				       const char *profile);

bool session_is_live(const struct session *session);
bool session_is_final(const struct session *session);

/* "fetching", "denied": as the interface names the state. */
const char *session_state_name(enum session_state state);

/* Whether it is over, and the broker still asks AWS whether that holds there. */
bool session_awaits_proof(const struct session *session);

/* Whether any session is pending or live, or awaits its proof. */
bool sessions_want_news(const struct sessions *sessions);

/*
 * Why there are no credentials for this profile: pending, denied, ended 3 s
 * ago, never asked for; with what to type next.  session may be NULL.  Returns
 * a negative errno, always.
 */
int session_explain(const struct session *session, const char *profile,
		    const struct clock *clock, struct error *error);

#endif
