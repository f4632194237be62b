/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "agent/agent.h"
#include "agent/lifecycle.h"
#include "agent/record.h"
#include "agent/renewal.h"
#include "agent/session-file.h"
#include "base/json.h"
#include "base/log.h"
#include "keystore/keystore.h"

/* What happens to sessions as the master key comes and goes: locks, restarts. */

void lifecycle_lock(struct agent *agent)
{
	struct session *session;
	struct error error;

	error_set(&error, ERROR_LOCKED, "the agent was locked");
	error_next(&error, "jitctl unlock");
	TAILQ_FOREACH(session, &agent->sessions.list, entry)
	{
		renewal_stop(session);
		renewal_fail_waiters(session, &error);
		vault_lock(&session->vault);
	}
}

/* After a start: the document is still in its file only. */
static int open_file(struct agent *agent, struct session *session)
{
	scoped(secret_freep) struct secret *document = NULL;
	scoped(secret_concealp) struct secret *open = NULL;
	int r = session_file_open(agent->runtime_path, session, agent->keys.master,
				  &document);
	const char *bytes;

	if (r < 0)
		return r;
	session->is_from_file = false;
	open = document;
	bytes = secret_reveal(document);
	if (vault_put(&session->vault, session->id, bytes, secret_length(document),
		      agent->keys.master) < 0)
		return -ENOMEM;
	/* The vault has a new key, so the file must have it too. */
	return session_file_write(agent->runtime_path, session, bytes,
				  secret_length(document), NULL);
}

static void unlock_one(struct agent *agent, struct session *session)
{
	int r = session->is_from_file
		    ? open_file(agent, session)
		    : vault_unlock(&session->vault, session->id, agent->keys.master);

	if (r < 0) {
		log_warning("%s: the sealed credentials do not open; they are fetched "
			    "again",
			    session->id);
		lifecycle_destroy_credentials(agent, session);
	}
	lifecycle_settle(agent, session);
	renewal_plan(agent, session);
}

void lifecycle_unlock(struct agent *agent)
{
	struct session *session;

	lifecycle_sweep(agent);
	TAILQ_FOREACH(session, &agent->sessions.list, entry)
	if (session_is_live(session))
		unlock_one(agent, session);
	lifecycle_sweep(agent);
}

/* Whether there can ever be a key again that opens them. */
static bool may_open(const struct agent *agent)
{
	const struct keystore_traits *traits = keystore_traits_find(
	    agent->settings.keystore);

	return traits && traits->survives;
}

static void load_one(void *data, const char *id, const char *path)
{
	struct agent *agent = data;
	json_auto_t *header = NULL;
	struct session *session = NULL;

	if (may_open(agent) && session_file_peek(path, &header) == 0)
		session = sessions_add(
		    &agent->sessions, agent, id,
		    record_string(json_object_get(header, "request"), "profile"));
	if (session)
		renewal_init(session);
	if (!session || session_file_fill(session, header) < 0) {
		session_file_destroy(agent->runtime_path, id);
		if (session)
			sessions_remove(&agent->sessions, session);
		return;
	}
	session->state = SESSION_FETCHING;
	session->is_from_file = true;
	if (ended_has(&agent->ended, id))
		lifecycle_end(agent, session, SESSION_ENDED, "ended here");
}

void lifecycle_load(struct agent *agent)
{
	session_file_each(agent->runtime_path, load_one, agent);
	lifecycle_sweep(agent);
}
