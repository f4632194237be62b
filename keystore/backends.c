/* SPDX-License-Identifier: MIT */
#include "keystore/keystore.h"

#include <stddef.h>

/* Apart from the traits, so that the agent's core links no backend. */
const struct keystore_backend *const keystore_backends[] = {
	&keystore_secret_service,
	&keystore_passphrase,
	NULL,
};
