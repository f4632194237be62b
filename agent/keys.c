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

#define DEVICE_FILE "device.sealed"
#define FORMER_FILE "device.former"
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
	scoped(freep) char *path = path_join(state_path, DEVICE_FILE, "");
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

static int rename_in(const char *state_path, const char *from, const char *to)
{
	scoped(freep) char *old = path_join(state_path, from, "");
	scoped(freep) char *new = path_join(state_path, to, "");

	if (!old || !new)
		return -ENOMEM;
	return rename(old, new) < 0 ? -errno : 0;
}

int keys_device_save(const char *state_path, struct secret *master, struct secret *device,
		     struct error *error)
{
	scoped(freep) char *path = path_join(state_path, DEVICE_FILE, "");
	scoped(secret_concealp) struct secret *open = NULL;
	int r;

	if (!path)
		return no_memory(error);
	r = rename_in(state_path, DEVICE_FILE, FORMER_FILE);
	if (r < 0 && r != -ENOENT)
		return error_set(error, ERROR_INTERNAL, "cannot rename %s: %s", path,
				 strerror(-r));
	open = device;
	r = sealed_file_write(path, DEVICE_HEADER, secret_reveal(device),
			      secret_length(device), master, error);
	if (r < 0)
		keys_device_revert(state_path);
	return r;
}

void keys_device_commit(const char *state_path)
{
	scoped(freep) char *former = path_join(state_path, FORMER_FILE, "");

	if (former)
		file_remove(former);
}

void keys_device_revert(const char *state_path)
{
	scoped(freep) char *path = path_join(state_path, DEVICE_FILE, "");

	if (rename_in(state_path, FORMER_FILE, DEVICE_FILE) < 0 && path)
		file_remove(path); /* there was none before */
}

void keys_device_recover(const char *state_path)
{
	scoped(freep) char *path = path_join(state_path, DEVICE_FILE, "");

	if (path && access(path, F_OK) == 0)
		keys_device_commit(state_path);
	else
		(void)rename_in(state_path, FORMER_FILE, DEVICE_FILE);
}

void keys_done(struct keys *keys)
{
	keys_set(keys, NULL, NULL);
}
