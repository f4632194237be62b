/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/output.h"
#include "broker/audit.h"
#include "broker/commands.h"
#include "broker/settings.h"

struct rotating {
	const char *path;
	char *kid;
};

/* Inside a transaction, so that of two who rotate neither loses the other's key. */
static int rotate(struct transaction *transaction, void *data, struct error *error)
{
	struct audit_origin origin = { .address = NULL };
	struct rotating *rotating = data;
	int64_t now = clock_wall_seconds(&clock_system);
	int r = keys_rotate(rotating->path, now, &rotating->kid, error);

	return r < 0 ? r
		     : audit_note(transaction, &origin, now, AUDIT_KEY_ROTATED, NULL,
				  error, "grants are signed by key %s", rotating->kid);
}

int command_rotate_key(const struct options *options, struct error *error)
{
	scoped(store_freep) struct store *store = NULL;
	scoped(freep) char *path = NULL;
	scoped(freep) char *kid = NULL;
	struct rotating rotating = { .kid = NULL };
	struct settings settings;
	int r = settings_read(options->arguments[0], &settings, error);

	if (r < 0)
		return r;
	path = settings_path(&settings, KEYS_FILE);
	if (!path)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	rotating.path = path;
	r = settings_open_store(&settings, &store, error);
	if (r == 0)
		r = store_write(store, rotate, &rotating, error);
	kid = rotating.kid;
	if (r < 0)
		return r;
	if (options->json)
		return output_json(json_pack("{s:s}", "kid", kid), error);
	printf("grants are signed by key %s from now on\n", kid);
	return 0;
}
