/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_COMMANDS_H
#define CLIENT_COMMANDS_H

#include "base/error.h"
#include "client/options.h"

/*
 * What jitctl can do: one row a command.  Help, the completions, the check of
 * the man page and the dispatch all read this table.
 */
struct command {
	const char *name;
	const char *arguments; /* as the usage line shows them */
	const char *summary;   /* one line */
	const struct option_rule *options;
	int least, most; /* how many arguments it takes */
	/* Returns 0, or -errno with error filled. */
	int (*run)(const struct options *options, struct error *error);
};

#define COMMANDS_ANY 1000

/* Every command, in the order in which help shows them; ends with a NULL name. */
extern const struct command commands[];

/* The row of that name, or NULL. */
const struct command *command_find(const char *name);

/* One file each: client/command-NAME.c, with its options. */
int command_enroll(const struct options *options, struct error *error);
int command_profiles(const struct options *options, struct error *error);
int command_request(const struct options *options, struct error *error);
int command_pending(const struct options *options, struct error *error);
int command_approve(const struct options *options, struct error *error);
int command_deny(const struct options *options, struct error *error);
int command_status(const struct options *options, struct error *error);
int command_watch(const struct options *options, struct error *error);
int command_end(const struct options *options, struct error *error);
int command_configure(const struct options *options, struct error *error);
int command_lock(const struct options *options, struct error *error);
int command_unlock(const struct options *options, struct error *error);
int command_version(const struct options *options, struct error *error);
int command_help(const struct options *options, struct error *error);

extern const struct option_rule options_none[];
extern const struct option_rule options_enroll[];
extern const struct option_rule options_request[];
extern const struct option_rule options_decide[];
extern const struct option_rule options_end[];
extern const struct option_rule options_configure[];
extern const struct option_rule options_help[];

#endif
