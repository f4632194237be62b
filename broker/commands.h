/* SPDX-License-Identifier: MIT */
#ifndef BROKER_COMMANDS_H
#define BROKER_COMMANDS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

/* What a command is called with, its own name and options taken out. */
struct invocation {
	int count;
	char **arguments; /* the first is the broker's directory */
	bool json;        /* --json: for programs to read */
};

struct command {
	const char *name;
	const char *arguments; /* as the usage line shows them */
	const char *summary;   /* one line, for --help and the tests */
	int least, most;       /* how many arguments it takes */
	/* Returns 0, or error_set(). */
	int (*run)(const struct invocation *invocation, struct error *error);
};

/* Every command, in the order help shows them; ends with a NULL name. */
extern const struct command commands[];

/* Prints one line of JSON to stdout.  0 or error_set(). */
int command_print_json(const json_t *json, struct error *error);

/* One file per command: broker/command-NAME.c */
int command_init(const struct invocation *invocation, struct error *error);
int command_check(const struct invocation *invocation, struct error *error);
int command_invite(const struct invocation *invocation, struct error *error);
int command_serve(const struct invocation *invocation, struct error *error);
int command_rotate_key(const struct invocation *invocation, struct error *error);
int command_audit(const struct invocation *invocation, struct error *error);

#endif
