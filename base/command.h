/* SPDX-License-Identifier: MIT */
#ifndef BASE_COMMAND_H
#define BASE_COMMAND_H

#include "base/error.h"
#include "base/options.h"

/*
 * A program that is used as "PROGRAM COMMAND [ARGUMENT]... [OPTION]...": one
 * row a command.  Help, the completions, the check of the man page and the
 * dispatch all read the same table.
 */
struct command {
	const char *name;
	const char *arguments; /* as the usage line shows them */
	const char *summary;   /* one line */
	const struct option_rule *options;
	int least, most; /* how many arguments it takes */
	/*
	 * Returns 0, COMMAND_SAYS_NO, or -errno with error filled.  NULL: the
	 * program of the same table under ../libexec has it.
	 */
	int (*run)(const struct options *options, struct error *error);
};

#define COMMANDS_ANY 1000
#define COMMAND_SAYS_NO 1 /* no error, and the exit status: denied, differs */

struct program {
	const char *name;
	const char *page;               /* "jitctl(1)" */
	const struct command *commands; /* as help shows them; ends with a NULL name */
	const char *elsewhere;          /* the program under ../libexec, or NULL */
};

/* The row of that name, or NULL. */
const struct command *command_find(const struct program *program, const char *name);

/*
 * Runs the command that argv names and says on stderr why it failed.
 * "--help" and "--version" stand for "help" and "version".  Returns the exit
 * status.
 */
int program_run(const struct program *program, int argc, char **argv);

/* "help" and "version", rows of every program's table. */
int command_help(const struct options *options, struct error *error);
int command_version(const struct options *options, struct error *error);

extern const struct option_rule options_none[];
extern const struct option_rule options_help[];

#endif
