/* SPDX-License-Identifier: MIT */
#include "broker/signer.h"

#include <errno.h>
#include <jose/openssl.h>
#include <openssl/ecdsa.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"

#define TOKEN_MAX ((size_t)64 * 1024)
#define NUMBER_SIZE 32 /* r and s each, of P-256 */
#define DER_MAX 80

struct signer {
	atomic_uint references;
	EVP_PKEY *key;
	char *kid;
	struct buffer header; /* encoded, with the dot after it */
};

static void signature_freep(ECDSA_SIG **signature)
{
	ECDSA_SIG_free(*signature);
}

static void context_freep(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}

/* Appends bytes as base64url without padding: RFC 7515, 2. */
static int add_encoded(struct buffer *out, const void *bytes, size_t length)
{
	size_t size = sodium_base64_encoded_len(length,
						sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	char *space = buffer_space(out, size);

	if (!space)
		return -ENOMEM;
	sodium_bin2base64(space, size, bytes, length,
			  sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	buffer_filled(out, size - 1);
	return 0;
}

static int add_json(struct buffer *out, const json_t *json)
{
	scoped(json_text_freep) char *text = json ? json_text(json) : NULL;

	return text ? add_encoded(out, text, strlen(text)) : -ENOMEM;
}

static int make_header(struct signer *signer)
{
	json_auto_t *header = json_pack("{s:s, s:s, s:s}", "alg", "ES256", "typ", "JWT",
					"kid", signer->kid);
	int r = add_json(&signer->header, header);

	return r < 0 ? r : buffer_add(&signer->header, ".", 1);
}

struct signer *signer_new(const json_t *jwk, struct error *error)
{
	const char *kid = json_string_value(json_object_get(jwk, "kid"));
	scoped(signer_unrefp) struct signer *new = calloc(1, sizeof(*new));

	if (!new || !kid) {
		error_set(error, ERROR_INTERNAL, "cannot use the signing key");
		return NULL;
	}
	new->references = 1;
	new->header = (struct buffer)BUFFER_WITH_LIMIT(TOKEN_MAX);
	new->kid = strdup(kid);
	new->key = jose_openssl_jwk_to_EVP_PKEY(NULL, jwk);
	if (!new->kid || !new->key || make_header(new) < 0) {
		error_set(error, ERROR_INTERNAL, "cannot use the signing key %s", kid);
		return NULL;
	}
	return take(new);
}

struct signer *signer_ref(struct signer *signer)
{
	atomic_fetch_add(&signer->references, 1);
	return signer;
}

void signer_unref(struct signer *signer)
{
	if (!signer || atomic_fetch_sub(&signer->references, 1) > 1)
		return;
	EVP_PKEY_free(signer->key);
	buffer_done(&signer->header);
	free(signer->kid);
	free(signer);
}

const char *signer_kid(const struct signer *signer)
{
	return signer->kid;
}

/* OpenSSL's form of a signature is DER, a JWT's the two numbers side by side. */
static int add_signature(struct buffer *out, const unsigned char *der, size_t length)
{
	scoped(signature_freep)
	    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &der, (long)length);
	unsigned char numbers[2 * NUMBER_SIZE];

	if (!signature ||
	    BN_bn2binpad(ECDSA_SIG_get0_r(signature), numbers, NUMBER_SIZE) < 0 ||
	    BN_bn2binpad(ECDSA_SIG_get0_s(signature), numbers + NUMBER_SIZE,
			 NUMBER_SIZE) < 0)
		return -EIO;
	return add_encoded(out, numbers, sizeof(numbers));
}

/* Signs what is in out and appends the signature to it. */
static int sign(const struct signer *signer, struct buffer *out)
{
	scoped(context_freep) EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char der[DER_MAX];
	size_t length = sizeof(der);

	if (!context ||
	    EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, signer->key) != 1 ||
	    EVP_DigestSign(context, der, &length, (unsigned char *)out->bytes,
			   out->used) != 1 ||
	    buffer_add(out, ".", 1) < 0)
		return -EIO;
	return add_signature(out, der, length);
}

int signer_sign(const struct signer *signer, const json_t *claims, char **token,
		struct error *error)
{
	struct buffer out = BUFFER_WITH_LIMIT(TOKEN_MAX);

	if (buffer_add(&out, signer->header.bytes, signer->header.used) < 0 ||
	    add_json(&out, claims) < 0 || sign(signer, &out) < 0) {
		buffer_done(&out);
		return error_set(error, ERROR_INTERNAL, "cannot sign a grant");
	}
	*token = out.bytes;
	return 0;
}
