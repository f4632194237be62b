/* SPDX-License-Identifier: MIT */
#include "protocol/signature.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "protocol/signature-base.h"

#define LABEL "jit="
#define DIGEST "sha-256=:"

void signature_keyid(const unsigned char public_key[static SIGNATURE_PUBLIC_KEY_SIZE],
		     char keyid[static SIGNATURE_KEYID_SIZE])
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, public_key, SIGNATURE_PUBLIC_KEY_SIZE);
	sodium_bin2base64(keyid, SIGNATURE_KEYID_SIZE, hash, sizeof(hash),
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

static void make_digest(const struct signed_call *call, char *out, size_t size)
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	char
	    text[sodium_base64_ENCODED_LEN(sizeof(hash), sodium_base64_VARIANT_ORIGINAL)];

	crypto_hash_sha256(hash, call->body ? call->body : "", call->body_length);
	sodium_bin2base64(text, sizeof(text), hash, sizeof(hash),
			  sodium_base64_VARIANT_ORIGINAL);
	snprintf(out, size, DIGEST "%s:", text);
}

/* The parameters of our one form; RFC 9421 section 2.3 leaves their order to the signer.
 */
static void make_parameters(const struct signature_claim *claim, char *out, size_t size)
{
	snprintf(out, size,
		 "(\"@method\" \"@target-uri\" \"content-digest\")"
		 ";created=%lld;nonce=\"%s\";keyid=\"%s\";alg=\"ed25519\"",
		 (long long)claim->created_seconds, claim->nonce, claim->keyid);
}

/* Fills base with what is signed, section 2.5. */
static int make_base(const struct signed_call *call,
		     const struct signature_headers *headers, struct buffer *base)
{
	const struct signature_component components[] = {
		{ "@method", call->method },
		{ "@target-uri", call->target_uri },
		{ "content-digest", headers->content_digest },
	};

	return signature_base_make(components, 3,
				   headers->signature_input + strlen(LABEL), base);
}

int signature_sign(const struct signed_call *call, struct secret *device_key,
		   int64_t created_seconds, struct signature_headers *headers)
{
	scoped(buffer_done) struct buffer base = BUFFER_WITH_LIMIT(SIGNATURE_BASE_MAX);
	scoped(secret_concealp) struct secret *open = device_key;
	struct signature_claim claim = { .created_seconds = created_seconds };
	unsigned char random[16], signature[crypto_sign_BYTES];
	const unsigned char *key = secret_reveal(device_key);
	char text[sodium_base64_ENCODED_LEN(sizeof(signature),
					    sodium_base64_VARIANT_ORIGINAL)];
	int r;

	(void)open;
	randombytes_buf(random, sizeof(random));
	sodium_bin2hex(claim.nonce, sizeof(claim.nonce), random, sizeof(random));
	/* libsodium's secret key ends in the public one. */
	signature_keyid(key + SIGNATURE_SECRET_KEY_SIZE - SIGNATURE_PUBLIC_KEY_SIZE,
			claim.keyid);
	make_digest(call, headers->content_digest, sizeof(headers->content_digest));
	memcpy(headers->signature_input, LABEL, sizeof(LABEL));
	make_parameters(&claim, headers->signature_input + strlen(LABEL),
			sizeof(headers->signature_input) - strlen(LABEL));
	r = make_base(call, headers, &base);
	if (r < 0)
		return r;
	crypto_sign_detached(signature, NULL, (unsigned char *)base.bytes, base.used,
			     key);
	sodium_bin2base64(text, sizeof(text), signature, sizeof(signature),
			  sodium_base64_VARIANT_ORIGINAL);
	snprintf(headers->signature, sizeof(headers->signature), LABEL ":%s:", text);
	return 0;
}

/* Takes literal off the front of *text. */
static bool skip(const char **text, const char *literal)
{
	size_t length = strlen(literal);

	if (strncmp(*text, literal, length) != 0)
		return false;
	*text += length;
	return true;
}

/* Takes exactly length characters of a set off the front of *text into out. */
static bool take_word(const char **text, const char *set, size_t length, char *out)
{
	if (strspn(*text, set) != length)
		return false;
	memcpy(out, *text, length);
	out[length] = '\0';
	*text += length;
	return true;
}

static bool take_number(const char **text, int64_t *number)
{
	size_t digits = strspn(*text, "0123456789");

	if (digits < 1 || digits > 12 || (**text == '0' && digits > 1))
		return false;
	*number = 0;
	while (digits-- > 0)
		*number = *number * 10 + (*(*text)++ - '0');
	return true;
}

static const char hex_digits[] = "0123456789abcdef";
static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				"0123456789-_";

int signature_claim_read(const struct signature_headers *headers,
			 struct signature_claim *claim, struct error *error)
{
	const char *text = headers->signature_input;
	struct signature_claim result = { 0 };

	if (!skip(&text, LABEL "(\"@method\" \"@target-uri\" \"content-digest\")") ||
	    !skip(&text, ";created=") || !take_number(&text, &result.created_seconds) ||
	    !skip(&text, ";nonce=\"") ||
	    !take_word(&text, hex_digits, SIGNATURE_NONCE_SIZE - 1, result.nonce) ||
	    !skip(&text, "\";keyid=\"") ||
	    !take_word(&text, base64url, SIGNATURE_KEYID_SIZE - 1, result.keyid) ||
	    !skip(&text, "\";alg=\"ed25519\"") || *text)
		return error_set(error, ERROR_UNAUTHENTICATED,
				 "the call carries no signature of the form this broker "
				 "takes");
	*claim = result;
	return 0;
}

static int decode_signature(const char *text, unsigned char out[static crypto_sign_BYTES])
{
	const char *end = NULL;
	size_t length = 0;

	if (!skip(&text, LABEL ":") ||
	    sodium_base642bin(out, crypto_sign_BYTES, text, strlen(text), NULL, &length,
			      &end, sodium_base64_VARIANT_ORIGINAL) < 0 ||
	    length != crypto_sign_BYTES || strcmp(end, ":") != 0)
		return -EBADMSG;
	return 0;
}

static int check_created(int64_t created, int64_t now, struct error *error)
{
	int64_t off = created - now;

	if (off >= -SIGNATURE_SKEW_SECONDS && off <= SIGNATURE_SKEW_SECONDS)
		return 0;
	return error_set(error, ERROR_UNAUTHENTICATED,
			 "the call was signed %lld s %s by the broker's clock; one of "
			 "the two clocks is wrong, or the call is a replay",
			 (long long)(off < 0 ? -off : off),
			 off < 0 ? "ago" : "in the future");
}

int signature_verify(const struct signed_call *call,
		     const struct signature_headers *headers,
		     const unsigned char public_key[static SIGNATURE_PUBLIC_KEY_SIZE],
		     int64_t now_seconds, struct error *error)
{
	scoped(buffer_done) struct buffer base = BUFFER_WITH_LIMIT(SIGNATURE_BASE_MAX);
	char digest[sizeof(headers->content_digest)];
	unsigned char signature[crypto_sign_BYTES] = { 0 };
	struct signature_claim claim = { .created_seconds = 0 };
	int r;

	r = signature_claim_read(headers, &claim, error);
	if (r < 0)
		return r;
	make_digest(call, digest, sizeof(digest));
	if (strcmp(digest, headers->content_digest) != 0)
		return error_set(error, ERROR_UNAUTHENTICATED,
				 "the call's body is not the one that was signed");
	if (decode_signature(headers->signature, signature) < 0 ||
	    make_base(call, headers, &base) < 0 ||
	    crypto_sign_verify_detached(signature, (unsigned char *)base.bytes, base.used,
					public_key) != 0)
		return error_set(error, ERROR_UNAUTHENTICATED,
				 "the call's signature is not good for %s",
				 TEXT_ESCAPED(call->target_uri));
	return check_created(claim.created_seconds, now_seconds, error);
}
