/* SPDX-License-Identifier: MIT */
#include "aws/retry.h"

#include <errno.h>
#include <sodium.h>
#include <time.h>

#include "base/clock.h"

#define USEC_PER_MS 1000

struct retry retry_begin(int64_t deadline_ms)
{
	return (struct retry){ .deadline_usec = clock_now(&clock_system).boot_usec +
						deadline_ms * USEC_PER_MS };
}

int64_t retry_left_ms(const struct retry *retry)
{
	int64_t left = retry->deadline_usec - clock_now(&clock_system).boot_usec;

	return left > 0 ? left / USEC_PER_MS : 0;
}

int64_t retry_slice_ms(const struct retry *retry)
{
	int64_t left = retry_left_ms(retry);

	return left < RETRY_SLICE_MS ? left : RETRY_SLICE_MS;
}

bool retry_is_stopped(const struct retry *retry)
{
	return retry->stop && atomic_load(retry->stop);
}

static void rest(int64_t ms)
{
	struct timespec left = { 0, ms * USEC_PER_MS * 1000 };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}

static int64_t pause_ms(unsigned int tries)
{
	int64_t most = RETRY_FIRST_MS;

	for (unsigned int i = 1; i < tries && most < RETRY_LONGEST_MS; i++)
		most *= 2;
	if (most > RETRY_LONGEST_MS)
		most = RETRY_LONGEST_MS;
	return 1 + randombytes_uniform((uint32_t)most);
}

bool retry_wait(struct retry *retry)
{
	int64_t pause = pause_ms(++retry->tries);

	if (retry->tries >= RETRY_TRIES || pause >= retry_left_ms(retry))
		return false;
	for (; pause > 0 && !retry_is_stopped(retry); pause -= RETRY_SLICE_MS)
		rest(pause < RETRY_SLICE_MS ? pause : RETRY_SLICE_MS);
	return !retry_is_stopped(retry);
}
