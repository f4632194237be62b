/* SPDX-License-Identifier: MIT */
#include "broker/nonces.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/signature.h"

#define BUCKETS 8192 /* a power of two */

/* A signature is good SIGNATURE_SKEW_SECONDS to both sides of its `created`. */
#define KEEP_SECONDS (2 * SIGNATURE_SKEW_SECONDS + 1)

struct used {
	struct used *next;
	int64_t forget_at;
	unsigned char digest[NONCE_DIGEST_SIZE];
};

struct nonces {
	pthread_mutex_t lock;
	unsigned char secret[NONCE_SECRET_SIZE]; /* so that nobody can fill one bucket */
	struct used *buckets[BUCKETS];
	size_t count;
};

struct nonces *nonces_new(void)
{
	struct nonces *nonces = calloc(1, sizeof(*nonces));

	if (!nonces)
		return NULL;
	pthread_mutex_init(&nonces->lock, NULL);
	randombytes_buf(nonces->secret, sizeof(nonces->secret));
	return nonces;
}

static void drop(struct nonces *nonces, struct used **link)
{
	struct used *used = *link;

	*link = used->next;
	free(used);
	nonces->count--;
}

void nonces_free(struct nonces *nonces)
{
	if (!nonces)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		while (nonces->buckets[i])
			drop(nonces, &nonces->buckets[i]);
	pthread_mutex_destroy(&nonces->lock);
	free(nonces);
}

void nonce_digest(const unsigned char *secret, const char *keyid, const char *nonce,
		  unsigned char digest[static NONCE_DIGEST_SIZE])
{
	crypto_generichash_state state;

	crypto_generichash_init(&state, secret, secret ? NONCE_SECRET_SIZE : 0,
				NONCE_DIGEST_SIZE);
	crypto_generichash_update(&state, (const unsigned char *)keyid,
				  strlen(keyid) + 1);
	crypto_generichash_update(&state, (const unsigned char *)nonce, strlen(nonce));
	crypto_generichash_final(&state, digest, NONCE_DIGEST_SIZE);
}

static void forget_old(struct nonces *nonces, struct used **link, int64_t now_seconds)
{
	while (*link) {
		if ((*link)->forget_at < now_seconds)
			drop(nonces, link);
		else
			link = &(*link)->next;
	}
}

/* Each use sweeps its own bucket, and everything once the limit is met. */
static void make_room(struct nonces *nonces, struct used **bucket, int64_t now_seconds)
{
	forget_old(nonces, bucket, now_seconds);
	if (nonces->count < NONCES_MAX)
		return;
	for (size_t i = 0; i < BUCKETS; i++)
		forget_old(nonces, &nonces->buckets[i], now_seconds);
}

static int use_locked(struct nonces *nonces, const unsigned char *digest,
		      int64_t now_seconds)
{
	struct used **bucket = &nonces->buckets[(digest[0] | digest[1] << 8) % BUCKETS];
	struct used *used;

	make_room(nonces, bucket, now_seconds);
	for (used = *bucket; used; used = used->next)
		if (memcmp(used->digest, digest, NONCE_DIGEST_SIZE) == 0)
			return 0;
	if (nonces->count >= NONCES_MAX)
		return -EDQUOT;
	used = malloc(sizeof(*used));
	if (!used)
		return -ENOMEM;
	memcpy(used->digest, digest, NONCE_DIGEST_SIZE);
	used->forget_at = now_seconds + KEEP_SECONDS;
	used->next = *bucket;
	*bucket = used;
	nonces->count++;
	return 1;
}

int nonces_use(struct nonces *nonces, const char *keyid, const char *nonce,
	       int64_t now_seconds)
{
	unsigned char digest[NONCE_DIGEST_SIZE];
	int r;

	nonce_digest(nonces->secret, keyid, nonce, digest);
	pthread_mutex_lock(&nonces->lock);
	r = use_locked(nonces, digest, now_seconds);
	pthread_mutex_unlock(&nonces->lock);
	return r;
}
