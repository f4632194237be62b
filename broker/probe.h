/* SPDX-License-Identifier: MIT */
#ifndef BROKER_PROBE_H
#define BROKER_PROBE_H

#include "aws/sts.h"
#include "broker/duties.h"
#include "broker/request.h"

/*
 * The broker itself becomes a session's role for one question to AWS, with a
 * grant that it signs for that alone.  CloudTrail shows who it was by the
 * name of the role's session, "probe-" and the request's id.
 */
#define PROBE_MS 5000 /* all tries of STS */

/* All borrowed. */
struct probe {
	const struct request *request; /* what the grant says; its ends_at bounds it */
	const char *session;           /* whose probe it is: the request's id */
	const char *policy;            /* of the role's session: all that it may do */
};

/*
 * Signs the grant and exchanges it.  *grant, the caller's to free, names it
 * for the audit, also where STS refused; what it was before is freed.  0 with
 * *credentials filled, or error_set() as sts_assume_role(), whose outcome->code
 * says what AWS's refusal is.
 */
int probe_assume(struct duty_site *site, const struct probe *probe,
		 struct sts_credentials *credentials, struct sts_outcome *outcome,
		 char **grant, struct error *error);

#endif
