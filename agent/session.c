/* SPDX-License-Identifier: MIT */
#include "agent/session.h"

#include <stdlib.h>
#include <string.h>

#include "agent/record.h"

/* clang-format off */
static const char *const state_names[] = {
	[SESSION_PENDING]   = "pending",
	[SESSION_FETCHING]  = "fetching",
	[SESSION_READY]     = "ready",
	[SESSION_FAILING]   = "failing",
	[SESSION_DENIED]    = "denied",
	[SESSION_EXPIRED]   = "expired",
	[SESSION_WITHDRAWN] = "withdrawn",
	[SESSION_ENDED]     = "ended",
};
/* clang-format on */

void sessions_init(struct sessions *sessions)
{
	TAILQ_INIT(&sessions->list);
	sessions->count = 0;
}

bool session_is_live(const struct session *session)
{
	return session->state == SESSION_FETCHING || session->state == SESSION_READY ||
	       session->state == SESSION_FAILING;
}

bool session_is_final(const struct session *session)
{
	return session->state >= SESSION_DENIED;
}

const char *session_state_name(enum session_state state)
{
	return state_names[state];
}

static struct session *oldest_final(const struct sessions *sessions)
{
	struct session *session;

	TAILQ_FOREACH(session, &sessions->list, entry)
	if (session_is_final(session))
		return session;
	return NULL;
}

struct session *sessions_add(struct sessions *sessions, struct agent *agent,
			     const char *id, const char *profile)
{
	struct session *session = NULL;

	if (strlen(id) >= ID_SIZE || strlen(profile) >= SESSION_PROFILE_SIZE)
		return NULL;
	if (sessions->count >= SESSIONS_MAX) {
		struct session *oldest = oldest_final(sessions);

		if (!oldest)
			return NULL;
		sessions_remove(sessions, oldest);
	}
	session = calloc(1, sizeof(*session));
	if (!session)
		return NULL;
	session->agent = agent;
	memcpy(session->id, id, strlen(id) + 1);
	memcpy(session->profile, profile, strlen(profile) + 1);
	TAILQ_INIT(&session->waiters);
	TAILQ_INSERT_TAIL(&sessions->list, session, entry);
	sessions->count++;
	return session;
}

void sessions_remove(struct sessions *sessions, struct session *session)
{
	TAILQ_REMOVE(&sessions->list, session, entry);
	sessions->count--;
	vault_done(&session->vault);
	json_decref(session->request);
	free(session);
}

struct session *sessions_find(const struct sessions *sessions, const char *id)
{
	struct session *session;

	TAILQ_FOREACH(session, &sessions->list, entry)
	if (strcmp(session->id, id) == 0)
		return session;
	return NULL;
}

struct session *sessions_find_live(const struct sessions *sessions, const char *profile)
{
	struct session *session, *best = NULL;

	TAILQ_FOREACH(session, &sessions->list, entry)
	if (session_is_live(session) && strcmp(session->profile, profile) == 0 &&
	    (!best || session->ends.wall_usec > best->ends.wall_usec))
		best = session;
	return best;
}

/* The broker tells of an end to the second: within one, what was asked later. */
#define GRAIN_USEC USEC_PER_SEC

struct session *sessions_find_not_live(const struct sessions *sessions,
				       const char *profile)
{
	struct session *session, *best = NULL;

	TAILQ_FOREACH(session, &sessions->list, entry)
	{
		if (session_is_live(session) || strcmp(session->profile, profile) != 0)
			continue;
		if (session->state == SESSION_PENDING)
			return session;
		if (!best || session->over.boot_usec + GRAIN_USEC > best->over.boot_usec)
			best = session;
	}
	return best;
}

bool session_awaits_proof(const struct session *session)
{
	const json_t *approved = json_object_get(session->request, "session");

	return session->state == SESSION_ENDED &&
	       strcmp(record_string(approved, "proof"), "awaited") == 0;
}

bool sessions_want_news(const struct sessions *sessions)
{
	struct session *session;

	TAILQ_FOREACH(session, &sessions->list, entry)
	if (!session_is_final(session) || session_awaits_proof(session))
		return true;
	return false;
}
