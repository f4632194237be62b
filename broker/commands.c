/* SPDX-License-Identifier: MIT */
#include "broker/commands.h"

#include <stddef.h>

#define ANY COMMANDS_ANY

/* clang-format off */
static const struct command commands[] = {
	{ "init",       "DIR",                              "make a directory with everything to start from",      options_none,     1, 1,   command_init },
	{ "check",      "DIR",                              "name every mistake and danger in the configuration",  options_none,     1, 1,   command_check },
	{ "explain",    "DIR [PROFILE] [NAME=VALUE]...",    "say in words what a profile allows, to whom",         options_explain,  1, ANY, command_explain },
	{ "simulate",   "DIR PROFILE [NAME=VALUE]...",      "say whether a profile allows a request, and why",     options_simulate, 2, ANY, command_simulate },
	{ "policy",     "DIR PROFILE",                      "print a document that AWS is given for a profile",    options_policy,   2, 2,   command_policy },
	{ "terraform",  "DIR OUT",                          "write what AWS must know, as Terraform",              options_none,     2, 2,   command_terraform },
	{ "invite",     "DIR NAME",                         "print a one-time code for a device of that person",   options_none,     2, 2,   command_invite },
	{ "serve",      "DIR",                              "answer agents and approvers",                         options_none,     1, 1,   command_serve },
	{ "rotate-key", "DIR",                              "sign grants with a new key from now on",              options_none,     1, 1,   command_rotate_key },
	{ "audit",      "DIR",                              "print the audit trail",                               options_none,     1, 1,   command_audit },
	{ "version",    "",                                 "print the version",                                   options_none,     0, 0,   command_version },
	{ "help",       "[COMMAND]",                        "print what there is",                                 options_help,     0, 1,   command_help },
	{ NULL,         NULL,                               NULL,                                                  NULL,             0, 0,   NULL },
};
/* clang-format on */

const struct program jit_broker = { "jit-broker", "jit-broker(8)", commands,
				    "jit-broker-core" };
