/* SPDX-License-Identifier: MIT */
#include "agent/credentials.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/call.h"
#include "agent/job.h"

/* The reply that goes before the document, its NUL included. */
#define REPLY_BEFORE_ID "{\"parameters\":{\"id\":\""
#define REPLY_AFTER_ID "\"}}"
#define BEFORE (sizeof(REPLY_BEFORE_ID) - 1)
#define REPLY_SIZE (BEFORE + ID_SIZE - 1 + sizeof(REPLY_AFTER_ID))
#define SCRATCH_SIZE (REPLY_SIZE + JOB_DOCUMENT_MAX)

int credentials_init(struct agent *agent)
{
	agent->scratch = (struct scratch){ .page = sodium_malloc(SCRATCH_SIZE) };
	if (!agent->scratch.page)
		return -ENOMEM;
	sodium_mprotect_noaccess(agent->scratch.page);
	return 0;
}

void credentials_done(struct agent *agent)
{
	credentials_conceal(agent);
	sodium_free(agent->scratch.page);
	agent->scratch.page = NULL;
}

bool credentials_are_good(const struct agent *agent, const struct session *session)
{
	return session_is_live(session) && session->vault.key &&
	       !instant_is_past(session->ends, agent->clock) &&
	       !instant_is_past(session->credentials_end, agent->clock);
}

static void open_for(struct agent *agent, struct secret *key)
{
	struct scratch *scratch = &agent->scratch;

	if (scratch->key == key)
		return;
	credentials_conceal(agent);
	(void)secret_reveal(key);
	sodium_mprotect_readwrite(scratch->page);
	scratch->key = key;
}

ssize_t credentials_reveal(struct agent *agent, const struct session *session,
			   const char **bytes)
{
	char *out = agent->scratch.page;
	int r;

	if (!session->vault.key)
		return -EAGAIN;
	open_for(agent, session->vault.key);
	memcpy(out, REPLY_BEFORE_ID, BEFORE);
	memcpy(out + BEFORE, session->id, ID_SIZE - 1);
	memcpy(out + BEFORE + ID_SIZE - 1, REPLY_AFTER_ID, sizeof(REPLY_AFTER_ID));
	r = vault_open(&session->vault, session->id, out + REPLY_SIZE);
	if (r < 0)
		return r;
	*bytes = out;
	return (ssize_t)(REPLY_SIZE + vault_length(&session->vault));
}

void credentials_wipe(struct agent *agent, size_t count)
{
	explicit_bzero(agent->scratch.page, count);
}

void credentials_conceal(struct agent *agent)
{
	struct scratch *scratch = &agent->scratch;

	if (!scratch->key)
		return;
	sodium_mprotect_noaccess(scratch->page);
	secret_conceal(scratch->key);
	scratch->key = NULL;
}

static int send_document(struct agent *agent, const struct session *session,
			 struct call *call)
{
	const char *bytes;
	ssize_t count = credentials_reveal(agent, session, &bytes);

	if (count >= 0) {
		call_send(call, bytes, (size_t)count);
		credentials_wipe(agent, (size_t)count);
	}
	return count < 0 ? (int)count : 0;
}

void credentials_answer(struct agent *agent, const struct session *session,
			struct waiters *waiters)
{
	struct error error;
	struct call *call;
	int r = 0;

	TAILQ_FOREACH(call, waiters, entry)
	if (r == 0)
		r = send_document(agent, session, call);
	credentials_conceal(agent);
	error_set(&error, ERROR_INTERNAL, "the sealed credentials do not open");
	while ((call = TAILQ_FIRST(waiters))) {
		TAILQ_REMOVE(waiters, call, entry);
		if (r == 0)
			call_close(call);
		else
			call_fail(call, &error);
	}
}

bool credentials_look_right(const char *bytes, size_t count)
{
	return count > 2 && count <= JOB_DOCUMENT_MAX && bytes[0] == '{' &&
	       bytes[count - 2] == '}' && memchr(bytes, '\n', count) == bytes + count - 1;
}
