/* SPDX-License-Identifier: MIT */
#ifndef BROKER_NONCES_H
#define BROKER_NONCES_H

#include <stdint.h>

/*
 * Nonces of calls that change nothing, in memory, for as long as their signature
 * is good.  Those of changes are in the store.
 */
struct nonces;

#define NONCES_MAX 1000000

struct nonces *nonces_new(void); /* NULL when memory is short */
void nonces_free(struct nonces *nonces);

/*
 * 1 if the nonce is new (and used from now on), 0 if it was used before,
 * -EDQUOT past NONCES_MAX, -ENOMEM.  Any thread.
 */
int nonces_use(struct nonces *nonces, const char *keyid, const char *nonce,
	       int64_t now_seconds);

/*
 * A used nonce is kept, here and in the store, as a digest of it and the key that
 * signed with it.  secret is NONCE_SECRET_SIZE bytes, or NULL for none.
 */
#define NONCE_DIGEST_SIZE 16
#define NONCE_SECRET_SIZE 32

void nonce_digest(const unsigned char *secret, const char *keyid, const char *nonce,
		  unsigned char digest[static NONCE_DIGEST_SIZE]);

#endif
