/* SPDX-License-Identifier: MIT */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/*
 * What a scope (policy/scope.h, read by access_parse()) means to AWS and to
 * people.  Pure: the same arguments give the same bytes.  Every document is
 * one line of JSON that the caller frees with json_text_free().
 *
 * Parameters stand in the documents as ${aws:PrincipalTag/NAME}: the values
 * of a request reach AWS as the session tags of its grant, so the documents
 * are the same for every request and no value can change what they say.
 */
struct scope;

/* Where it holds.  The partition (aws, aws-cn, aws-us-gov) follows the region. */
struct place {
	const char *region;     /* "eu-west-1" */
	const char *account_id; /* twelve digits */
};

/* What a request says for a parameter. */
struct binding {
	const char *name;
	const char *value;
};

/* AWS's limits, in characters without white space; IAM quotas page. */
#define POLICY_SESSION_MAX 2048 /* inline session policy of an STS call */
#define POLICY_MANAGED_MAX 6144 /* customer managed policy */
#define POLICY_ROLE_MAX 10240   /* all inline policies of one role */
#define POLICY_TRUST_MAX 2048   /* a role's trust policy */

#define POLICY_ENDPOINT_MAX 20480 /* a VPC endpoint's policy */

/*
 * The role's policy.  With ends_at (seconds since 1970, 0 for none) its last
 * statement denies everything from then on: for a role that lives as long as
 * one session.  Returns 0 with *json, or error_set(); -EDQUOT (ERROR_LIMIT)
 * past POLICY_ROLE_MAX.
 */
int policy_role(const struct scope *scope, const struct place *place, int64_t ends_at,
		char **json, struct error *error);

/* How long that policy is.  Returns 0 or -ENOMEM; it may be past all limits. */
int policy_role_length(const struct scope *scope, const struct place *place,
		       int64_t ends_at, size_t *length);

/*
 * The session policy of the STS call: the scope and, last, a Deny from
 * ends_at on.  A scope that is too long for POLICY_SESSION_MAX leaves its
 * conditions, then its resources, to the role's policy; what comes out always
 * fits and never allows more than the role does.
 */
int policy_session(const struct scope *scope, const struct place *place, int64_t ends_at,
		   char **json, struct error *error);

/*
 * Who may become the role: a grant of that issuer ("https://host/path") for
 * this profile; of any user or this one, for any request or this one, which a
 * grant names in its session tag jit_request.
 */
struct trust {
	const char *issuer;
	const char *profile;
	const char *user;    /* NULL: any */
	const char *request; /* NULL: any */
};

int policy_trust(const struct trust *trust, const struct place *place, char **json,
		 struct error *error);

/*
 * The policy of a VPC endpoint (named in the scope; NULL: each) that lets
 * only role_arn through and only to what the scope allows there: what is
 * limited to that endpoint, and what is limited to none.  -ENOENT
 * (ERROR_NOT_FOUND) where the scope names no such endpoint.
 */
int policy_endpoint(const struct scope *scope, const struct place *place,
		    const char *endpoint, const char *role_arn, char **json,
		    struct error *error);

/* One session that a shared role must stop to serve at ends_at. */
struct session_end {
	const char *request; /* "r-7k2m9x4q1d", the session tag jit_request */
	int64_t ends_at;     /* seconds since 1970; 0: at once (revoked) */
	int64_t denied_from; /* out: what the document says; 0: from now on, undated */
};

/*
 * The inline policy that ends sessions on a role made beforehand: a Deny per
 * distinct end, the requests of one end together; those that are over by now
 * in one without a date.  Where that is longer than room (POLICY_ROLE_MAX less
 * the role's other inline policies), ends are put off to the next whole
 * minute, 5 min, 15 min, 1 h, 3 h or 12 h, the first that fits: denied_from
 * then is after ends_at, and whoever calls writes the document again when the
 * end has come.  Nobody is denied before ends_at.  The order of ends does not
 * matter.  count of 0 gives no document: *json is NULL.  -EDQUOT (ERROR_LIMIT)
 * where nothing fits.
 */
int policy_ends(struct session_end *ends, size_t count, int64_t now, size_t room,
		char **json, struct error *error);

/*
 * "arn:aws:iam::123456789012:role/NAME" in that place's partition; of a role
 * with a path, role is "PATH/NAME" without a slash in front.  The caller frees
 * it.  The same for "...:policy/NAME".
 */
char *policy_role_arn(const struct place *place, const char *role);
char *policy_managed_arn(const struct place *place, const char *policy);

/*
 * What a scope allows, in words, one line per statement without a newline at
 * the end: "read items of orders and its index by-date whose partition key is
 * acme or begins with acme#, only pk, sk; through vpce-0abc".  bindings may
 * be fewer than the parameters; a missing one stays as "${tenant}".
 */
int policy_words(const struct scope *scope, const struct binding *bindings, size_t count,
		 struct buffer *out);

/* How many statements there are, and the words of one: for lists. */
size_t policy_statement_count(const struct scope *scope);
int policy_statement_words(const struct scope *scope, size_t index,
			   const struct binding *bindings, size_t count,
			   struct buffer *out);

/* "until 15:30 UTC"; with its date when that is more than a day after now. */
int policy_until_words(int64_t ends_at, int64_t now, struct buffer *out);

#endif
