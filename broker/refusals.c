/* SPDX-License-Identifier: MIT */
#include "broker/refusals.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Addresses that share a slot share its rows: memory and rows are bounded. */
#define SLOTS 1024
#define HOUR_SECONDS 3600

struct slot {
	int64_t hour;
	int64_t rows;
	int64_t unwritten;
};

struct refusals {
	pthread_mutex_t lock;
	unsigned char key[crypto_shorthash_KEYBYTES];
	struct slot slots[SLOTS];
};

struct refusals *refusals_new(void)
{
	struct refusals *refusals = calloc(1, sizeof(*refusals));

	if (!refusals)
		return NULL;
	pthread_mutex_init(&refusals->lock, NULL);
	crypto_shorthash_keygen(refusals->key);
	return refusals;
}

void refusals_free(struct refusals *refusals)
{
	if (!refusals)
		return;
	pthread_mutex_destroy(&refusals->lock);
	free(refusals);
}

static struct slot *slot_of(struct refusals *refusals, const char *address)
{
	unsigned char digest[crypto_shorthash_BYTES];

	crypto_shorthash(digest, (const unsigned char *)address, strlen(address),
			 refusals->key);
	return &refusals->slots[(digest[0] | digest[1] << 8) % SLOTS];
}

int refusals_count(struct refusals *refusals, const char *address, int64_t now_seconds,
		   int64_t *unwritten)
{
	struct slot *slot = slot_of(refusals, address);
	int has_row;

	pthread_mutex_lock(&refusals->lock);
	*unwritten = 0;
	if (slot->hour != now_seconds / HOUR_SECONDS) {
		*unwritten = slot->unwritten;
		*slot = (struct slot){ .hour = now_seconds / HOUR_SECONDS };
	}
	has_row = slot->rows < REFUSALS_AN_HOUR;
	if (has_row)
		slot->rows++;
	else
		slot->unwritten++;
	pthread_mutex_unlock(&refusals->lock);
	return has_row;
}
