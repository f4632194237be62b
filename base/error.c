/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define WIRE "io.jitctl.Agent."

/* clang-format off */
static const struct {
	const char *name;
	const char *wire_name;
	int errnum;
	int http_status;
	int exit_status;
} kinds[ERROR_KINDS] = {
	[ERROR_NONE]            = { "none",            "",                     0,            200, 0 },
	[ERROR_INTERNAL]        = { "internal",        WIRE "Internal",        EIO,          500, 1 },
	[ERROR_USAGE]           = { "usage",           WIRE "Usage",           EINVAL,       400, 2 },
	[ERROR_NO_AGENT]        = { "no-agent",        WIRE "NoAgent",         ENOTCONN,     500, 3 },
	[ERROR_NOT_ENROLLED]    = { "not-enrolled",    WIRE "NotEnrolled",     ENOKEY,       401, 4 },
	[ERROR_LOCKED]          = { "locked",          WIRE "Locked",          EAGAIN,       500, 5 },
	[ERROR_NO_SESSION]      = { "no-session",      WIRE "NoSession",       ESRCH,        409, 6 },
	[ERROR_PENDING]         = { "pending",         WIRE "Pending",         EINPROGRESS,  409, 7 },
	[ERROR_DENIED]          = { "denied",          WIRE "Denied",          ECONNREFUSED, 409, 8 },
	[ERROR_UNREACHABLE]     = { "unreachable",     WIRE "Unreachable",     EHOSTUNREACH, 503, 9 },
	[ERROR_REFUSED_BY_AWS]  = { "refused-by-aws",  WIRE "RefusedByAws",    EPERM,        502, 10 },
	[ERROR_FORBIDDEN]       = { "forbidden",       WIRE "Forbidden",       EACCES,       403, 11 },
	[ERROR_LIMIT]           = { "limit",           WIRE "Limit",           EDQUOT,       429, 12 },
	[ERROR_NOT_FOUND]       = { "not-found",       WIRE "NotFound",        ENOENT,       404, 13 },
	[ERROR_UNAUTHENTICATED] = { "unauthenticated", WIRE "Unauthenticated", EKEYREJECTED, 401, 11 },
};
/* clang-format on */

/* No half of a character is left at the end: JSON could not say it. */
static void print_to(char *out, size_t size, const char *format, va_list arguments)
{
	vsnprintf(out, size, format, arguments);
	text_cut(out);
}

int error_set(struct error *error, enum error_kind kind, const char *format, ...)
{
	va_list arguments;

	if (error) {
		error->kind = kind;
		error->next[0] = '\0';
		va_start(arguments, format);
		print_to(error->text, sizeof(error->text), format, arguments);
		va_end(arguments);
	}
	return -kinds[kind].errnum;
}

void error_next(struct error *error, const char *format, ...)
{
	va_list arguments;

	if (!error)
		return;
	va_start(arguments, format);
	print_to(error->next, sizeof(error->next), format, arguments);
	va_end(arguments);
}

const char *error_sentence(const struct error *error, char *out, unsigned long size)
{
	if (error->next[0])
		snprintf(out, size, "%s; run: %s", error->text, error->next);
	else
		snprintf(out, size, "%s", error->text);
	return out;
}

const char *error_kind_name(enum error_kind kind)
{
	return kinds[kind].name;
}

enum error_kind error_kind_from_name(const char *name)
{
	for (enum error_kind kind = ERROR_NONE; kind < ERROR_KINDS; kind++)
		if (strcmp(kinds[kind].name, name) == 0)
			return kind;
	return ERROR_INTERNAL;
}

const char *error_wire_name(enum error_kind kind)
{
	return kinds[kind].wire_name;
}

enum error_kind error_from_wire_name(const char *name)
{
	for (enum error_kind kind = ERROR_NONE; kind < ERROR_KINDS; kind++)
		if (strcmp(kinds[kind].wire_name, name) == 0)
			return kind;
	return ERROR_INTERNAL;
}

int error_http_status(enum error_kind kind)
{
	return kinds[kind].http_status;
}

int error_exit_status(enum error_kind kind)
{
	return kinds[kind].exit_status;
}
