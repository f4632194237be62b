/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/output.h"
#include "broker/audit.h"
#include "broker/commands.h"
#include "broker/settings.h"

static int note(struct transaction *transaction, void *data, struct error *error)
{
	struct audit_origin origin = { .address = NULL };

	return audit_note(transaction, &origin, clock_wall_seconds(&clock_system),
			  AUDIT_KEY_ROTATED, NULL, error, "grants are signed by key %s",
			  (const char *)data);
}

int command_rotate_key(const struct options *options, struct error *error)
{
	scoped(store_freep) struct store *store = NULL;
	scoped(freep) char *path = NULL;
	scoped(freep) char *kid = NULL;
	struct settings settings;
	int r = settings_read(options->arguments[0], &settings, error);

	if (r < 0)
		return r;
	path = settings_path(&settings, KEYS_FILE);
	if (!path)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	r = settings_open_store(&settings, &store, error);
	if (r == 0)
		r = keys_rotate(path, clock_wall_seconds(&clock_system), &kid, error);
	if (r == 0)
		r = store_write(store, note, kid, error);
	if (r < 0)
		return r;
	if (options->json)
		return output_json(json_pack("{s:s}", "kid", kid), error);
	printf("grants are signed by key %s from now on\n", kid);
	return 0;
}
