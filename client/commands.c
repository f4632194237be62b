/* SPDX-License-Identifier: MIT */
#include "client/commands.h"

#include <stddef.h>

#define ANY COMMANDS_ANY

/* clang-format off */
static const struct command commands[] = {
	{ "enroll",    "",                       "make this agent yours on a broker",             options_enroll,    0, 0,   command_enroll },
	{ "profiles",  "",                       "list what can be asked for",                    options_none,      0, 0,   command_profiles },
	{ "request",   "PROFILE [NAME=VALUE]...","ask for access",                                options_request,   1, ANY, command_request },
	{ "pending",   "",                       "list the requests that you could decide on",    options_none,      0, 0,   command_pending },
	{ "approve",   "ID",                     "say yes to a request",                          options_decide,    1, 1,   command_approve },
	{ "deny",      "ID",                     "say no to a request",                           options_decide,    1, 1,   command_deny },
	{ "status",    "",                       "show the agent, your requests and sessions",    options_none,      0, 0,   command_status },
	{ "watch",     "",                       "print each change as it happens",               options_none,      0, 0,   command_watch },
	{ "end",       "[ID]...",                "end sessions, withdraw requests",               options_end,       0, ANY, command_end },
	{ "configure", "PROFILE",                "let the AWS CLI and SDKs use a profile",        options_configure, 1, 1,   command_configure },
	{ "lock",      "",                       "wipe every secret from the agent's memory",     options_none,      0, 0,   command_lock },
	{ "unlock",    "",                       "give the agent its master key back",            options_none,      0, 0,   command_unlock },
	{ "version",   "",                       "print the version",                             options_none,      0, 0,   command_version },
	{ "help",      "[COMMAND]",              "print what there is",                           options_help,      0, 1,   command_help },
	{ NULL,        NULL,                     NULL,                                            NULL,              0, 0,   NULL },
};
/* clang-format on */

const struct program jitctl = { "jitctl", "jitctl(1)", commands, NULL };
