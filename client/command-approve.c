/* SPDX-License-Identifier: MIT */
#include "client/commands.h"
#include "client/decide.h"

int command_approve(const struct options *options, struct error *error)
{
	return decide(options, "approve", error);
}
