/* SPDX-License-Identifier: MIT */
#include "broker/certificate.h"

#include <jose/openssl.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/cleanup.h"

#define X509_VERSION_3_NUMBER 2
#define VALID_DAYS 3650L
#define SERIAL_BYTES 16

static void key_freep(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

static void x509_freep(X509 **certificate)
{
	X509_free(*certificate);
}

static void der_freep(unsigned char **der)
{
	OPENSSL_free(*der);
}

static bool set_serial(X509 *certificate)
{
	unsigned char bytes[SERIAL_BYTES];
	BIGNUM *number;
	bool is_set;

	randombytes_buf(bytes, sizeof(bytes));
	bytes[0] &= 0x7f;
	number = BN_bin2bn(bytes, sizeof(bytes), NULL);
	is_set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
	BN_free(number);
	return is_set;
}

static bool set_times(X509 *certificate, time_t now)
{
	return X509_time_adj_ex(X509_getm_notBefore(certificate), -1, 0, &now) &&
	       X509_time_adj_ex(X509_getm_notAfter(certificate), VALID_DAYS, 0, &now);
}

static bool set_names(X509 *certificate)
{
	X509_NAME *name = X509_get_subject_name(certificate);

	return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					  (const unsigned char *)"jit-broker", -1, -1,
					  0) &&
	       X509_set_issuer_name(certificate, name);
}

static char *to_base64(const unsigned char *der, size_t length)
{
	size_t size = sodium_base64_ENCODED_LEN(length, sodium_base64_VARIANT_ORIGINAL);
	char *text = malloc(size);

	return text ? sodium_bin2base64(text, size, der, length,
					sodium_base64_VARIANT_ORIGINAL)
		    : NULL;
}

int certificate_make(const json_t *jwk, int64_t now_seconds, char **text,
		     struct error *error)
{
	scoped(key_freep) EVP_PKEY *key = jose_openssl_jwk_to_EVP_PKEY(NULL, jwk);
	scoped(x509_freep) X509 *certificate = X509_new();
	scoped(der_freep) unsigned char *der = NULL;
	int length;

	if (!key || !certificate ||
	    !X509_set_version(certificate, X509_VERSION_3_NUMBER) ||
	    !set_serial(certificate) || !set_times(certificate, (time_t)now_seconds) ||
	    !set_names(certificate) || !X509_set_pubkey(certificate, key) ||
	    !X509_sign(certificate, key, EVP_sha256()))
		return error_set(error, ERROR_INTERNAL,
				 "cannot make a certificate for the signing key");
	length = i2d_X509(certificate, &der);
	*text = length > 0 ? to_base64(der, (size_t)length) : NULL;
	if (!*text)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return 0;
}
