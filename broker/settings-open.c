/* SPDX-License-Identifier: MIT */
#include "broker/settings.h"

#include <stdlib.h>

#include "base/cleanup.h"

int settings_open_store(const struct settings *settings, struct store **store,
			struct error *error)
{
	scoped(freep) char *path = settings_path(settings, settings->store);

	if (!path)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return store_open(path, store, error);
}

int settings_open_keys(const struct settings *settings, struct keys **opened,
		       struct error *error)
{
	scoped(freep) char *path = settings_path(settings, KEYS_FILE);

	if (!path)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	return keys_open(path, opened, error);
}
