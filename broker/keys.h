/* SPDX-License-Identifier: MIT */
#ifndef BROKER_KEYS_H
#define BROKER_KEYS_H

#include <jansson.h>
#include <stdint.h>

#include "base/error.h"

/*
 * The keys that sign grants: ES256 (RFC 7518, 3.4), in one file of mode 0600.  The
 * first one signs; an older one stays in the JWKS until the last grant that it could
 * have signed is dead.  A program that has the file open notices when another
 * replaces it, so a rotation needs no restart.
 */
#define GRANT_LIFETIME_SECONDS 300 /* it is exchanged at STS at once */

/* How long a retired key stays published: its last grant, and clocks that differ. */
#define KEYS_RETIRE_SECONDS (GRANT_LIFETIME_SECONDS + 300)

struct keys;

/* Writes a file with one new key; refuses to replace one.  0 or error_set(). */
int keys_make(const char *path, int64_t now_seconds, struct error *error);

/*
 * Puts a new key in front, retires the one before and drops those that are
 * done.  Returns 0, the new kid in kid (the caller frees it), or error_set().
 */
int keys_rotate(const char *path, int64_t now_seconds, char **kid, struct error *error);

/* Opens the file.  0 and *keys, the caller's (keys_free()), or error_set(). */
int keys_open(const char *path, struct keys **keys, struct error *error);
void keys_free(struct keys *keys); /* takes NULL */

static inline void keys_freep(struct keys **keys)
{
	keys_free(*keys);
	*keys = NULL;
}

/* The public half of all keys still in use, as RFC 7517 has it; NULL with error. */
json_t *keys_public(struct keys *keys, int64_t now_seconds, struct error *error);

/*
 * Signs claims as a JWT in compact form (RFC 7519).  *token is the caller's to
 * keys_token_free(), *kid to free.  Any thread.  0 or error_set().
 */
int keys_sign(struct keys *keys, const json_t *claims, char **token, char **kid,
	      struct error *error);

/* Wipes it: until it expires, a grant is as good as the keys that it is changed for. */
void keys_token_free(char *token);

static inline void keys_token_freep(char **token)
{
	keys_token_free(*token);
	*token = NULL;
}

#endif
