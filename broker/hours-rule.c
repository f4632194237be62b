/* SPDX-License-Identifier: MIT */
#include "broker/hours-rule.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#define DAY_SECONDS 86400
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* Advances past `expected` if it comes next. */
static bool skip(const char **text, char expected)
{
	if (**text != expected)
		return false;
	(*text)++;
	return true;
}

static int read_number(const char **text, int most, int32_t *number)
{
	const char *start = *text;

	for (*number = 0; **text >= '0' && **text <= '9'; (*text)++) {
		*number = *number * 10 + (**text - '0');
		if (*number > most)
			return -EINVAL;
	}
	return *text == start ? -EINVAL : 0;
}

/* "EST" or "<+0330>" */
static int skip_abbreviation(const char **text)
{
	size_t length;

	if (skip(text, '<')) {
		length = strcspn(*text, ">");
		*text += length;
		return skip(text, '>') && length > 0 ? 0 : -EINVAL;
	}
	length = strspn(*text, LETTERS);
	*text += length;
	return length >= 3 ? 0 : -EINVAL;
}

/* "[+-]hh[:mm[:ss]]" */
static int read_time(const char **text, int most_hours, int32_t *seconds)
{
	static const int32_t units[] = { 3600, 60, 1 };
	bool is_negative = skip(text, '-');

	if (!is_negative)
		skip(text, '+');
	*seconds = 0;
	for (size_t i = 0; i < 3; i++) {
		int32_t number;

		if (i > 0 && !skip(text, ':'))
			break;
		if (read_number(text, i == 0 ? most_hours : 59, &number) < 0)
			return -EINVAL;
		*seconds += number * units[i];
	}
	if (is_negative)
		*seconds = -*seconds;
	return 0;
}

static int read_month_day(const char **text, struct zone_change *change)
{
	if (read_number(text, 12, &change->month) < 0 || !skip(text, '.') ||
	    read_number(text, 5, &change->week) < 0 || !skip(text, '.') ||
	    read_number(text, 6, &change->day) < 0)
		return -EINVAL;
	return change->month == 0 || change->week == 0 ? -EINVAL : 0;
}

static int read_change(const char **text, struct zone_change *change)
{
	int r;

	if (!skip(text, ','))
		return -EINVAL;
	if (skip(text, 'M')) {
		change->form = ZONE_DAY_OF_MONTH;
		r = read_month_day(text, change);
	} else if (skip(text, 'J')) {
		change->form = ZONE_DAY_JULIAN;
		r = read_number(text, 365, &change->day);
		if (r == 0 && change->day == 0)
			r = -EINVAL;
	} else {
		change->form = ZONE_DAY_OF_YEAR;
		r = read_number(text, 365, &change->day);
	}
	change->seconds = 2 * 3600;
	if (r == 0 && skip(text, '/'))
		r = read_time(text, 167, &change->seconds);
	return r;
}

/* POSIX counts west of Greenwich; everybody else, and we, count east. */
static int read_offset(const char **text, int32_t *offset)
{
	if (read_time(text, 24, offset) < 0)
		return -EINVAL;
	*offset = -*offset;
	return 0;
}

int zone_rule_parse(const char *text, struct zone_rule *rule)
{
	*rule = (struct zone_rule){ 0 };
	if (skip_abbreviation(&text) < 0 || read_offset(&text, &rule->standard) < 0)
		return -EINVAL;
	if (!*text)
		return 0;
	rule->has_daylight = true;
	rule->daylight = rule->standard + 3600;
	if (skip_abbreviation(&text) < 0)
		return -EINVAL;
	if (*text != ',' && read_offset(&text, &rule->daylight) < 0)
		return -EINVAL;
	if (read_change(&text, &rule->start) < 0 || read_change(&text, &rule->end) < 0)
		return -EINVAL;
	return *text ? -EINVAL : 0;
}

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 to 1 January of a year; whole 400-year spans first. */
static int64_t days_before_year(int64_t year)
{
	int64_t spans = year >= 0 ? year / 400 : -((399 - year) / 400);
	int64_t rest = year - spans * 400;
	int64_t leaps = rest ? (rest - 1) / 4 - (rest - 1) / 100 + 1 : 0;

	return spans * 146097 + rest * 365 + leaps - 719528;
}

static int64_t year_of(int64_t seconds)
{
	int64_t days = seconds / DAY_SECONDS - (seconds % DAY_SECONDS < 0);
	int64_t year = 1970 + days / 366;

	while (days_before_year(year) > days)
		year--;
	while (days_before_year(year + 1) <= days)
		year++;
	return year;
}

static int weekday_of(int64_t day)
{
	return (int)(((day + 4) % 7 + 7) % 7);
}

/* The day since 1970 of "the week-th day of month"; 5 is the last one there is. */
static int64_t month_day(const struct zone_change *change, int64_t year)
{
	static const int before[] = { 0,   31,  59,  90,  120, 151, 181,
				      212, 243, 273, 304, 334, 365 };
	int leap_day = is_leap(year);
	int64_t first = days_before_year(year) + before[change->month - 1] +
			(change->month > 2 ? leap_day : 0);
	int64_t next = days_before_year(year) + before[change->month] +
		       (change->month > 1 ? leap_day : 0);
	int64_t day = first + (change->day - weekday_of(first) + 7) % 7 +
		      (int64_t)7 * (change->week - 1);

	while (day >= next)
		day -= 7;
	return day;
}

static int64_t change_second(const struct zone_change *change, int64_t year,
			     int32_t offset_before)
{
	int64_t day = days_before_year(year);

	if (change->form == ZONE_DAY_OF_MONTH)
		day = month_day(change, year);
	else if (change->form == ZONE_DAY_OF_YEAR)
		day += change->day;
	else
		day += change->day - 1 + (is_leap(year) && change->day >= 60);
	return day * DAY_SECONDS + change->seconds - offset_before;
}

/*
 * The latest change that is not in the future decides.  A change may fall
 * into the year next door (hours run to +-167), so three years are looked at.
 * Where daylight time ends in the second in which the next year's begins, there
 * is no other: RFC 8536, 3.3.1, "EST5EDT,0/0,J365/25".
 */
int32_t zone_rule_offset(const struct zone_rule *rule, int64_t seconds)
{
	int64_t year, latest = INT64_MIN;
	bool is_daylight = false;

	if (!rule->has_daylight || seconds < -((int64_t)1 << 40) ||
	    seconds > (int64_t)1 << 40)
		return rule->standard;
	year = year_of(seconds);
	for (int64_t at = year - 1; at <= year + 1; at++) {
		int64_t start = change_second(&rule->start, at, rule->standard);
		int64_t end = change_second(&rule->end, at, rule->daylight);

		if (start <= seconds && start >= latest) {
			latest = start;
			is_daylight = true;
		}
		if (end <= seconds && end >= latest) {
			latest = end;
			is_daylight = false;
		}
	}
	return is_daylight ? rule->daylight : rule->standard;
}
