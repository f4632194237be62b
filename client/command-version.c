/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "client/commands.h"
#include "client/output.h"

int command_version(const struct options *options, struct error *error)
{
	if (options->json)
		return output_json(json_pack("{s:s}", "version", JIT_VERSION), error);
	puts("jitctl " JIT_VERSION);
	return 0;
}
