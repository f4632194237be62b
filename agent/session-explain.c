/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "agent/session.h"
#include "base/buffer.h"

/* "3 s", "12 min", "5 h", "2 d". */
static const char *age(int64_t usec, char *out, size_t size)
{
	int64_t seconds = usec < 0 ? 0 : usec / USEC_PER_SEC;

	if (seconds < 120)
		snprintf(out, size, "%lld s", (long long)seconds);
	else if (seconds < 7200)
		snprintf(out, size, "%lld min", (long long)(seconds / 60));
	else if (seconds < INT64_C(2) * 86400)
		snprintf(out, size, "%lld h", (long long)(seconds / 3600));
	else
		snprintf(out, size, "%lld d", (long long)(seconds / 86400));
	return out;
}

/* One word of a shell command: as it is, or in single quotes. */
static int add_word(struct buffer *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._-/:@%+,=";
	int r;

	if (*word && word[strspn(word, plain)] == '\0')
		return buffer_print(out, " %s", word);
	r = buffer_print(out, " '");
	for (; r == 0 && *word; word++)
		r = *word == '\'' ? buffer_print(out, "'\\''") : buffer_add(out, word, 1);
	return r == 0 ? buffer_print(out, "'") : r;
}

static int add_parameters(struct buffer *out, json_t *parameters)
{
	const char *name;
	json_t *value;
	int r = 0;

	json_object_foreach(parameters, name, value)
	{
		scoped(buffer_done) struct buffer word = BUFFER_WITH_LIMIT(512);

		if (r == 0)
			r = buffer_print(&word, "%s=%s", name, json_string_value(value));
		if (r == 0)
			r = add_word(out, word.bytes);
	}
	return r;
}

/* The command that asks for the same again; without parameters where too long. */
static void next_is_asking_again(const struct session *session, const char *profile,
				 struct error *error)
{
	scoped(buffer_done) struct buffer command = BUFFER_WITH_LIMIT(
	    sizeof(error->next) - 1);
	int r = buffer_print(&command, "jitctl request %s", profile);

	if (r == 0 && session)
		r = add_parameters(&command,
				   json_object_get(session->request, "parameters"));
	if (r == 0)
		error_next(error, "%s", command.bytes);
	else
		error_next(error, "jitctl request %s", profile);
}

static const char *first_of(const struct session *session, const char *key)
{
	json_t *list = json_object_get(session->request, key);
	const char *word = json_string_value(json_array_get(list, 0));

	return word ? word : "";
}

static const char *who_denied(const struct session *session)
{
	json_t *list = json_object_get(session->request, "decisions"), *decision;
	size_t i;

	json_array_foreach(list, i, decision)
	{
		const char *verdict = json_string_value(
		    json_object_get(decision, "verdict"));

		if (verdict && strcmp(verdict, "deny") == 0)
			return json_string_value(json_object_get(decision, "user"));
	}
	return NULL;
}

static int explain_pending(const struct session *session, struct error *error)
{
	const char *needed = first_of(session, "still_needed");
	int r = error_set(error, ERROR_PENDING, "%s: %s waits for approval%s%s",
			  session->profile, session->id, *needed ? ": " : "",
			  TEXT_ESCAPED(needed));

	error_next(error, "jitctl status");
	return r;
}

/* Somebody else's doing, in the broker's words. */
static bool has_telling_reason(const struct session *session)
{
	return strncmp(session->end_reason, "revoked", 7) == 0 ||
	       strncmp(session->end_reason, "AWS refused", 11) == 0;
}

int session_explain(const struct session *session, const char *profile,
		    const struct clock *clock, struct error *error)
{
	enum session_state state = session ? session->state : SESSION_ENDED;
	char ago[32] = "";
	const char *user;
	int r;

	if (state == SESSION_PENDING)
		return explain_pending(session, error);
	if (session)
		age(clock->boot_usec(clock->data) - session->over.boot_usec, ago,
		    sizeof(ago));
	if (!session) {
		r = error_set(error, ERROR_NO_SESSION, "%s: no session", profile);
	} else if (state == SESSION_DENIED) {
		user = who_denied(session);
		r = error_set(error, ERROR_DENIED, "%s: denied%s%s %s ago", profile,
			      user ? " by " : "", user ? TEXT_ESCAPED(user) : "", ago);
	} else if (state == SESSION_ENDED && has_telling_reason(session)) {
		r = error_set(error, ERROR_NO_SESSION, "%s: %s, %s ago", profile,
			      TEXT_ESCAPED(session->end_reason), ago);
	} else {
		r = error_set(error, ERROR_NO_SESSION, "%s: %s %s ago", profile,
			      session_state_name(state), ago);
	}
	next_is_asking_again(session, profile, error);
	return r;
}
