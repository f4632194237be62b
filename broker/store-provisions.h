/* SPDX-License-Identifier: MIT */
#ifndef BROKER_STORE_PROVISIONS_H
#define BROKER_STORE_PROVISIONS_H

#include "broker/provision-name.h"
#include "broker/provision.h"
#include "broker/store.h"

/*
 * The roles that are made for one session each: a row from the transaction
 * that approves the session until IAM no longer has the role; and the paths
 * under which such roles are, to look there for some that have no row.
 */
#define PROVISION_PATH_SIZE 66
#define PROVISION_ARN_SIZE 512

/* Where roles are made, and as whom. */
struct provision_place {
	char account_id[13];
	char region[32];
	char manager[PROVISION_ARN_SIZE]; /* the role to become there; "" for none */
	char path[PROVISION_PATH_SIZE];   /* "/jit/" */
};

struct provision_row {
	char request[ID_SIZE];
	char role[PROVISION_ROLE_SIZE];
	char boundary[PROVISION_ARN_SIZE]; /* ARN of the permissions boundary; "" */
	struct provision_place place;
	struct provision_state state;
	bool is_orphan;     /* found in IAM, not made by a session of this store */
	struct error error; /* of the last try; ERROR_NONE when it went well */
};

/* Adds a row; its path is added by store_provision_path_add().  policy: or "". */
int store_provision_add(struct transaction *transaction, const struct provision_row *row,
			const char *policy, struct error *error);

/* 1 with *row the one of that session; 0 if it has none; or error_set(). */
int store_provision_find(struct transaction *transaction, const char *request,
			 struct provision_row *row, struct error *error);

/* 1 with *policy, the caller's to free(); 0 if there is no such row. */
int store_provision_policy(struct transaction *transaction, const char *request,
			   char **policy, struct error *error);

/* Writes state and error; or removes the row once the role is gone. */
int store_provision_update(struct transaction *transaction,
			   const struct provision_row *row, struct error *error);
int store_provision_remove(struct transaction *transaction, const char *request,
			   struct error *error);

/* A session is over before its time: its role is due at once.  Without a row: nothing. */
int store_provision_over(struct transaction *transaction, const char *request,
			 int64_t now_seconds, struct error *error);

/*
 * 1 with *row the one of that account that is due first, what is to be
 * destroyed before what is to be made; 0 for none.
 */
int store_provision_due(struct transaction *transaction, const char *account_id,
			int64_t now_seconds, struct provision_row *row,
			struct error *error);

/* How many roles there are or may be. */
int store_provision_count(struct transaction *transaction, int64_t *count,
			  struct error *error);

/* Each account that has a role or a path due by now, until each() returns non-zero. */
int store_provision_accounts_due(struct transaction *transaction, int64_t now_seconds,
				 account_visitor *each, void *data, struct error *error);

/* Adds a path that is new, due then; one that is there gets the region and manager. */
int store_provision_path_add(struct transaction *transaction,
			     const struct provision_place *place, int64_t due_at,
			     struct error *error);

/* All paths are due then, or sooner if they are already. */
int store_provision_paths_due_at(struct transaction *transaction, int64_t due_at,
				 struct error *error);

/* 1 with *place and how often it failed, a path of that account that is due. */
int store_provision_path_due(struct transaction *transaction, const char *account_id,
			     int64_t now_seconds, struct provision_place *place,
			     int64_t *failures, struct error *error);

/* A path was looked at, or could not be. */
int store_provision_path_update(struct transaction *transaction,
				const struct provision_place *place, int64_t due_at,
				int64_t failures, struct error *error);

#endif
