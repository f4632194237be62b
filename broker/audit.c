/* SPDX-License-Identifier: MIT */
#include "broker/audit.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

#define TEXT_SIZE 1024

/* clang-format off */
static const char *const names[AUDIT_EVENTS] = {
	[AUDIT_INVITED]         = "invited",
	[AUDIT_ENROLLED]        = "enrolled",
	[AUDIT_ENROLL_REFUSED]  = "enroll-refused",
	[AUDIT_ASKED]           = "asked",
	[AUDIT_DECIDED]         = "decided",
	[AUDIT_APPROVED]        = "approved",
	[AUDIT_DENIED]          = "denied",
	[AUDIT_EXPIRED]         = "expired",
	[AUDIT_WITHDRAWN]       = "withdrawn",
	[AUDIT_ENDED]           = "ended",
	[AUDIT_REVOKED]         = "revoked",
	[AUDIT_GRANTED]         = "granted",
	[AUDIT_REFUSED]         = "refused",
	[AUDIT_UNAUTHENTICATED] = "unauthenticated",
	[AUDIT_KEY_ROTATED]     = "key-rotated",
	[AUDIT_END_WRITTEN]     = "end-written",
	[AUDIT_END_EXACT]       = "end-exact",
	[AUDIT_END_REMOVED]     = "end-removed",
	[AUDIT_END_FAILED]      = "end-failed",
	[AUDIT_END_PROVEN]      = "end-proven",
	[AUDIT_END_UNPROVEN]    = "end-unproven",
	[AUDIT_ROLE_MADE]       = "role-made",
	[AUDIT_ROLE_READY]      = "role-ready",
	[AUDIT_ROLE_CLOSED]     = "role-closed",
	[AUDIT_ROLE_DESTROYED]  = "role-destroyed",
	[AUDIT_ROLE_FAILED]     = "role-failed",
	[AUDIT_ROLE_FOUND]      = "role-found",
};
/* clang-format on */

const char *audit_event_name(enum audit_event event)
{
	return names[event];
}

int audit_note(struct transaction *transaction, const struct audit_origin *origin,
	       int64_t now_seconds, enum audit_event event, const char *request,
	       struct error *error, const char *format, ...)
{
	char text[TEXT_SIZE];
	struct audit_entry entry = {
		.at_seconds = now_seconds,
		.event = names[event],
		.user = origin->user,
		.request = request,
		.address = origin->address,
		.text = text,
		.evidence = origin->evidence,
	};
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	text_cut(text);
	return store_audit_add(transaction, &entry, error);
}
