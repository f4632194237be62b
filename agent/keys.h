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
 * The device key's file in the state directory.  A new key is saved beside it, as
 * KEYS_DEVICE_NEXT, until its enrolment counts (agent/enrolment-files.h).
 */
#define KEYS_DEVICE_FILE "device.sealed"
#define KEYS_DEVICE_NEXT "device.next"

int keys_device_load(const char *state_path, struct secret *master,
		     struct secret **device, struct error *error);
int keys_device_save(const char *state_path, struct secret *master, struct secret *device,
		     struct error *error);

/* Wipes both. */
void keys_done(struct keys *keys);

#endif
