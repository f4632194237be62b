/* SPDX-License-Identifier: MIT */
/* Hours and time zones; libc's own reader of the same files is the oracle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "broker/hours-rule.h"
#include "broker/hours.h"

#define HOUR 3600
#define DAY 86400

static int64_t at(const char *text)
{
	int64_t seconds = 0;

	assert_int_equal(time_parse(text, &seconds), 0);
	return seconds;
}

static long libc_offset(int64_t seconds)
{
	time_t moment = (time_t)seconds;
	struct tm local;

	assert_non_null(localtime_r(&moment, &local));
	return local.tm_gmtoff;
}

/* Both sides of each change that libc has between two days. */
static void compare_changes(const char *name, const struct zone *zone, int64_t from)
{
	int64_t low = from, high = from + DAY;

	if (libc_offset(low) == libc_offset(high))
		return;
	while (high - low > 1) {
		int64_t middle = low + (high - low) / 2;

		if (libc_offset(middle) == libc_offset(from))
			low = middle;
		else
			high = middle;
	}
	if (zone_offset(zone, low) != libc_offset(low) ||
	    zone_offset(zone, high) != libc_offset(high))
		fail_msg("%s changes at %lld otherwise", name, (long long)high);
}

static void compare(const char *name)
{
	struct error error = { .text = "" };
	struct zone *zone = NULL;

	if (zone_load(name, &zone, &error) < 0)
		fail_msg("%s: %s", name, error.text);
	setenv("TZ", name, 1);
	tzset();
	for (int64_t day = at("1970-01-01T00:00:00Z"); day < at("2090-01-01T00:00:00Z");
	     day += DAY) {
		if (zone_offset(zone, day) != libc_offset(day))
			fail_msg("%s at %lld: %d, not %ld", name, (long long)day,
				 (int)zone_offset(zone, day), libc_offset(day));
		compare_changes(name, zone, day);
	}
	zone_free(zone);
	setenv("TZ", "UTC", 1);
	tzset();
}

/* With summer in the north and in the south, half an hour of it, less of it, none. */
static void test_zones_are_as_libc_has_them(void **state)
{
	static const char *const names[] = {
		"UTC",
		"Europe/Berlin",
		"Europe/Dublin",
		"America/New_York",
		"America/Sao_Paulo",
		"America/Nuuk",
		"Africa/Casablanca",
		"Asia/Kolkata",
		"Asia/Kathmandu",
		"Asia/Gaza",
		"Australia/Sydney",
		"Australia/Lord_Howe",
		"Pacific/Apia",
		"Pacific/Kiritimati",
		"Antarctica/Troll",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		compare(names[i]);
}

/* clang-format off */
static const struct {
	const char *rule, *moment;
	int32_t offset;
} rules[] = {
	{ "CET-1CEST,M3.5.0,M10.5.0/3", "2027-03-28T00:59:59Z", HOUR },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", "2027-03-28T01:00:00Z", 2 * HOUR },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", "2027-10-31T00:59:59Z", 2 * HOUR },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", "2027-10-31T01:00:00Z", HOUR },
	{ "IST-1GMT0,M10.5.0,M3.5.0/1", "2027-01-01T00:00:00Z", 0 },
	{ "IST-1GMT0,M10.5.0,M3.5.0/1", "2027-07-01T00:00:00Z", HOUR },
	{ "AEST-10AEDT,M10.1.0,M4.1.0/3", "2027-01-01T00:00:00Z", 11 * HOUR },
	{ "AEST-10AEDT,M10.1.0,M4.1.0/3", "2027-07-01T00:00:00Z", 10 * HOUR },
	{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2027-03-28T00:59:59Z", -2 * HOUR },
	{ "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2027-03-28T01:00:00Z", -HOUR },
	{ "AAA0BBB,J60,J300", "2028-02-29T12:00:00Z", 0 },    /* J60 is 1 March, always */
	{ "AAA0BBB,J60,J300", "2028-03-01T02:00:00Z", HOUR },
	{ "AAA0BBB,59,300", "2028-02-29T02:00:00Z", HOUR },   /* 59 is not */
	/* RFC 8536, 3.3.1: daylight time all the year, and no moment of another. */
	{ "EST5EDT,0/0,J365/25", "2026-12-31T23:59:59Z", -4 * HOUR },
	{ "EST5EDT,0/0,J365/25", "2027-01-01T04:59:59Z", -4 * HOUR },
	{ "EST5EDT,0/0,J365/25", "2027-01-01T05:00:00Z", -4 * HOUR },
	{ "EST5EDT,0/0,J365/25", "2027-07-01T00:00:00Z", -4 * HOUR },
	{ "EST5EDT,0/0,J365/25", "2029-01-01T05:00:00Z", -4 * HOUR },
	{ "<+0330>-3:30", "2027-07-01T00:00:00Z", 12600 },
};

static const char *const no_rules[] = {
	"", "CE-1", "CET", "CET-25", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.1.0,M1.1.0",
	"CET-1CEST,M3.0.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
	"CET-1CEST,J0,J1", "CET-1CEST,J366,J1", "CET-1CEST,366,1", "CET-1CEST,M3.5.0/168,M10.5.0",
	"CET-1CEST,M3.5.0,M10.5.0/3x", "<>-1", "<+03",
};

static const struct {
	const char *hours, *moment;
	bool is_within;
} moments[] = {
	{ "Mon-Fri 09:00-18:00 Europe/Berlin", "2026-11-30T07:59:59Z", false },
	{ "Mon-Fri 09:00-18:00 Europe/Berlin", "2026-11-30T08:00:00Z", true },
	{ "Mon-Fri 09:00-18:00 Europe/Berlin", "2026-11-30T16:59:59Z", true },
	{ "Mon-Fri 09:00-18:00 Europe/Berlin", "2026-11-30T17:00:00Z", false },
	{ "Mon-Fri 09:00-18:00 Europe/Berlin", "2026-07-01T07:00:00Z", true }, /* summer */
	{ "Mon-Fri 09:00-18:00 Europe/Berlin", "2026-07-01T16:00:00Z", false },
	{ "Mon-Fri 09:00-18:00 Europe/Berlin", "2026-11-29T12:00:00Z", false }, /* Sunday */
	/* Past midnight, and the day is that on which it began. */
	{ "Fri 22:00-06:00 UTC", "2026-11-27T22:00:00Z", true },
	{ "Fri 22:00-06:00 UTC", "2026-11-28T05:59:59Z", true },
	{ "Fri 22:00-06:00 UTC", "2026-11-28T06:00:00Z", false },
	{ "Fri 22:00-06:00 UTC", "2026-11-27T05:00:00Z", false },
	{ "Sat-Sun 22:00-06:00 UTC", "2026-11-30T05:00:00Z", true },
	/* The hour that there is not, and the one that there is twice. */
	{ "daily 02:00-03:00 Europe/Berlin", "2027-03-28T00:59:59Z", false },
	{ "daily 02:00-03:00 Europe/Berlin", "2027-03-28T01:00:00Z", false },
	{ "daily 02:00-03:00 Europe/Berlin", "2027-10-31T00:00:00Z", true },
	{ "daily 02:00-03:00 Europe/Berlin", "2027-10-31T01:59:59Z", true },
	{ "daily 02:00-03:00 Europe/Berlin", "2027-10-31T02:00:00Z", false },
	{ "daily 00:00-24:00 Asia/Kolkata", "2026-11-30T18:29:59Z", true },
	{ "Sun-Mon 00:00-24:00 Pacific/Kiritimati", "2026-11-28T10:00:00Z", true },
	{ "Sun-Mon 00:00-24:00 Pacific/Kiritimati", "2026-11-30T10:00:00Z", false },
};
/* clang-format on */

static void test_the_rule_of_a_zone_goes_on_for_ever(void **state)
{
	struct zone_rule rule;

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		print_message("%s at %s\n", rules[i].rule, rules[i].moment);
		assert_int_equal(zone_rule_parse(rules[i].rule, &rule), 0);
		assert_int_equal(zone_rule_offset(&rule, at(rules[i].moment)),
				 rules[i].offset);
	}
	for (size_t i = 0; i < sizeof(no_rules) / sizeof(no_rules[0]); i++)
		if (zone_rule_parse(no_rules[i], &rule) == 0)
			fail_msg("'%s' was taken", no_rules[i]);
}

static void test_hours_are_those_of_their_zone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		struct hours *hours = NULL;
		struct error error = { .text = "" };

		print_message("%s at %s\n", moments[i].hours, moments[i].moment);
		assert_int_equal(hours_parse(moments[i].hours, &hours, &error), 0);
		assert_int_equal(hours_include(hours, at(moments[i].moment)),
				 moments[i].is_within);
		hours_free(hours);
	}
}

/* A file of zones is the system's, but no length in it is believed. */
static void test_a_zone_that_is_cut_or_damaged_is_refused(void **state)
{
	char bytes[4096];
	FILE *file = fopen(ZONE_DIRECTORY "/Europe/Berlin", "rb");
	struct zone *zone = NULL;
	size_t length;

	(void)state;
	assert_non_null(file);
	length = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	assert_true(length > 100 && length < sizeof(bytes));
	assert_int_equal(zone_parse(bytes, length, &zone), 0);
	zone_free(zone);
	for (size_t cut = 0; cut < length; cut++)
		assert_true(zone_parse(bytes, cut, &zone) < 0);
	for (size_t i = 0; i < length; i++) {
		char was = bytes[i];

		bytes[i] = (char)0xff;
		if (zone_parse(bytes, length, &zone) == 0) {
			zone_offset(zone, at("2026-11-30T00:00:00Z"));
			zone_free(zone);
		}
		bytes[i] = was;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zones_are_as_libc_has_them),
		cmocka_unit_test(test_the_rule_of_a_zone_goes_on_for_ever),
		cmocka_unit_test(test_hours_are_those_of_their_zone),
		cmocka_unit_test(test_a_zone_that_is_cut_or_damaged_is_refused),
	};

	return cmocka_run_group_tests_name("hours", tests, NULL, NULL);
}
