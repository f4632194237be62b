/* SPDX-License-Identifier: MIT */
#include "broker/hours.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define DAY_MINUTES 1440
#define DAY_SECONDS 86400
#define HOURS_TEXT_MAX 160

static const char *const day_names[7] = {
	"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"
};

void hours_free(struct hours *hours)
{
	if (!hours)
		return;
	zone_free(hours->zone);
	free(hours->text);
	free(hours);
}

static int day_of(const char *text)
{
	for (int day = 0; day < 7; day++)
		if (strncmp(text, day_names[day], 3) == 0)
			return day;
	return -1;
}

/* "Mon" or "Fri-Mon": the days from one to the other, round the week's end. */
static int read_days(const char *item, unsigned int *days)
{
	int first = day_of(item), last = first;

	if (first < 0)
		return -EINVAL;
	item += 3;
	if (*item == '-') {
		last = day_of(item + 1);
		item += 4;
	}
	if (last < 0 || *item)
		return -EINVAL;
	for (int day = first;; day = (day + 1) % 7) {
		*days |= 1U << day;
		if (day == last)
			return 0;
	}
}

static int read_weekdays(char *text, unsigned int *weekdays)
{
	char *rest = text, *item;

	*weekdays = 0;
	if (strcmp(text, "daily") == 0) {
		*weekdays = 0x7f;
		return 0;
	}
	while ((item = strsep(&rest, ",")))
		if (read_days(item, weekdays) < 0)
			return -EINVAL;
	return 0;
}

static int two_digits(const char *text)
{
	if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
		return -1;
	return (text[0] - '0') * 10 + (text[1] - '0');
}

/* "HH:MM" at text, at most `most` minutes. */
static int read_minute(const char *text, int most)
{
	int hour = two_digits(text), minute;

	if (hour < 0 || text[2] != ':')
		return -EINVAL;
	minute = two_digits(text + 3);
	if (minute < 0 || minute > 59 || hour * 60 + minute > most)
		return -EINVAL;
	return hour * 60 + minute;
}

/* The same minute twice would be no time or a whole day: it has to be said which. */
static int read_times(const char *text, struct hours *hours)
{
	if (strlen(text) != strlen("HH:MM-HH:MM") || text[5] != '-')
		return -EINVAL;
	hours->from_minute = read_minute(text, DAY_MINUTES - 1);
	hours->to_minute = read_minute(text + 6, DAY_MINUTES);
	if (hours->from_minute < 0 || hours->to_minute < 0 ||
	    hours->from_minute == hours->to_minute)
		return -EINVAL;
	return 0;
}

static int read_parts(char *text, struct hours *hours, struct error *error)
{
	char *rest = text, *days = strsep(&rest, " "), *times = strsep(&rest, " ");

	if (!rest || strchr(rest, ' '))
		return error_set(error, ERROR_USAGE,
				 "hours are written DAYS HH:MM-HH:MM ZONE");
	if (read_weekdays(days, &hours->weekdays) < 0)
		return error_set(error, ERROR_USAGE,
				 "'%s' is no list of days; write daily, Mon-Fri or "
				 "Mon,Wed,Sat",
				 TEXT_ESCAPED(days));
	if (read_times(times, hours) < 0)
		return error_set(error, ERROR_USAGE,
				 "'%s' is no span of hours; write two different times "
				 "from 00:00 to 24:00 as 09:00-18:00",
				 TEXT_ESCAPED(times));
	return zone_load(rest, &hours->zone, error);
}

int hours_parse(const char *text, struct hours **hours, struct error *error)
{
	scoped(hours_freep) struct hours *new = NULL;
	scoped(freep) char *copy = NULL;
	int r;

	if (strlen(text) > HOURS_TEXT_MAX)
		return error_set(error, ERROR_USAGE, "too long for hours");
	new = calloc(1, sizeof(*new));
	copy = strdup(text);
	if (!new || !copy)
		return -ENOMEM;
	new->text = strdup(text);
	if (!new->text)
		return -ENOMEM;
	r = read_parts(copy, new, error);
	if (r == 0)
		*hours = take(new);
	return r;
}

bool hours_include(const struct hours *hours, int64_t seconds)
{
	int64_t local = seconds + zone_offset(hours->zone, seconds);
	int64_t day = local / DAY_SECONDS, second = local % DAY_SECONDS;
	int weekday, minute;

	if (second < 0) {
		second += DAY_SECONDS;
		day--;
	}
	minute = (int)(second / 60);
	weekday = (int)(((day + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
	if (hours->from_minute < hours->to_minute)
		return hours->weekdays >> weekday & 1U && minute >= hours->from_minute &&
		       minute < hours->to_minute;
	if (minute >= hours->from_minute)
		return hours->weekdays >> weekday & 1U;
	return minute < hours->to_minute && hours->weekdays >> (weekday + 6) % 7 & 1U;
}
