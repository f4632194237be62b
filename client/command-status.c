/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "client/call.h"
#include "client/commands.h"
#include "client/output.h"
#include "client/show.h"

int command_status(const struct options *options, struct error *error)
{
	json_auto_t *reply = NULL;
	int r = call_agent("Status", json_object(), CALL_SECONDS, &reply, error);

	if (r < 0)
		return r;
	if (options->json)
		return output_json(show_status_json(reply), error);
	show_status(stdout, reply, clock_wall_seconds(&clock_system));
	return 0;
}
