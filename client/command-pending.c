/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "client/call.h"
#include "client/commands.h"
#include "client/output.h"
#include "client/show.h"

int command_pending(const struct options *options, struct error *error)
{
	json_auto_t *reply = NULL;
	int r = call_agent("ListPending", json_object(), CALL_SECONDS, &reply, error);

	if (r < 0)
		return r;
	if (options->json)
		return output_json(json_incref(reply), error);
	if (json_array_size(json_object_get(reply, "requests")) == 0)
		puts("nothing waits for you");
	show_pending(stdout, json_object_get(reply, "requests"),
		     clock_wall_seconds(&clock_system));
	return 0;
}
