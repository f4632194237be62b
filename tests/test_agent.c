/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/alarm.h"
#include "agent/ended.h"
#include "agent/fast.h"
#include "agent/renewal.h"
#include "agent/vault.h"
#include "base/secret.h"

#define MINUTE 60

static const struct {
	const char *what;
	int64_t now, expire_at, ends_at, expected; /* INT64_MAX: never */
} renewals[] = {
	{ "half life comes first", 0, 60 * MINUTE, 120 * MINUTE, 30 * MINUTE },
	{ "16 min before comes first", 0, 24 * MINUTE, 120 * MINUTE, 8 * MINUTE },
	{ "a short life: not in its first quarter", 0, 15 * MINUTE, 120 * MINUTE, 225 },
	{ "they last to the session's end", 0, 30 * MINUTE - 30, 30 * MINUTE, INT64_MAX },
	{ "they outlast it", 0, 60 * MINUTE, 30 * MINUTE, INT64_MAX },
};

static void test_renewal_is_in_time_and_not_for_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(renewals) / sizeof(renewals[0]); i++) {
		int64_t when = renewal_time(renewals[i].now, renewals[i].expire_at,
					    renewals[i].ends_at);

		if (when != renewals[i].expected)
			fail_msg("%s: %lld", renewals[i].what, (long long)when);
	}
}

static void test_backoff_grows_to_a_minute_and_no_further(void **state)
{
	int64_t before = 0;

	(void)state;
	for (unsigned int failures = 0; failures < 100; failures++) {
		int64_t seconds = renewal_backoff(failures);

		assert_true(seconds >= before && seconds <= 60);
		before = seconds;
	}
	assert_int_equal(renewal_backoff(0), 1);
	assert_int_equal(before, 60);
}

#define CALL(key, name)                                                         \
	"{\"method\":\"io.jitctl.Agent.GetCredentials\",\"parameters\":{\"" key \
	"\":\"" name "\"},\"upgrade\":true}"

static const struct {
	const char *bytes;
	size_t count;
	bool is_fast;
} calls[] = {
	{ CALL("profile", "orders"), sizeof(CALL("profile", "orders")), true },
	{ CALL("session", "r-7k2m9x4q1d"), sizeof(CALL("session", "r-7k2m9x4q1d")),
	  true },
	{ CALL("profile", "orders"), sizeof(CALL("profile", "orders")) - 1, false },
	{ CALL("profile", ""), sizeof(CALL("profile", "")), false },
	{ CALL("profile", "../x"), sizeof(CALL("profile", "../x")), false },
	{ CALL("profile", "a\\u0041"), sizeof(CALL("profile", "a\\u0041")), false },
	{ CALL("profile", "a\0b"), sizeof(CALL("profile", "a\0b")), false },
	{ CALL("region", "orders"), sizeof(CALL("region", "orders")), false },
	{ " " CALL("profile", "a"), sizeof(" " CALL("profile", "a")), false },
	{ "", 0, false },
};

static void test_only_the_exact_bytes_take_the_short_way(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct fast_call call;

		if (fast_parse(calls[i].bytes, calls[i].count, &call) != calls[i].is_fast)
			fail_msg("%s", calls[i].bytes);
	}
}

static void test_a_vault_opens_with_its_own_key_and_label_only(void **state)
{
	scoped(secret_freep) struct secret *master = secret_random(SEALED_KEY_SIZE);
	scoped(secret_freep) struct secret *other = secret_random(SEALED_KEY_SIZE);
	struct vault vault = { .key = NULL };
	char out[16] = "";

	(void)state;
	assert_true(vault_is_empty(&vault));
	assert_int_equal(vault_put(&vault, "r-1", "document", 9, master), 0);
	assert_int_equal(vault_length(&vault), 9);
	assert_int_equal(vault_open(&vault, "r-1", out), 0);
	assert_string_equal(out, "document");
	assert_true(vault_open(&vault, "r-2", out) < 0);
	vault_lock(&vault);
	assert_true(vault_open(&vault, "r-1", out) < 0);
	assert_true(vault_unlock(&vault, "r-1", other) < 0);
	assert_int_equal(vault_unlock(&vault, "r-1", master), 0);
	assert_int_equal(vault_open(&vault, "r-1", out), 0);
	vault_done(&vault);
	assert_true(vault_is_empty(&vault));
}

static void test_an_end_is_remembered_over_a_restart(void **state)
{
	char folder[] = "/tmp/jit-test-agent.XXXXXX";
	struct ended ended;

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(ended_load(&ended, folder, NULL), 0);
	assert_int_equal(ended_add(&ended, "r-7k2m9x4q1d", NULL), 0);
	ended_done(&ended);
	assert_int_equal(ended_load(&ended, folder, NULL), 0);
	assert_true(ended_has(&ended, "r-7k2m9x4q1d"));
	assert_false(ended_has(&ended, "r-7k2m9x4q1e"));
	assert_int_equal(ended_remove(&ended, "r-7k2m9x4q1d", NULL), 0);
	ended_done(&ended);
	assert_int_equal(rmdir(folder), 0); /* the file went with its last line */
}

static void test_the_earlier_of_two_instants_is_so_on_each_clock(void **state)
{
	struct instant a = { 10, 50 }, b = { 20, 40 };
	struct instant earlier = instant_earlier(a, b);

	(void)state;
	assert_int_equal(earlier.wall_usec, 10);
	assert_int_equal(earlier.boot_usec, 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_renewal_is_in_time_and_not_for_nothing),
		cmocka_unit_test(test_backoff_grows_to_a_minute_and_no_further),
		cmocka_unit_test(test_only_the_exact_bytes_take_the_short_way),
		cmocka_unit_test(test_a_vault_opens_with_its_own_key_and_label_only),
		cmocka_unit_test(test_an_end_is_remembered_over_a_restart),
		cmocka_unit_test(test_the_earlier_of_two_instants_is_so_on_each_clock),
	};

	if (secret_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("agent", tests, NULL, NULL);
}
