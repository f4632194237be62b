/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_PROMPT_H
#define CLIENT_PROMPT_H

#include <stdbool.h>

#include "base/error.h"

/* Longest passphrase, its NUL included. */
#define PASSPHRASE_SIZE 1024

/*
 * Reads a passphrase: at a terminal without echo, asked twice if it is new;
 * otherwise one line of standard input.  The terminal is put right on every
 * way out, signals included.  Returns 0, or -errno with error filled and out
 * wiped.  The caller wipes out after use.
 */
int prompt_passphrase(bool is_new, char out[static PASSPHRASE_SIZE], struct error *error);

#endif
