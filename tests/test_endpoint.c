/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aws/endpoint.h"
#include "aws/url.h"

static void test_each_partition_has_its_own_suffix(void **state)
{
	/* clang-format off */
	static const struct {
		const char *region, *sts, *iam, *iam_region;
	} rows[] = {
		{ "eu-west-1",      "https://sts.eu-west-1.amazonaws.com/",      "https://iam.amazonaws.com/",                  "us-east-1" },
		{ "us-east-1",      "https://sts.us-east-1.amazonaws.com/",      "https://iam.amazonaws.com/",                  "us-east-1" },
		{ "ap-southeast-2", "https://sts.ap-southeast-2.amazonaws.com/", "https://iam.amazonaws.com/",                  "us-east-1" },
		{ "cn-north-1",     "https://sts.cn-north-1.amazonaws.com.cn/",  "https://iam.cn-north-1.amazonaws.com.cn/",    "cn-north-1" },
		{ "cn-northwest-1", "https://sts.cn-northwest-1.amazonaws.com.cn/", "https://iam.cn-north-1.amazonaws.com.cn/", "cn-north-1" },
		{ "us-gov-west-1",  "https://sts.us-gov-west-1.amazonaws.com/",  "https://iam.us-gov.amazonaws.com/",           "us-gov-west-1" },
		{ "us-gov-east-1",  "https://sts.us-gov-east-1.amazonaws.com/",  "https://iam.us-gov.amazonaws.com/",           "us-gov-west-1" },
		{ "us-isob-east-1", "https://sts.us-isob-east-1.sc2s.sgov.gov/", "https://iam.us-isob-east-1.sc2s.sgov.gov/",   "us-isob-east-1" },
		{ "eusc-de-east-1", "https://sts.eusc-de-east-1.amazonaws.eu/",  "https://iam.eusc-de-east-1.amazonaws.eu/",    "eusc-de-east-1" },
	};
	/* clang-format on */
	struct endpoint endpoint;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(endpoint_sts(rows[i].region, &endpoint, NULL), 0);
		assert_string_equal(endpoint.url, rows[i].sts);
		assert_string_equal(endpoint.region, rows[i].region);
		assert_int_equal(endpoint_dynamodb(rows[i].region, &endpoint, NULL), 0);
		assert_string_equal(strstr(endpoint.url, rows[i].region),
				    strstr(rows[i].sts, rows[i].region));
		assert_int_equal(strncmp(endpoint.url, "https://dynamodb.", 17), 0);
		assert_int_equal(endpoint_iam(rows[i].region, &endpoint, NULL), 0);
		assert_string_equal(endpoint.url, rows[i].iam);
		assert_string_equal(endpoint.region, rows[i].iam_region);
	}
}

static void test_what_is_no_region_cannot_choose_the_host(void **state)
{
	static const char *const names[] = { "",
					     "eu",
					     "eu-west",
					     "eu-west-1.evil.example/",
					     "EU-WEST-1",
					     "eu west 1",
					     "eu-west-1@evil",
					     "eu--west-1",
					     "-eu-west-1",
					     "eu-west-1-eu-west-1-eu-west-1-eu-west-1" };
	struct endpoint endpoint;
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_int_equal(endpoint_sts(names[i], &endpoint, &error), -EINVAL);
		assert_int_equal(error.kind, ERROR_USAGE);
		assert_int_equal(endpoint_iam(names[i], &endpoint, NULL), -EINVAL);
	}
}

static void test_plain_http_is_for_this_machine_only(void **state)
{
	/* clang-format off */
	static const struct {
		const char *url;
		bool is_allowed, is_plain;
	} rows[] = {
		{ "https://jit.example.com/v1",         true,  false },
		{ "https://10.0.0.1:8443/",             true,  false },
		{ "http://127.0.0.1:8080/v1",           true,  true },
		{ "http://127.9.9.9/",                  true,  true },
		{ "http://[::1]:99/",                   true,  true },
		{ "http://localhost:99/",               true,  true },
		{ "http://LOCALHOST/",                  true,  true },
		{ "http://jit.example.com/",            false, false },
		{ "http://127.0.0.1.example.com/",      false, false },
		{ "http://localhost.example.com/",      false, false },
		{ "http://0.0.0.0/",                    false, false },
		{ "http://10.0.0.1/",                   false, false },
		{ "http://[fe80::1]/",                  false, false },
		{ "http://2130706434.example/",         false, false },
		{ "https://user:secret@jit.example.com/", false, false },
		{ "http://127.0.0.1@evil.example/",     false, false },
		{ "https://jit.example.com/#part",      false, false },
		{ "ftp://127.0.0.1/",                   false, false },
		{ "file:///etc/passwd",                 false, false },
		{ "jit.example.com",                    false, false },
		{ "https://jit.example.com/a b",        false, false },
		{ "https://jit.example.com/\r\nX: y",   false, false },
		{ "",                                   false, false },
	};
	/* clang-format on */
	struct url_traits traits;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct error error = { .kind = ERROR_NONE };
		int r = url_check(rows[i].url, &traits, &error);

		assert_int_equal(r, rows[i].is_allowed ? 0 : -EINVAL);
		assert_int_equal(error.kind,
				 rows[i].is_allowed ? ERROR_NONE : ERROR_USAGE);
		if (r == 0)
			assert_int_equal(traits.is_plain, rows[i].is_plain);
	}
}

static void test_no_refusal_of_a_url_quotes_its_password(void **state)
{
	struct url_traits traits;
	struct error error;

	(void)state;
	assert_true(url_check("https://user:hunter2@jit.example.com/", &traits, &error) <
		    0);
	assert_null(strstr(error.text, "hunter2"));
}

static bool four_is_loopback(const char *text)
{
	struct sockaddr_in address = { .sin_family = AF_INET };

	inet_pton(AF_INET, text, &address.sin_addr);
	return address_is_loopback((struct sockaddr *)&address);
}

static bool six_is_loopback(const char *text)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6 };

	inet_pton(AF_INET6, text, &address.sin6_addr);
	return address_is_loopback((struct sockaddr *)&address);
}

static void test_an_address_is_judged_by_its_bytes(void **state)
{
	const struct sockaddr local = { .sa_family = AF_UNIX };

	(void)state;
	assert_true(four_is_loopback("127.0.0.1"));
	assert_true(four_is_loopback("127.255.0.1"));
	assert_false(four_is_loopback("128.0.0.1"));
	assert_false(four_is_loopback("0.0.0.0"));
	assert_true(six_is_loopback("::1"));
	assert_true(six_is_loopback("::ffff:127.0.0.1"));
	assert_false(six_is_loopback("::ffff:10.0.0.1"));
	assert_false(six_is_loopback("::"));
	assert_false(address_is_loopback(&local));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_partition_has_its_own_suffix),
		cmocka_unit_test(test_what_is_no_region_cannot_choose_the_host),
		cmocka_unit_test(test_plain_http_is_for_this_machine_only),
		cmocka_unit_test(test_no_refusal_of_a_url_quotes_its_password),
		cmocka_unit_test(test_an_address_is_judged_by_its_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
