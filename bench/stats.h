/* SPDX-License-Identifier: MIT */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>
#include <stdint.h>

/* What the benchmark programs share: a clock and order statistics. */

/* CLOCK_MONOTONIC, nanoseconds. */
int64_t stats_now(void);

/* Sorts values and returns the one below which that share of them (0 to 1) lies. */
int64_t stats_quantile(int64_t *values, size_t count, double share);

#endif
