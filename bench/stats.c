/* SPDX-License-Identifier: MIT */
#include "bench/stats.h"

#include <stdlib.h>
#include <time.h>

int64_t stats_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int64_t stats_quantile(int64_t *values, size_t count, double share)
{
	size_t index = (size_t)((double)(count - 1) * share);

	qsort(values, count, sizeof(*values), compare);
	return values[index];
}
