/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_COMMANDS_H
#define CLIENT_COMMANDS_H

#include "base/command.h"

/* What jitctl can do. */
extern const struct program jitctl;

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

extern const struct option_rule options_enroll[];
extern const struct option_rule options_request[];
extern const struct option_rule options_decide[];
extern const struct option_rule options_end[];
extern const struct option_rule options_configure[];

#endif
