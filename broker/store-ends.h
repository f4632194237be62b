/* SPDX-License-Identifier: MIT */
#ifndef BROKER_STORE_ENDS_H
#define BROKER_STORE_ENDS_H

#include "broker/store.h"

/*
 * What AWS is told of the ends of sessions on roles made beforehand: a row
 * for each session that a grant was or may be signed for, and one for each
 * role with what its document says, as far as that is known.
 *
 * Two things always hold.  No grant is signed unless, in the transaction that
 * writes its audit row, the session's denied_from says that the role's document
 * denies it in time.  And is_unknown is on the disk before IAM is called: then
 * the document in force is the old one or the new one, both of which deny
 * every session that has a denied_from.
 */
#define ENDS_ARN_SIZE 512
#define ENDS_HASH_SIZE 32
#define ENDS_NOT_WRITTEN (-1) /* and no grant was signed */
#define ENDS_ADOPTED (-2)     /* not written, but a grant may be out */
#define ENDS_NEVER INT64_MAX

struct ends_role {
	char arn[ENDS_ARN_SIZE];
	char account_id[13];
	char region[32];
	char manager[ENDS_ARN_SIZE]; /* the role to become there; "" for none */
	int64_t due_at;              /* when there is something to do; ENDS_NEVER */
	int64_t turn;    /* grows with whatever came of a try; a time at least */
	bool is_unknown; /* a write has begun and is not known to be done */
	bool has_document;
	unsigned char document_hash[ENDS_HASH_SIZE]; /* of what was written last */
	int64_t check_at;        /* when to compare it with what IAM has; 0: not */
	int64_t longest_seconds; /* the longest MaxSessionDuration seen; 0 unknown */
	int64_t room;            /* characters that other policies leave; 0 unknown */
	int64_t looked_at;       /* when the two were seen last; 0 never */
	int64_t failures;        /* in a row */
	struct error error;      /* of the last try; ERROR_NONE when it went well */
};

struct end {
	char request[ID_SIZE];
	int64_t ends_at;       /* its time, or earlier when it was ended */
	int64_t granted_until; /* expiry of the last grant that may have been signed */
	int64_t denied_from;   /* what the role says, 0: undated; or one of the above */
};

/*
 * Writes down that a session wants a grant that expires at granted_until: its
 * row, and its role's, which is due at once if the document does not deny it
 * yet.  Of role: arn, account_id, region, manager.  0 or error_set().
 */
int store_ends_want(struct transaction *transaction, const struct ends_role *role,
		    const char *request, int64_t ends_at, int64_t granted_until,
		    int64_t now_seconds, struct error *error);

/* Another grant, good until then, is signed for a session that has a row. */
int store_ends_granted(struct transaction *transaction, const char *request,
		       int64_t granted_until, struct error *error);

/* 1 with *end and *role (may be NULL) of that session; 0 if it has none; or -errno. */
int store_ends_find(struct transaction *transaction, const char *request, struct end *end,
		    struct ends_role *role, struct error *error);

/* A session is over before its time: its role is due at once.  Without a row: nothing. */
int store_ends_over(struct transaction *transaction, const char *request,
		    int64_t now_seconds, struct error *error);

/*
 * Since when every grant has had its Deny first: the broker writes to IAM from
 * then on, or (now_seconds 0) no more.  1 with *since; 0 where it is not marked.
 */
int store_ends_mark(struct transaction *transaction, int64_t now_seconds,
		    struct error *error);
int store_ends_marked(struct transaction *transaction, int64_t *since,
		      struct error *error);

/*
 * Sessions without a row that a grant may be out for: granted before the broker
 * wrote to IAM, and live or over only after that time.  store_ends_adopt()
 * gives one its row, due at once.  store_ends_regrant() takes it that those with
 * a row got a grant meanwhile, good for that long.
 */
int store_ends_regrant(struct transaction *transaction, int64_t now_seconds,
		       int64_t lifetime_seconds, struct error *error);
int store_ends_orphans(struct transaction *transaction, int64_t over_after,
		       request_visitor *each, void *data, struct error *error);
int store_ends_adopt(struct transaction *transaction, const struct ends_role *role,
		     const char *request, int64_t ends_at, int64_t granted_until,
		     int64_t now_seconds, struct error *error);

/* Each account that has a role due by now, until each() returns non-zero. */
int store_ends_accounts_due(struct transaction *transaction, int64_t now_seconds,
			    account_visitor *each, void *data, struct error *error);

/* 1 with *role the one of that account that is due for longest; 0 for none. */
int store_ends_role_due(struct transaction *transaction, const char *account_id,
			int64_t now_seconds, struct ends_role *role, struct error *error);

/* 1 with *role, 0 if it is not there. */
int store_ends_role(struct transaction *transaction, const char *arn,
		    struct ends_role *role, struct error *error);

/* Writes all of it but arn and account; or removes it, with nothing on it left. */
int store_ends_role_update(struct transaction *transaction, const struct ends_role *role,
			   struct error *error);
int store_ends_role_remove(struct transaction *transaction, const char *arn,
			   struct error *error);

/* The sessions of a role: how many, and each in order of its id. */
typedef int end_visitor(void *data, const struct end *end);
int store_ends_count(struct transaction *transaction, const char *arn, int64_t *count,
		     struct error *error);
int store_ends_of_role(struct transaction *transaction, const char *arn,
		       end_visitor *each, void *data, struct error *error);

/* What the role now says of a session; or that it is forgotten. */
int store_ends_denied(struct transaction *transaction, const char *request,
		      int64_t denied_from, struct error *error);
/* Unless it was wanted again, or changed, since *end was read. */
int store_ends_forget(struct transaction *transaction, const struct end *end,
		      struct error *error);

#endif
