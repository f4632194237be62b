/* SPDX-License-Identifier: MIT */
#include "base/cleanup.h"
#include "base/clock.h"
#include "client/call.h"
#include "client/commands.h"
#include "client/output.h"
#include "client/show.h"

#define WAKE_MS 60000

static int show(const struct options *options, json_t *change, struct error *error)
{
	if (options->json)
		return output_json(json_incref(change), error);
	show_change(stdout, change, clock_wall_seconds(&clock_system));
	return output_finish(error);
}

int command_watch(const struct options *options, struct error *error)
{
	scoped(call_done) struct call call = CALL_INIT;
	int r = call_start(&call, "Watch", json_object(), true, error);

	while (r >= 0) {
		json_auto_t *change = NULL;

		r = call_next(&call, WAKE_MS, &change, error);
		if (r > 0)
			r = show(options, change, error);
	}
	return r;
}
