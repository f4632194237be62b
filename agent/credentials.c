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
	agent->scratch = sodium_malloc(SCRATCH_SIZE);
	if (!agent->scratch)
		return -ENOMEM;
	sodium_mprotect_noaccess(agent->scratch);
	return 0;
}

void credentials_done(struct agent *agent)
{
	sodium_free(agent->scratch);
	agent->scratch = NULL;
}

bool credentials_are_good(const struct agent *agent, const struct session *session)
{
	return session_is_live(session) && session->vault.key &&
	       !instant_is_past(session->ends, agent->clock) &&
	       !instant_is_past(session->credentials_end, agent->clock);
}

ssize_t credentials_reveal(struct agent *agent, const struct session *session,
			   const char **bytes)
{
	char *out = agent->scratch;
	int r;

	sodium_mprotect_readwrite(out);
	memcpy(out, REPLY_BEFORE_ID, BEFORE);
	memcpy(out + BEFORE, session->id, ID_SIZE - 1);
	memcpy(out + BEFORE + ID_SIZE - 1, REPLY_AFTER_ID, sizeof(REPLY_AFTER_ID));
	r = vault_open(&session->vault, session->id, out + REPLY_SIZE);
	if (r < 0) {
		sodium_mprotect_noaccess(out);
		return r;
	}
	*bytes = out;
	return (ssize_t)(REPLY_SIZE + vault_length(&session->vault));
}

void credentials_conceal(struct agent *agent, size_t count)
{
	explicit_bzero(agent->scratch, count);
	sodium_mprotect_noaccess(agent->scratch);
}

void credentials_answer(struct agent *agent, const struct session *session,
			struct call *call)
{
	const char *bytes;
	struct error error;
	ssize_t count = credentials_reveal(agent, session, &bytes);

	if (count < 0) {
		error_set(&error, ERROR_INTERNAL, "the sealed credentials do not open");
		call_fail(call, &error);
		return;
	}
	call_send(call, bytes, (size_t)count);
	credentials_conceal(agent, (size_t)count);
	call_close(call);
}

bool credentials_look_right(const char *bytes, size_t count)
{
	return count > 2 && count <= JOB_DOCUMENT_MAX && bytes[0] == '{' &&
	       bytes[count - 2] == '}' && memchr(bytes, '\n', count) == bytes + count - 1;
}
