/* SPDX-License-Identifier: MIT */
#ifndef BROKER_AUDIT_H
#define BROKER_AUDIT_H

#include <stdint.h>

#include "broker/store.h"

/*
 * The audit trail: every change and every refusal that matters is one row, written
 * in the transaction that it is about.
 */
enum audit_event {
	AUDIT_INVITED,
	AUDIT_ENROLLED,
	AUDIT_ENROLL_REFUSED,
	AUDIT_ASKED,
	AUDIT_DECIDED,  /* one decision */
	AUDIT_APPROVED, /* a session begins */
	AUDIT_DENIED,
	AUDIT_EXPIRED,
	AUDIT_WITHDRAWN,
	AUDIT_ENDED,
	AUDIT_REVOKED, /* ended by somebody else than its owner */
	AUDIT_GRANTED,
	AUDIT_REFUSED,         /* known, but not allowed */
	AUDIT_UNAUTHENTICATED, /* a call whose signature is no good */
	AUDIT_KEY_ROTATED,
	AUDIT_END_WRITTEN, /* AWS denies a session from a time on */
	AUDIT_END_EXACT,   /* ... from now on: revoked, or its end was put off for room */
	AUDIT_END_REMOVED, /* ... no more: its credentials are dead */
	AUDIT_END_FAILED,  /* AWS did not take it; it is tried again */
	AUDIT_END_PROVEN,  /* AWS was seen to refuse a session that was ended */
	AUDIT_END_UNPROVEN,   /* ... was not, and why */
	AUDIT_ROLE_MADE,      /* a role for one session */
	AUDIT_ROLE_READY,     /* ... that STS gives */
	AUDIT_ROLE_CLOSED,    /* ... that allows nothing any more */
	AUDIT_ROLE_DESTROYED, /* ... that is no more */
	AUDIT_ROLE_FAILED,    /* a call for one; AWS's words */
	AUDIT_ROLE_FOUND,     /* one of ours that no session has */
	AUDIT_EVENTS,
};

/* Where a change comes from: the call, or nothing for the broker itself. */
struct audit_origin {
	const char *user;     /* or NULL */
	const char *address;  /* or NULL */
	const char *evidence; /* JSON text of the signed call, or NULL */
};

/* "asked": as stored and shown. */
const char *audit_event_name(enum audit_event event);

/* Adds a row; request may be NULL.  0 or error_set(). */
int audit_note(struct transaction *transaction, const struct audit_origin *origin,
	       int64_t now_seconds, enum audit_event event, const char *request,
	       struct error *error, const char *format, ...)
    __attribute__((format(printf, 7, 8)));

#endif
