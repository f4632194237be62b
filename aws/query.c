/* SPDX-License-Identifier: MIT */
#include "aws/query.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "aws/xml.h"
#include "base/text.h"

/* RFC 3986's unreserved characters stand for themselves. */
static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				 "0123456789-_.~";

static int add_encoded(struct buffer *form, const char *text)
{
	int r = 0;

	while (r == 0 && *text) {
		size_t plain = strspn(text, unreserved);

		if (plain > 0)
			r = buffer_add(form, text, plain);
		else
			r = buffer_print(form, "%%%02X", (unsigned char)*text);
		text += plain ? plain : 1;
	}
	return r;
}

int query_add(struct buffer *form, const char *name, const char *value)
{
	int r = form->used > 0 ? buffer_add(form, "&", 1) : 0;

	if (r == 0)
		r = add_encoded(form, name);
	if (r == 0)
		r = buffer_add(form, "=", 1);
	return r == 0 ? add_encoded(form, value) : r;
}

int query_add_integer(struct buffer *form, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)value);
	return query_add(form, name, text);
}

/* clang-format off */
static const struct {
	const char *code;
	enum query_action action;
} codes[] = {
	{ "Throttling",               QUERY_RETRY },
	{ "ThrottlingException",      QUERY_RETRY },
	{ "ThrottledException",       QUERY_RETRY },
	{ "RequestThrottled",         QUERY_RETRY },
	{ "RequestThrottledException", QUERY_RETRY },
	{ "RequestLimitExceeded",     QUERY_RETRY },
	{ "TooManyRequestsException", QUERY_RETRY },
	{ "SlowDown",                 QUERY_RETRY },
	{ "BandwidthLimitExceeded",   QUERY_RETRY },
	{ "PriorRequestNotComplete",  QUERY_RETRY },
	{ "RequestTimeout",           QUERY_RETRY },
	{ "ServiceUnavailable",       QUERY_RETRY },
	{ "InternalFailure",          QUERY_RETRY },
	{ "InternalError",            QUERY_RETRY },
	{ "IDPCommunicationError",    QUERY_RETRY },
	{ "ConcurrentModification",   QUERY_RETRY },
	{ "ExpiredTokenException",    QUERY_NEW_TOKEN },
	{ "ExpiredToken",             QUERY_NEW_TOKEN },
};
/* clang-format on */

static enum query_action action_for(int status, const char *code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (strcmp(codes[i].code, code) == 0)
			return codes[i].action;
	return status >= 500 || status == 429 ? QUERY_RETRY : QUERY_GIVE_UP;
}

/* The code is all that matters: a message of any length leaves it standing. */
static int take_refusal(void *data, const char *path, const char *text)
{
	struct query_refusal *refusal = data;

	if (xml_path_ends(path, "Error/Code")) {
		if (refusal->code[0] || strlen(text) >= sizeof(refusal->code))
			return -EBADMSG;
		memcpy(refusal->code, text, strlen(text) + 1);
	} else if (xml_path_ends(path, "Error/Message")) {
		snprintf(refusal->message, sizeof(refusal->message), "%s", text);
		text_cut(refusal->message);
	}
	return 0;
}

void query_refusal_read(int status, const char *body, size_t length,
			struct query_refusal *refusal)
{
	memset(refusal, 0, sizeof(*refusal));
	if (xml_read(body, length, take_refusal, refusal, NULL) < 0)
		memset(refusal, 0, sizeof(*refusal));
	refusal->action = action_for(status, refusal->code);
}

int query_refusal_error(const char *service, int status,
			const struct query_refusal *refusal, struct error *error)
{
	if (!refusal->code[0])
		return error_set(error, ERROR_UNREACHABLE,
				 "%s answered with status %d and no reason", service,
				 status);
	return error_set(error, ERROR_REFUSED_BY_AWS, "%s refused: %s%s%s", service,
			 TEXT_ESCAPED(refusal->code), refusal->message[0] ? ": " : "",
			 TEXT_ESCAPED(refusal->message));
}
