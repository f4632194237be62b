/* SPDX-License-Identifier: MIT */
#ifndef AGENT_JOB_H
#define AGENT_JOB_H

#include "base/job.h"

/*
 * What passes between the core and a worker: one job, one answer, then the
 * worker exits.  Both are framed as base/job.h says; the worker finds the
 * stream as its descriptors 0 and 1 (one socket).
 *
 * An answer is either {"error": {"kind", "message", "next", "retry"?},
 * "payload": 0}, retry being the seconds after which trying again may help
 * (absent: never), or what the job says:
 *
 * fetch, job "call": {"job": "call", "method", "url", "headers": {NAME: VALUE},
 *	"body": TEXT or null, "ca_file": PATH or "", "deadline_ms": N, "payload": 0}
 *	-> {"status": N, "date": seconds or 0, "payload": N} and the body as
 *	payload.  HTTP statuses are answers, not errors.
 *
 * fetch, job "credentials": {"job": "credentials", "grant": {a "call" without
 *	"job" and "payload"}, "sts_url": URL or "", "deadline_ms": N,
 *	"payload": 0}: gets the grant from the broker, exchanges it at STS,
 *	renders the credential_process document.
 *	-> {"credentials_expire_at": seconds, "access_key_id": ID,
 *	"clock_skew_seconds": N, "payload": N} and the document, one line with
 *	its newline, as payload.
 *	The document's Expiration is min(STS expiry, session end) less 30 s.
 *	clock_skew_seconds is how far AWS's clock is ahead of ours (0 if it did
 *	not say).  A private STS (sts_url) is trusted through the call's ca_file,
 *	AWS's own through the system's certificates.  A failure with "retry"
 *	needs a newly signed call: a nonce counts once.
 *
 * keyring: see keystore/keystore.h.
 */
/* A document's Expiration is this much before the end of what it holds. */
#define JOB_MARGIN_SECONDS 30

#define JOB_DOCUMENT_MAX ((size_t)8 * 1024) /* a credential_process document */

#endif
