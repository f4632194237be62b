/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec now;

	if (clock_gettime(id, &now) < 0)
		return INT64_MAX; /* a session then counts as over */
	return now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
}

static int64_t system_wall(void *data)
{
	(void)data;
	return read_clock(CLOCK_REALTIME);
}

static int64_t system_boot(void *data)
{
	(void)data;
	return read_clock(CLOCK_BOOTTIME);
}

const struct clock clock_system = { system_wall, system_boot, NULL };

int64_t clock_wall_seconds(const struct clock *clock)
{
	return clock->wall_usec(clock->data) / USEC_PER_SEC;
}

struct instant clock_now(const struct clock *clock)
{
	return (struct instant){ clock->wall_usec(clock->data),
				 clock->boot_usec(clock->data) };
}

struct instant instant_add(struct instant instant, int64_t usec)
{
	instant.wall_usec += usec;
	instant.boot_usec += usec;
	return instant;
}

bool instant_is_past(struct instant instant, const struct clock *clock)
{
	struct instant now = clock_now(clock);

	return now.wall_usec >= instant.wall_usec || now.boot_usec >= instant.boot_usec;
}

bool time_is_plausible(int64_t seconds)
{
	const int64_t most = INT64_C(253402300799); /* 9999-12-31T23:59:59Z */

	return seconds >= -most && seconds <= most;
}

char *time_format(int64_t seconds, char out[static TIME_TEXT_SIZE])
{
	time_t when = (time_t)seconds;
	struct tm parts;

	if (!gmtime_r(&when, &parts) || parts.tm_year > 9999 - 1900 ||
	    strftime(out, TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
		memcpy(out, "0000-00-00T00:00:00Z", TIME_TEXT_SIZE);
	return out;
}

/* Skips ".123"; leaves text alone where no digit follows the point. */
static const char *skip_fraction(const char *text)
{
	size_t digits;

	if (*text != '.')
		return text;
	digits = strspn(text + 1, "0123456789");
	return digits ? text + 1 + digits : text;
}

int time_parse(const char *text, int64_t *seconds)
{
	char again[TIME_TEXT_SIZE];
	struct tm parts = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
	int64_t result;

	/* strptime() is lenient; the length and the way back are not. */
	if (!rest || rest - text != TIME_TEXT_SIZE - 2)
		return -EINVAL;
	result = timegm(&parts);
	if (memcmp(time_format(result, again), text, TIME_TEXT_SIZE - 2) != 0)
		return -EINVAL;
	rest = skip_fraction(rest);
	if (strcmp(rest, "Z") != 0 && strcmp(rest, "+00:00") != 0)
		return -EINVAL;
	*seconds = result;
	return 0;
}

/* clang-format off */
static const struct {
	char letter;
	int64_t seconds;
} units[] = {
	{ 'd', 86400 },
	{ 'h', 3600 },
	{ 'm', 60 },
	{ 's', 1 },
};
/* clang-format on */
#define UNITS (sizeof(units) / sizeof(units[0]))
#define LONGEST ((int64_t)10000 * 86400)

/* Moves *text past its digits; -EINVAL without any or past LONGEST. */
static int64_t read_number(const char **text)
{
	const char *at = *text;
	int64_t number = 0;

	for (; *at >= '0' && *at <= '9' && number <= LONGEST; at++)
		number = number * 10 + (*at - '0');
	if (at == *text || number > LONGEST)
		return -EINVAL;
	*text = at;
	return number;
}

int duration_parse(const char *text, int64_t *seconds)
{
	int64_t total = 0;
	size_t unit = 0;

	while (*text) {
		int64_t number = read_number(&text);

		if (number < 0)
			return -EINVAL;
		while (unit < UNITS && units[unit].letter != *text)
			unit++;
		if (unit == UNITS)
			return -EINVAL;
		total += number * units[unit++].seconds;
		text++;
	}
	if (total < 1 || total > LONGEST)
		return -EINVAL;
	*seconds = total;
	return 0;
}

char *duration_format(int64_t seconds, char out[static DURATION_TEXT_SIZE])
{
	int length = 0;

	for (size_t unit = 0; unit < UNITS; unit++) {
		int64_t count = seconds / units[unit].seconds;

		if (count <= 0)
			continue;
		length += snprintf(out + length, (size_t)(DURATION_TEXT_SIZE - length),
				   "%lld%c", (long long)count, units[unit].letter);
		seconds -= count * units[unit].seconds;
	}
	if (length == 0)
		memcpy(out, "0s", 3);
	return out;
}
