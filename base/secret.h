/* SPDX-License-Identifier: MIT */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

/*
 * Bytes that must not outlive their use: locked in RAM, kept out of core
 * dumps, fenced by guard pages, inaccessible between uses and wiped when
 * freed.  The type is opaque so that no one prints, copies or compares one by
 * accident; every place that looks inside says secret_reveal() and can be
 * found with grep.  Costs 15 us to make: for keys, never per call.
 */
struct secret;

/* Call once, before anything else here.  Returns 0, or -EIO if it cannot work. */
int secret_init(void);

/*
 * No core, no ptrace by our own uid, no /proc/PID/mem: PR_SET_DUMPABLE 0 and
 * RLIMIT_CORE 0.  For every program that meets a secret, first thing in main().
 */
int secret_harden_process(void);

/*
 * Copies length bytes into a new secret and wipes the original.  Returns
 * NULL when memory is short; the original is wiped even then.
 */
struct secret *secret_take(void *bytes, size_t length);

/* A new secret of length random bytes; NULL when memory is short. */
struct secret *secret_random(size_t length);

/* Wipes and frees what is closed.  Accepts NULL; always returns NULL. */
struct secret *secret_free(struct secret *secret);

/*
 * Opens the bytes for reading; they end in a NUL.  Borrowed, valid until
 * secret_conceal(), which every reveal is paired with.  Pairs may nest.
 */
const void *secret_reveal(struct secret *secret);

/* Closes what secret_reveal() opened; NULL is fine. */
void secret_conceal(struct secret *secret);

size_t secret_length(const struct secret *secret);

/* Compares in time that depends on the lengths only. */
bool secret_equal(struct secret *a, struct secret *b);

static inline void secret_freep(struct secret **secret)
{
	*secret = secret_free(*secret);
}

/* scoped(secret_concealp) struct secret *open = key; closes it again. */
static inline void secret_concealp(struct secret **secret)
{
	secret_conceal(*secret);
}

#endif
