/* SPDX-License-Identifier: MIT */
#ifndef BROKER_COMMANDS_H
#define BROKER_COMMANDS_H

#include "base/command.h"

#define COMMAND_OF_CORE __attribute__((weak))

/* What jit-broker can do.  The first argument is the broker's directory. */
extern const struct program jit_broker;

/* One file each: broker/command-NAME.c, with its options. */
int command_explain(const struct options *options, struct error *error);
int command_simulate(const struct options *options, struct error *error);
int command_policy(const struct options *options, struct error *error);
int command_terraform(const struct options *options, struct error *error);

/*
 * What needs keys, store or network, and libraries that take longer to load than
 * the others take to run: linked into jit-broker-core alone, NULL in jit-broker.
 */
COMMAND_OF_CORE int command_init(const struct options *options, struct error *error);
COMMAND_OF_CORE int command_check(const struct options *options, struct error *error);
COMMAND_OF_CORE int command_invite(const struct options *options, struct error *error);
COMMAND_OF_CORE int command_serve(const struct options *options, struct error *error);
COMMAND_OF_CORE int command_rotate_key(const struct options *options,
				       struct error *error);
COMMAND_OF_CORE int command_audit(const struct options *options, struct error *error);

extern const struct option_rule options_explain[];
extern const struct option_rule options_simulate[];
extern const struct option_rule options_policy[];

#endif
