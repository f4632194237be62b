/* SPDX-License-Identifier: MIT */
#ifndef BROKER_CERTIFICATE_H
#define BROKER_CERTIFICATE_H

#include <jansson.h>
#include <stdint.h>

#include "base/error.h"

/*
 * A self-signed certificate for a signing key, for the x5c that some STS
 * implementations want in a JWKS.  It proves nothing that the key does not.
 */

/* *text is base64 of the DER (RFC 7517, 4.7); the caller frees it.  0 or error_set(). */
int certificate_make(const json_t *jwk, int64_t now_seconds, char **text,
		     struct error *error);

#endif
