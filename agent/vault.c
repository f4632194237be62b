/* SPDX-License-Identifier: MIT */
#include "agent/vault.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void wrap(struct vault *vault, const char *label, struct secret *master)
{
	scoped(secret_concealp) struct secret *open = vault->key;

	sealed_make(vault->wrapped, secret_reveal(vault->key), SEALED_KEY_SIZE, label,
		    master);
}

int vault_put(struct vault *vault, const char *label, const void *plain, size_t length,
	      struct secret *master)
{
	struct vault new = { .key = secret_random(SEALED_KEY_SIZE),
			     .box = malloc(length + SEALED_OVERHEAD),
			     .size = length + SEALED_OVERHEAD };

	if (!new.key || !new.box) {
		vault_done(&new);
		return -ENOMEM;
	}
	sealed_make(new.box, plain, length, label, new.key);
	wrap(&new, label, master);
	vault_done(vault);
	*vault = new;
	return 0;
}

bool vault_is_empty(const struct vault *vault)
{
	return !vault->box;
}

size_t vault_length(const struct vault *vault)
{
	return vault->box ? vault->size - SEALED_OVERHEAD : 0;
}

int vault_open(const struct vault *vault, const char *label, void *out)
{
	if (!vault->key)
		return -EAGAIN;
	return sealed_open(out, vault->box, vault->size, label, vault->key);
}

void vault_lock(struct vault *vault)
{
	secret_freep(&vault->key);
}

struct secret *vault_unwrap(const unsigned char wrapped[static VAULT_WRAPPED_SIZE],
			    const char *label, struct secret *master)
{
	unsigned char key[SEALED_KEY_SIZE];

	if (sealed_open(key, wrapped, VAULT_WRAPPED_SIZE, label, master) < 0)
		return NULL;
	return secret_take(key, sizeof(key));
}

int vault_unlock(struct vault *vault, const char *label, struct secret *master)
{
	if (!vault->box || vault->key)
		return 0;
	vault->key = vault_unwrap(vault->wrapped, label, master);
	return vault->key ? 0 : -EBADMSG;
}

void vault_done(struct vault *vault)
{
	secret_freep(&vault->key);
	explicit_bzero(vault->wrapped, sizeof(vault->wrapped));
	if (vault->box)
		explicit_bzero(vault->box, vault->size);
	free(vault->box);
	*vault = (struct vault){ .key = NULL };
}
