/* SPDX-License-Identifier: MIT */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Two clocks, passed in so that tests set them: the wall clock, by which
 * people and AWS name an end, and CLOCK_BOOTTIME, which no one can step and
 * which counts on through suspend.  Both in microseconds.
 */
#define USEC_PER_SEC ((int64_t)1000000)

struct clock {
	int64_t (*wall_usec)(void *data); /* since 1970-01-01 UTC */
	int64_t (*boot_usec)(void *data); /* since boot, suspend included */
	void *data;
};

/* The machine's own clocks. */
extern const struct clock clock_system;

/* Whole seconds since 1970, rounded down. */
int64_t clock_wall_seconds(const struct clock *clock);

/* A moment on both clocks. */
struct instant {
	int64_t wall_usec;
	int64_t boot_usec;
};

struct instant clock_now(const struct clock *clock);

/* The instant that lies that many microseconds after a given one. */
struct instant instant_add(struct instant instant, int64_t usec);

/* Whether either clock has reached it: the earlier one decides. */
bool instant_is_past(struct instant instant, const struct clock *clock);

/* Whether so many seconds, as a stranger says, can be reckoned with: to year 9999. */
bool time_is_plausible(int64_t seconds);

/* "2026-11-24T15:30:00Z" and its NUL. */
#define TIME_TEXT_SIZE 21

/* Writes seconds since 1970 as RFC 3339 in UTC.  Returns out. */
char *time_format(int64_t seconds, char out[static TIME_TEXT_SIZE]);

/*
 * Reads RFC 3339 in UTC, with Z or +00:00 and fractions dropped, into seconds
 * since 1970.  Returns 0 or -EINVAL.
 */
int time_parse(const char *text, int64_t *seconds);

/*
 * Reads "90s", "30m", "2h", "1h30m", "1d" into seconds: each unit once, the
 * larger first, at least 1 s and at most 10,000 days.  Returns 0 or -EINVAL.
 */
int duration_parse(const char *text, int64_t *seconds);

/* "1h30m", "45s", "0s" and its NUL. */
#define DURATION_TEXT_SIZE 48

char *duration_format(int64_t seconds, char out[static DURATION_TEXT_SIZE]);

#endif
