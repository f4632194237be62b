/* SPDX-License-Identifier: MIT */
#include "agent/keys.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "keystore/sealed.h"

#define DEVICE_HEADER "{\"kind\":\"device\",\"version\":1}"

_Static_assert(SIGNATURE_SECRET_KEY_SIZE == crypto_sign_ed25519_SECRETKEYBYTES, "key");

struct secret *
keys_make_device(unsigned char public_key[static SIGNATURE_PUBLIC_KEY_SIZE])
{
	unsigned char key[SIGNATURE_SECRET_KEY_SIZE];

	crypto_sign_ed25519_keypair(public_key, key);
	return secret_take(key, sizeof(key));
}

/* libsodium's form ends with the public key. */
static void set_keyid(struct keys *keys)
{
	scoped(secret_concealp) struct secret *open = keys->device;
	const unsigned char *bytes = secret_reveal(keys->device);

	signature_keyid(bytes + SIGNATURE_SECRET_KEY_SIZE - SIGNATURE_PUBLIC_KEY_SIZE,
			keys->keyid);
}

void keys_set(struct keys *keys, struct secret *master, struct secret *device)
{
	if (keys->master != master)
		secret_freep(&keys->master);
	if (keys->device != device)
		secret_freep(&keys->device);
	keys->master = master;
	keys->device = device;
	keys->keyid[0] = '\0';
	if (device)
		set_keyid(keys);
}

static int no_memory(struct error *error)
{
	return error_set(error, ERROR_INTERNAL, "out of memory");
}

int keys_device_load(const char *state_path, struct secret *master,
		     struct secret **device, struct error *error)
{
	scoped(freep) char *path = path_join(state_path, KEYS_DEVICE_FILE, "");
	scoped(freep) char *header = NULL;
	scoped(secret_freep) struct secret *key = NULL;
	int r;

	if (!path)
		return no_memory(error);
	r = sealed_file_read(path, &header, &key, master, error);
	if (r < 0)
		return r;
	if (strcmp(header, DEVICE_HEADER) != 0 ||
	    secret_length(key) != SIGNATURE_SECRET_KEY_SIZE)
		return error_set(error, ERROR_INTERNAL, "%s holds no device key", path);
	*device = take(key);
	return 0;
}

int keys_device_save(const char *state_path, struct secret *master, struct secret *device,
		     struct error *error)
{
	scoped(freep) char *path = path_join(state_path, KEYS_DEVICE_NEXT, "");
	scoped(secret_concealp) struct secret *open = NULL;

	if (!path)
		return no_memory(error);
	open = device;
	return sealed_file_write(path, DEVICE_HEADER, secret_reveal(device),
				 secret_length(device), master, error);
}

void keys_done(struct keys *keys)
{
	keys_set(keys, NULL, NULL);
}
