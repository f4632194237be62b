/* SPDX-License-Identifier: MIT */
#ifndef BROKER_SIGNER_H
#define BROKER_SIGNER_H

#include <jansson.h>

#include "base/error.h"

/*
 * One private key, ready to sign: what a JWK has to be worked out for is worked
 * out once and not for every grant.  Never changes once made; any thread may
 * sign with it, and the last to let go frees it.
 */
struct signer;

/* From a JWK with its private half, ES256.  NULL with error filled. */
struct signer *signer_new(const json_t *jwk, struct error *error);

struct signer *signer_ref(struct signer *signer);
void signer_unref(struct signer *signer); /* takes NULL; wipes the key */

static inline void signer_unrefp(struct signer **signer)
{
	signer_unref(*signer);
	*signer = NULL;
}

/* The signer's own text. */
const char *signer_kid(const struct signer *signer);

/*
 * Signs claims as a JWT in compact form: RFC 7515, 3.1 with ES256 of RFC 7518,
 * 3.4.  *token is the caller's to free.  0 or error_set().
 */
int signer_sign(const struct signer *signer, const json_t *claims, char **token,
		struct error *error);

#endif
