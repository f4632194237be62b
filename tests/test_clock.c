/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

static int64_t fake[2];

static int64_t fake_wall(void *data)
{
	return ((int64_t *)data)[0];
}

static int64_t fake_boot(void *data)
{
	return ((int64_t *)data)[1];
}

static const struct clock fake_clock = { fake_wall, fake_boot, fake };

static void test_either_clock_ends_a_session(void **state)
{
	struct instant end;

	(void)state;
	fake[0] = 1000 * USEC_PER_SEC;
	fake[1] = 50 * USEC_PER_SEC;
	end = instant_add(clock_now(&fake_clock), 10 * USEC_PER_SEC);
	assert_false(instant_is_past(end, &fake_clock));
	fake[0] += 3600 * USEC_PER_SEC; /* the wall clock steps forward */
	assert_true(instant_is_past(end, &fake_clock));
	fake[0] -= 7200 * USEC_PER_SEC; /* and back: the other one still counts */
	assert_false(instant_is_past(end, &fake_clock));
	fake[1] += 10 * USEC_PER_SEC; /* suspend over the end */
	assert_true(instant_is_past(end, &fake_clock));
}

static const struct {
	const char *text;
	int64_t seconds; /* -1: refused */
} times[] = {
	{ "1970-01-01T00:00:00Z", 0 },
	{ "2026-11-24T15:30:00Z", 1795534200 },
	{ "2026-11-24T15:30:00.123Z", 1795534200 },
	{ "2026-11-24T15:30:00+00:00", 1795534200 },
	{ "2024-02-29T00:00:00Z", 1709164800 },
	{ "2026-02-29T00:00:00Z", -1 },
	{ "2026-11-24 15:30:00Z", -1 },
	{ "2026-11-24T15:30:00", -1 },
	{ "2026-11-24T15:30:00+01:00", -1 },
	{ "2026-11-24T15:30:00.Z", -1 },
	{ "2026-11-24T25:30:00Z", -1 },
	{ " 2026-11-24T15:30:00Z", -1 },
	{ "", -1 },
};

static void test_times(void **state)
{
	char text[TIME_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		int64_t seconds = -1;

		time_parse(times[i].text, &seconds);
		if (seconds != times[i].seconds)
			fail_msg("%s gave %lld", times[i].text, (long long)seconds);
	}
	assert_string_equal(time_format(1795534200, text), "2026-11-24T15:30:00Z");
}

static const struct {
	const char *text;
	int64_t seconds; /* -1: refused */
	const char *again;
} durations[] = {
	{ "90s", 90, "1m30s" },
	{ "30m", 1800, "30m" },
	{ "1h30m", 5400, "1h30m" },
	{ "1d", 86400, "1d" },
	{ "24h", 86400, "1d" },
	{ "0s", -1, "" },
	{ "", -1, "" },
	{ "30", -1, "" },
	{ "m", -1, "" },
	{ "30m1h", -1, "" },
	{ "1h1h", -1, "" },
	{ "-1h", -1, "" },
	{ "1.5h", -1, "" },
	{ " 1h", -1, "" },
	{ "1h ", -1, "" },
	{ "99999999999999999999s", -1, "" },
	{ "10001d", -1, "" },
};

static void test_durations(void **state)
{
	char text[DURATION_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		int64_t seconds = -1;

		duration_parse(durations[i].text, &seconds);
		if (seconds != durations[i].seconds)
			fail_msg("%s gave %lld", durations[i].text, (long long)seconds);
		if (seconds > 0)
			assert_string_equal(duration_format(seconds, text),
					    durations[i].again);
	}
	assert_string_equal(duration_format(0, text), "0s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_either_clock_ends_a_session),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_durations),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
