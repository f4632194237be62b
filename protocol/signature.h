/* SPDX-License-Identifier: MIT */
#ifndef PROTOCOL_SIGNATURE_H
#define PROTOCOL_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"

/*
 * Signed calls to the broker: HTTP Message Signatures (RFC 9421) with ed25519
 * over "@method" "@target-uri" "content-digest" (RFC 9530, sha-256) and the
 * parameters created, nonce and keyid.  A call without a body covers the
 * digest of zero bytes.  Pure: no sockets, no clock of its own.
 */
#define SIGNATURE_PUBLIC_KEY_SIZE 32 /* Ed25519, RFC 8032 */
#define SIGNATURE_SECRET_KEY_SIZE 64 /* libsodium's form: seed and public key */
#define SIGNATURE_NONCE_SIZE 33      /* 32 hex digits and a NUL */
#define SIGNATURE_KEYID_SIZE \
	44 /* base64url of SHA-256 of the public key, RFC 7638's idea; NUL */
#define SIGNATURE_SKEW_SECONDS 60 /* how far `created` may be from the broker's clock */

/* What is signed. */
struct signed_call {
	const char *method;     /* "POST" */
	const char *target_uri; /* "https://jit.example.com/v1/requests" */
	const void *body;       /* NULL with length 0 for none */
	size_t body_length;
};

/* The three header values that go with it. */
struct signature_headers {
	char content_digest[64]; /* sha-256=:...: */
	char signature_input[320];
	char signature[128]; /* jit=:...: */
};

/* The id of a device key. */
void signature_keyid(const unsigned char public_key[static SIGNATURE_PUBLIC_KEY_SIZE],
		     char keyid[static SIGNATURE_KEYID_SIZE]);

/*
 * Signs a call with a device key of SIGNATURE_SECRET_KEY_SIZE bytes, with a
 * random nonce.  Returns 0, or -EMSGSIZE if the URI is too long.
 */
int signature_sign(const struct signed_call *call, struct secret *device_key,
		   int64_t created_seconds, struct signature_headers *headers);

/* What a call says of itself, before it is checked. */
struct signature_claim {
	char keyid[SIGNATURE_KEYID_SIZE];
	char nonce[SIGNATURE_NONCE_SIZE];
	int64_t created_seconds;
};

/*
 * Reads keyid, nonce and created out of the headers, so that the caller can
 * look the key up.  Strict: exactly the one form that signature_sign() makes.
 * Returns 0 or error_set(..., ERROR_UNAUTHENTICATED).
 */
int signature_claim_read(const struct signature_headers *headers,
			 struct signature_claim *claim, struct error *error);

/*
 * Whether the headers sign this call with that key, the digest fits the body
 * and created is within SIGNATURE_SKEW_SECONDS of now.  Replays are the
 * caller's to refuse, by claim->nonce.  Returns 0 or
 * error_set(..., ERROR_UNAUTHENTICATED); a clock that is off is named in it.
 */
int signature_verify(const struct signed_call *call,
		     const struct signature_headers *headers,
		     const unsigned char public_key[static SIGNATURE_PUBLIC_KEY_SIZE],
		     int64_t now_seconds, struct error *error);

#endif
