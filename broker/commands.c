/* SPDX-License-Identifier: MIT */
#include "broker/commands.h"

#include <stddef.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/json.h"

/* clang-format off */
const struct command commands[] = {
	{ "init",       "DIR",      "Make a directory with everything to start from",    1, 1, command_init },
	{ "check",      "DIR",      "Name every mistake in the configuration",           1, 1, command_check },
	{ "invite",     "DIR NAME", "Print a one-time code for a device of that person", 2, 2, command_invite },
	{ "serve",      "DIR",      "Answer agents and approvers",                       1, 1, command_serve },
	{ "rotate-key", "DIR",      "Sign grants with a new key from now on",            1, 1, command_rotate_key },
	{ "audit",      "DIR",      "Print the audit trail",                             1, 1, command_audit },
	{ NULL,         NULL,       NULL,                                                0, 0, NULL },
};
/* clang-format on */

int command_print_json(const json_t *json, struct error *error)
{
	scoped(json_text_freep) char *text = json ? json_text(json) : NULL;

	if (!text)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	if (puts(text) < 0)
		return error_set(error, ERROR_INTERNAL, "cannot write to stdout");
	return 0;
}
