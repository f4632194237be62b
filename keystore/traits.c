/* SPDX-License-Identifier: MIT */
#include "keystore/keystore.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

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

const struct keystore_traits *keystore_traits_need(const char *name, struct error *error)
{
	const struct keystore_traits *found = keystore_traits_find(name);
	char names[128] = "";

	if (found)
		return found;
	for (const struct keystore_traits *row = keystore_traits; row->name; row++) {
		size_t used = strlen(names);

		snprintf(names + used, sizeof(names) - used, "%s%s", used ? ", " : "",
			 row->name);
	}
	error_set(error, ERROR_USAGE, "no keystore is called '%s'; there are %s",
		  TEXT_ESCAPED(name), names);
	return NULL;
}
