/* SPDX-License-Identifier: MIT */
#ifndef AWS_IAM_H
#define AWS_IAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/credentials.h"
#include "base/error.h"

/*
 * The few calls of IAM that roles need, signed with the broker's own keys.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/
 *
 * Each tries again by itself, within the deadline, on throttling, 5xx,
 * ConcurrentModification and a lost connection.  So a call may have been
 * done although it was answered with "exists already" (-EEXIST) or "no such"
 * (-ENOENT): who creates takes the one, who deletes the other, for done.
 * -EDQUOT where IAM says LimitExceeded: a policy is too long for the role.
 * -EBUSY for DeleteConflict: the role still has policies.  -EAGAIN where the
 * same call may succeed later: throttled, or IAM is out of order.  -EKEYREJECTED
 * where IAM does not take the broker's keys.
 * Every other failure is error_set(): ERROR_REFUSED_BY_AWS with AWS's code and
 * words, ERROR_UNREACHABLE.
 */
struct iam;

/* All borrowed for the client's life. */
struct iam_config {
	const char *url;    /* "" or NULL: the region's partition's own */
	const char *region; /* "eu-west-1"; with a url, the one to sign for */
	const char *ca_file;
	struct credentials_source *credentials;
	int64_t deadline_ms;     /* of each call, all tries together */
	const atomic_bool *stop; /* once true: calls fail soon; NULL for never */
};

/* Returns 0 with *iam the caller's; used by one thread at a time. */
int iam_new(const struct iam_config *config, struct iam **iam, struct error *error);
struct iam *iam_free(struct iam *iam);

static inline void iam_freep(struct iam **iam)
{
	*iam = iam_free(*iam);
}

/*
 * Whether some try of the last call had no answer that says if it was done:
 * then it may still be, as long as its signature lasts: some minutes.
 */
bool iam_may_be_late(const struct iam *iam);

struct iam_tag {
	const char *key;
	const char *value;
};

/* All borrowed; NULL for what is not wanted. */
struct iam_new_role {
	const char *name;
	const char *path;         /* "/jit/" */
	const char *trust_policy; /* JSON */
	const char *description;
	const char *permissions_boundary; /* ARN */
	int64_t longest_session_seconds;  /* MaxSessionDuration; 0 for AWS's 3,600 */
	const struct iam_tag *tags;
	size_t tag_count;
};

#define IAM_ARN_SIZE 2049
#define IAM_NAME_SIZE 129
#define IAM_PATH_SIZE 513

struct iam_role {
	char name[IAM_NAME_SIZE];
	char path[IAM_PATH_SIZE];
	char arn[IAM_ARN_SIZE];
	char permissions_boundary[IAM_ARN_SIZE]; /* "" for none; not in lists */
	int64_t created_at_seconds;
	int64_t longest_session_seconds;
};

int iam_create_role(struct iam *iam, const struct iam_new_role *role,
		    struct error *error);
int iam_get_role(struct iam *iam, const char *name, struct iam_role *role,
		 struct error *error);
/* Who may become it; the caller frees *document, JSON. */
int iam_get_role_trust(struct iam *iam, const char *name, char **document,
		       struct error *error);
/* The role's inline policies must be deleted first. */
int iam_delete_role(struct iam *iam, const char *name, struct error *error);

/* Replaces an inline policy of that name. */
int iam_put_role_policy(struct iam *iam, const char *role, const char *policy,
			const char *document, struct error *error);
/* The caller frees *document, JSON. */
int iam_get_role_policy(struct iam *iam, const char *role, const char *policy,
			char **document, struct error *error);
int iam_delete_role_policy(struct iam *iam, const char *role, const char *policy,
			   struct error *error);

/*
 * Lists, over all pages.  The callback gets what is borrowed for the call; a
 * negative result stops the listing and becomes its result.
 */
typedef int iam_role_fn(void *data, const struct iam_role *role);
typedef int iam_tag_fn(void *data, const struct iam_tag *tag);
typedef int iam_name_fn(void *data, const char *name);

int iam_list_roles(struct iam *iam, const char *path_prefix, iam_role_fn *on_role,
		   void *data, struct error *error);
int iam_list_role_tags(struct iam *iam, const char *role, iam_tag_fn *on_tag, void *data,
		       struct error *error);
int iam_list_role_policies(struct iam *iam, const char *role, iam_name_fn *on_name,
			   void *data, struct error *error);

/*
 * Makes an issuer known to the account.  thumbprint: SHA-1 of its certificate,
 * 40 hex digits, NULL where AWS is to find it.  arn may be NULL.
 */
int iam_create_oidc_provider(struct iam *iam, const char *url, const char *audience,
			     const char *thumbprint, char arn[IAM_ARN_SIZE],
			     struct error *error);

#endif
