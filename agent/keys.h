/* SPDX-License-Identifier: MIT */
#ifndef AGENT_KEYS_H
#define AGENT_KEYS_H

#include <stdbool.h>

#include "base/error.h"
#include "base/secret.h"
#include "keystore/keystore.h"
#include "protocol/signature.h"

/*
 * The master key, from the keystore, and the device key, which it seals in
 * the state directory.  Without the master key the agent is locked.
 */
struct keys {
	struct secret *master; /* NULL: locked */
	struct secret *device; /* NULL: locked, or not enrolled */
	char keyid[SIGNATURE_KEYID_SIZE];
};

/* A new Ed25519 key.  NULL when memory is short. */
struct secret *
keys_make_device(unsigned char public_key[static SIGNATURE_PUBLIC_KEY_SIZE]);

/*
 * Takes both keys in place of what was held; either may be NULL.  The old
 * ones are wiped.
 */
void keys_set(struct keys *keys, struct secret *master, struct secret *device);

/*
 * The device key's file.  keys_device_save() keeps the former one beside it
 * until keys_device_commit(); keys_device_revert() puts it back without
 * needing room on the disk.
 */
int keys_device_load(const char *state_path, struct secret *master,
		     struct secret **device, struct error *error);
int keys_device_save(const char *state_path, struct secret *master, struct secret *device,
		     struct error *error);
void keys_device_commit(const char *state_path);
void keys_device_revert(const char *state_path);

/* After a crash in between: the former one, if the new one is not there. */
void keys_device_recover(const char *state_path);

/* Wipes both. */
void keys_done(struct keys *keys);

#endif
