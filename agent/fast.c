/* SPDX-License-Identifier: MIT */
#include "agent/fast.h"

#include <string.h>
#include <sys/socket.h>

#include "agent/agent.h"
#include "agent/credentials.h"

#define BEFORE "{\"method\":\"io.jitctl.Agent.GetCredentials\",\"parameters\":{\""
#define AFTER "\"},\"upgrade\":true}"

/* Moves *rest past text if it starts with that. */
static bool skip(const char **rest, size_t *left, const char *text, size_t length)
{
	if (*left < length || memcmp(*rest, text, length) != 0)
		return false;
	*rest += length;
	*left -= length;
	return true;
}

#define SKIP(text) skip(&bytes, &count, text, sizeof(text) - 1)

bool fast_parse(const char *bytes, size_t count, struct fast_call *call)
{
	const char *end;
	size_t length;

	if (!SKIP(BEFORE))
		return false;
	call->is_by_id = SKIP("session\":\"");
	if (!call->is_by_id && !SKIP("profile\":\""))
		return false;
	end = memchr(bytes, '"', count);
	length = end ? (size_t)(end - bytes) : 0;
	if (length == 0 || length >= sizeof(call->name))
		return false;
	memcpy(call->name, bytes, length);
	call->name[length] = '\0';
	bytes += length;
	count -= length;
	/* A name needs no escapes, and has none; nor a NUL, which ends a call. */
	return count == sizeof(AFTER) && memcmp(bytes, AFTER, count) == 0 &&
	       strlen(call->name) == length && text_is_name(call->name);
}

static const struct session *find(const struct agent *agent, const struct fast_call *call)
{
	return call->is_by_id ? sessions_find(&agent->sessions, call->name)
			      : sessions_find_live(&agent->sessions, call->name);
}

static bool answer(struct agent *agent, int fd, const struct fast_call *call)
{
	const struct session *session = find(agent, call);
	const char *bytes;
	ssize_t count;

	if (!session || !credentials_are_good(agent, session))
		return false;
	count = credentials_reveal(agent, session, &bytes);
	if (count < 0)
		return false;
	(void)!send(fd, bytes, (size_t)count, MSG_NOSIGNAL | MSG_DONTWAIT);
	credentials_wipe(agent, (size_t)count);
	return true;
}

bool fast_serve(struct agent *agent, int fd, const char *bytes, size_t count)
{
	struct fast_call call;

	return fast_parse(bytes, count, &call) && answer(agent, fd, &call);
}
