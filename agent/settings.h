/* SPDX-License-Identifier: MIT */
#ifndef AGENT_SETTINGS_H
#define AGENT_SETTINGS_H

#include "base/config.h"

/* agent.conf, as jit-agent.conf(5) describes it.  "" where a key isn't set. */
struct settings {
	char broker[CONFIG_VALUE_MAX];
	char user[CONFIG_VALUE_MAX];
	char keystore[CONFIG_VALUE_MAX];
	char ca_file[CONFIG_VALUE_MAX];
	char sts_url[CONFIG_VALUE_MAX];
};

/* Reads path and checks what it says.  Returns 0 or error_set(). */
int settings_read(const char *path, struct settings *settings, struct error *error);

/*
 * Checks the address of a broker or an STS (named by what): https, or http on
 * loopback; no query, no fragment, no user.  Slashes at its end are cut.
 * Returns 0 or error_set().
 */
int settings_check_url(const char *what, char *url, struct error *error);

#endif
