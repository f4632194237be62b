/* SPDX-License-Identifier: MIT */
#include "base/secret.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

struct secret {
	size_t length;
	unsigned int readers; /* reveals not yet concealed */
	char *bytes;          /* from sodium_malloc(): length bytes and a NUL */
};

int secret_init(void)
{
	return sodium_init() < 0 ? -EIO : 0;
}

int secret_harden_process(void)
{
	const struct rlimit no_core = { 0, 0 };

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    setrlimit(RLIMIT_CORE, &no_core) < 0)
		return -errno;
	return 0;
}

static struct secret *secret_new(size_t length)
{
	struct secret *secret = calloc(1, sizeof(*secret));

	if (!secret)
		return NULL;
	secret->bytes = sodium_malloc(length + 1);
	if (!secret->bytes)
		return secret_free(secret);
	secret->length = length;
	secret->bytes[length] = '\0';
	return secret;
}

struct secret *secret_take(void *bytes, size_t length)
{
	struct secret *secret = secret_new(length);

	if (secret) {
		memcpy(secret->bytes, bytes, length);
		sodium_mprotect_noaccess(secret->bytes);
	}
	sodium_memzero(bytes, length);
	return secret;
}

struct secret *secret_random(size_t length)
{
	struct secret *secret = secret_new(length);

	if (secret) {
		randombytes_buf(secret->bytes, length);
		sodium_mprotect_noaccess(secret->bytes);
	}
	return secret;
}

struct secret *secret_free(struct secret *secret)
{
	if (!secret)
		return NULL;
	assert(secret->readers == 0);
	sodium_free(secret->bytes);
	free(secret);
	return NULL;
}

const void *secret_reveal(struct secret *secret)
{
	if (secret->readers++ == 0)
		sodium_mprotect_readonly(secret->bytes);
	return secret->bytes;
}

void secret_conceal(struct secret *secret)
{
	if (!secret)
		return;
	assert(secret->readers > 0);
	if (--secret->readers == 0)
		sodium_mprotect_noaccess(secret->bytes);
}

size_t secret_length(const struct secret *secret)
{
	return secret->length;
}

bool secret_equal(struct secret *a, struct secret *b)
{
	bool equal;

	if (a->length != b->length)
		return false;
	equal = sodium_memcmp(secret_reveal(a), secret_reveal(b), a->length) == 0;
	secret_conceal(a);
	secret_conceal(b);
	return equal;
}
