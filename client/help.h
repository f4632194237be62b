/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_HELP_H
#define CLIENT_HELP_H

#include <stdio.h>

#include "client/commands.h"

/* The list of commands. */
void help_print(FILE *file);

/* One command: its usage line, what it does, its options. */
void help_print_command(FILE *file, const struct command *command);

/*
 * The table for completions and checks, a line a thing, tabs between:
 * "command NAME ARGUMENTS SUMMARY", "option COMMAND NAME VALUE SUMMARY".
 */
void help_print_table(FILE *file);

#endif
