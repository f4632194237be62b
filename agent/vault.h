/* SPDX-License-Identifier: MIT */
#ifndef AGENT_VAULT_H
#define AGENT_VAULT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"
#include "keystore/sealed.h"

/*
 * One session's document, sealed with a random key of its own, which is
 * wrapped by the master key.  Destroying that key is the end of the document
 * whatever copies of the box exist.  The label (the session's id) is bound
 * to both, so that one session's box never opens as another's.
 */
#define VAULT_WRAPPED_SIZE (SEALED_KEY_SIZE + SEALED_OVERHEAD)

struct vault {
	struct secret *key; /* NULL while locked, or empty */
	unsigned char wrapped[VAULT_WRAPPED_SIZE];
	unsigned char *box; /* NULL: empty */
	size_t size;
};

/*
 * Replaces what is in the vault, under a fresh key.  Returns 0 or -ENOMEM;
 * the old document then stays.
 */
int vault_put(struct vault *vault, const char *label, const void *plain, size_t length,
	      struct secret *master);

/* Whether there is a document, and how long it is. */
bool vault_is_empty(const struct vault *vault);
size_t vault_length(const struct vault *vault);

/*
 * Opens the document into out, vault_length() bytes.  Returns 0, -EAGAIN while
 * locked, -EBADMSG.  Allocates nothing.
 */
int vault_open(const struct vault *vault, const char *label, void *out);

/* Forgets the key; the wrapped one stays. */
void vault_lock(struct vault *vault);

/* Unwraps the key again.  Returns 0, or -EBADMSG: see vault_unwrap(). */
int vault_unlock(struct vault *vault, const char *label, struct secret *master);

/* Unwraps a key that vault_put() wrapped; NULL if it does not open, or out of memory. */
struct secret *vault_unwrap(const unsigned char wrapped[static VAULT_WRAPPED_SIZE],
			    const char *label, struct secret *master);

/* Destroys the key, then the box. */
void vault_done(struct vault *vault);

#endif
