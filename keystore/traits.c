/* SPDX-License-Identifier: MIT */
#include "keystore/keystore.h"

#include <stddef.h>
#include <string.h>

/* clang-format off */
const struct keystore_traits keystore_traits[] = {
	{ "secret-service", .needs_passphrase = false, .needs_worker = true,  .survives = true },
	{ "passphrase",     .needs_passphrase = true,  .needs_worker = true,  .survives = true },
	{ "memory",         .needs_passphrase = false, .needs_worker = false, .survives = false },
	{ .name = NULL },
};
/* clang-format on */

const struct keystore_traits *keystore_traits_find(const char *name)
{
	for (const struct keystore_traits *row = keystore_traits; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}
