/* SPDX-License-Identifier: MIT */
#ifndef BROKER_STORE_H
#define BROKER_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "broker/request.h"
#include "protocol/signature.h"

/*
 * What the broker remembers.  Whoever changes something does it in one
 * transaction together with its audit row, and is told so only once it is on the
 * disk.  Nothing outside store*.c knows SQL, so another database is another
 * set of these files.  Times are seconds since 1970, passed in.
 */
struct store;
struct transaction;

/*
 * Opens, or makes, the database in a file, mode 0600, and brings its tables up
 * to date.  Returns 0, or error_set(); a database of a newer program is refused.
 */
int store_open(const char *path, struct store **store, struct error *error);
void store_free(struct store *store); /* takes NULL */

static inline void store_freep(struct store **store)
{
	store_free(*store);
	*store = NULL;
}

/*
 * What to do inside a transaction.  A negative result undoes all of it; so
 * does a disk that is full, in which case the result of `work` counts for nothing.
 */
typedef int store_work(struct transaction *transaction, void *data, struct error *error);

/* Runs work with one view of the data, which it must not change.  Any thread. */
int store_read(struct store *store, store_work *work, void *data, struct error *error);

/*
 * Runs work alone among all writers and returns when what it did is durable.
 * Several threads' work may share one commit.  Returns what work returned, or
 * error_set(ERROR_INTERNAL) where the database could not take it; then
 * nothing has changed.  Any thread.
 */
int store_write(struct store *store, store_work *work, void *data, struct error *error);

/* How large the database may grow, in pages of 4 KiB, as a quota of the disk's. */
void store_limit_pages(struct store *store, int pages);

/*
 * Called after a commit, once for each request that changed, from the thread that
 * committed.  Set before the first store_write().
 */
typedef void store_listener(void *data, const char *user, int64_t changed);
void store_listen(struct store *store, store_listener *listener, void *data);

/* Device keys. */
struct device {
	char keyid[SIGNATURE_KEYID_SIZE];
	unsigned char public_key[SIGNATURE_PUBLIC_KEY_SIZE];
	char user[65];
	int64_t enrolled_at;
};

/* 1 and *device, 0 if there is no such key, or -errno. */
int store_device(struct transaction *transaction, const char *keyid,
		 struct device *device, struct error *error);
int store_device_add(struct transaction *transaction, const struct device *device,
		     struct error *error);

/* One-time codes: only a hash of each is ever here. */
#define CODE_HASH_SIZE 32

struct code {
	unsigned char hash[CODE_HASH_SIZE];
	char user[65];
	int64_t expires_at;
	int64_t used_at; /* 0 if not yet */
};

int store_code_add(struct transaction *transaction, const struct code *code,
		   struct error *error);
/* 1 and *code, 0 if there is none, or -errno. */
int store_code(struct transaction *transaction,
	       const unsigned char hash[static CODE_HASH_SIZE], struct code *code,
	       struct error *error);
/* 0, or error_set(): also for a code that was used before. */
int store_code_use(struct transaction *transaction,
		   const unsigned char hash[static CODE_HASH_SIZE], int64_t now_seconds,
		   struct error *error);

/* Wrong codes by address: adds one; counts those after a time. */
int store_guess_add(struct transaction *transaction, const char *address,
		    int64_t now_seconds, struct error *error);
int store_guess_count(struct transaction *transaction, const char *address,
		      int64_t since_seconds, int64_t *count, struct error *error);

/*
 * Writes down that a key used a nonce; it may be forgotten after forget_at.
 * 1 if it is new, 0 if it was used before, or -errno.
 */
int store_nonce_use(struct transaction *transaction, const char *keyid, const char *nonce,
		    int64_t forget_at, struct error *error);

/* Drops nonces, guesses and codes that no longer matter. */
int store_forget(struct transaction *transaction, int64_t now_seconds,
		 struct error *error);

/* 1 and *request, the caller's, with its decisions; 0 if there is none; or -errno. */
int store_request(struct transaction *transaction, const char *id,
		  struct request **request, struct error *error);
int store_request_by_key(struct transaction *transaction, const char *user,
			 const char *key, struct request **request, struct error *error);

/*
 * Writes a new request, or the fields of one that change after it was made
 * (state, session, and its end once it has ended_at); each gives it the next
 * `changed` number.  0, or error_set(): also to update one that was never added.
 */
int store_request_add(struct transaction *transaction, struct request *request,
		      struct error *error);
int store_request_update(struct transaction *transaction, struct request *request,
			 struct error *error);

/* Adds a decision; its request is to be updated in the same transaction. */
int store_decision_add(struct transaction *transaction, const char *id,
		       const struct decision *decision, const char *reason,
		       struct error *error);

/*
 * Calls each() for requests in order, until it returns non-zero, which is
 * then the result.  The request is the store's and lasts for the call.
 */
typedef int request_visitor(void *data, const struct request *request);

/* Pending ones that lapse after now, oldest first. */
int store_requests_pending(struct transaction *transaction, int64_t now_seconds,
			   request_visitor *each, void *data, struct error *error);

/* How many of one person's are pending and lapse after now. */
int store_pending_count(struct transaction *transaction, const char *user,
			int64_t now_seconds, int64_t *count, struct error *error);

/* One person's with changed > since, by changed. */
int store_requests_since(struct transaction *transaction, const char *user, int64_t since,
			 request_visitor *each, void *data, struct error *error);

/*
 * One person's that nobody wrote down as over, or only after that time; by
 * changed.  Time may have ended more of them: ask request_state_at().
 */
int store_requests_current(struct transaction *transaction, const char *user,
			   int64_t ended_after, request_visitor *each, void *data,
			   struct error *error);

/* Those whose time is over but whose state does not say so yet. */
int store_requests_overdue(struct transaction *transaction, int64_t now_seconds,
			   request_visitor *each, void *data, struct error *error);

/* The highest `changed` of one person; 0 if there is none. */
int store_changed_last(struct transaction *transaction, const char *user,
		       int64_t *changed, struct error *error);

/* Audit trail. */
struct audit_entry {
	int64_t sequence; /* given by the store */
	int64_t at_seconds;
	const char *event;    /* from broker/audit.h */
	const char *user;     /* who did it; NULL for the broker itself */
	const char *request;  /* its id, or NULL */
	const char *address;  /* where from, or NULL */
	const char *text;     /* in words */
	const char *evidence; /* JSON text of the signed call, or NULL */
};

int store_audit_add(struct transaction *transaction, const struct audit_entry *entry,
		    struct error *error);

/* Told of accounts in which something is due; the id lasts for the call. */
typedef int account_visitor(void *data, const char *account_id);

/* Entries with sequence > since, oldest first, until each() returns non-zero. */
typedef int audit_visitor(void *data, const struct audit_entry *entry);
int store_audit_since(struct transaction *transaction, int64_t since, audit_visitor *each,
		      void *data, struct error *error);

#endif
