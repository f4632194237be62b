/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "client/call.h"
#include "client/commands.h"
#include "client/output.h"

int command_lock(const struct options *options, struct error *error)
{
	json_auto_t *reply = NULL;
	int r = call_agent("Lock", json_object(), CALL_SECONDS, &reply, error);

	if (r < 0)
		return r;
	if (options->json)
		return output_json(json_pack("{s:b}", "locked", 1), error);
	puts("locked");
	return 0;
}
