/* SPDX-License-Identifier: MIT */
#ifndef PROTOCOL_ADDRESS_H
#define PROTOCOL_ADDRESS_H

#include <stdbool.h>
#include <sys/un.h>

#include "base/error.h"

/*
 * Where the agent's socket and files are, from the environment, with
 * secure_getenv().  Each fills error (ERROR_NO_AGENT or ERROR_USAGE) where
 * the variable it needs is missing or too long.
 */

/* $JIT_AGENT_SOCKET, else $XDG_RUNTIME_DIR/jit-agent/agent.sock. */
int address_of_socket(struct sockaddr_un *address, struct error *error);

/*
 * The caller frees *path.  runtime: $XDG_RUNTIME_DIR/jit-agent; config:
 * $XDG_CONFIG_HOME (or ~/.config)/jit-agent/agent.conf; state:
 * $XDG_STATE_HOME (or ~/.local/state)/jit-agent.
 */
int address_of_runtime(char **path, struct error *error);
int address_of_config(char **path, struct error *error);
int address_of_state(char **path, struct error *error);

/*
 * The AWS SDKs' own files, which the caller frees: $AWS_CONFIG_FILE or
 * ~/.aws/config, $AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials.
 */
int address_of_aws_config(char **path, struct error *error);
int address_of_aws_credentials(char **path, struct error *error);

/* Whether AWS_ACCESS_KEY_ID is set: the SDKs put it before any profile. */
bool address_has_aws_keys(void);

#endif
