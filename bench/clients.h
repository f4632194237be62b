/* SPDX-License-Identifier: MIT */
#ifndef BENCH_CLIENTS_H
#define BENCH_CLIENTS_H

#include <stddef.h>

/* What one client does, in a thread of its own: 0, or non-zero when it failed. */
typedef int client_work(void);

/*
 * Runs so many clients at once, each of which does `each` of something, and prints how
 * many a second they did together.  An exit status: 0, or 1 when one failed.
 */
int clients_measure(size_t clients, size_t each, client_work *work);

#endif
