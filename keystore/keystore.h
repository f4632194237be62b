/* SPDX-License-Identifier: MIT */
#ifndef KEYSTORE_KEYSTORE_H
#define KEYSTORE_KEYSTORE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/secret.h"

/*
 * Where the one master key of a user is kept between runs.  A backend may
 * hang (a keyring's prompter) or take a second and 256 MiB (Argon2id), so the
 * agent never calls one itself: the keyring worker does, with a deadline.
 * Which backend is chosen at enrolment and never guessed again.
 *
 * The worker's job (framed as base/job.h says):
 *	{"job": "store" | "load" | "erase", "keystore": NAME, "state": DIRECTORY,
 *	 "prompt": BOOLEAN?, "passphrase": N, "payload": M}
 * with a payload of M bytes: the passphrase's N (0 where there is none), then,
 * for store, the master key
 *	-> {"payload": N} and, for load, the master key.
 */
#define KEYSTORE_KEY_SIZE 32

/*
 * In the state directory, of a backend that keeps the key in a file (passphrase).
 * What it stores lies beside the key in force until the core renames it.
 */
#define KEYSTORE_FILE "master.key"
#define KEYSTORE_FILE_NEXT "master.next"

struct keystore_place {
	const char *state; /* $XDG_STATE_HOME/jit-agent */
	bool may_prompt;   /* a person waits, so a keyring may ask to be unlocked */
	struct secret *passphrase; /* NULL where the backend needs none */
};

/*
 * What the agent needs to know of each backend; the core reads this table and
 * links no backend's code.  Ends with a NULL name.
 */
struct keystore_traits {
	const char *name;
	bool needs_passphrase;
	bool needs_worker; /* false: the core keeps the key itself (memory) */
	bool survives;     /* the key outlives the agent */
};

extern const struct keystore_traits keystore_traits[];

/* The row of that name, or NULL. */
const struct keystore_traits *keystore_traits_find(const char *name);

/* The same where none is an error_set() that says which there are. */
const struct keystore_traits *keystore_traits_need(const char *name, struct error *error);

/*
 * What a backend does, in the worker.  Each returns 0 or error_set():
 * ERROR_LOCKED where unlocking would help, ERROR_NOT_FOUND where no key is
 * kept, ERROR_FORBIDDEN for a wrong passphrase, ERROR_UNREACHABLE where no
 * keyring answers.  store replaces what was kept, but see KEYSTORE_FILE_NEXT;
 * erasing nothing is success.
 */
struct keystore_backend {
	const char *name;
	int (*store)(const struct keystore_place *place, struct secret *key,
		     struct error *error);
	int (*load)(const struct keystore_place *place, struct secret **key,
		    struct error *error);
	int (*erase)(const struct keystore_place *place, struct error *error);
};

/* The backends that run in the worker; ends with NULL. */
extern const struct keystore_backend *const keystore_backends[];

extern const struct keystore_backend keystore_passphrase;
extern const struct keystore_backend keystore_secret_service;

#endif
