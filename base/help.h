/* SPDX-License-Identifier: MIT */
#ifndef BASE_HELP_H
#define BASE_HELP_H

#include <stdio.h>

#include "base/command.h"

/* The list of commands. */
void help_print(FILE *file, const struct program *program);

/* One command: its usage line, what it does, its options. */
void help_print_command(FILE *file, const struct program *program,
			const struct command *command);

/*
 * The table for completions and checks, a line a thing, tabs between:
 * "command NAME ARGUMENTS SUMMARY", "option COMMAND NAME VALUE SUMMARY".
 */
void help_print_table(FILE *file, const struct program *program);

#endif
