/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "broker/forwarded.h"

/* clang-format off */
static const struct {
	const char *peer, *trusted, *header, *name;
} calls[] = {
	/* No proxy: what a caller says of itself is nothing. */
	{ "192.0.2.1",        "",          NULL,                      "192.0.2.1" },
	{ "192.0.2.1",        "",          "198.51.100.7",            "192.0.2.1" },
	{ "127.0.0.1",        "",          "198.51.100.7",            "127.0.0.1" },
	/* Around the proxy. */
	{ "192.0.2.1",        "127.0.0.1", "198.51.100.7",            "192.0.2.1" },
	{ "127.0.0.2",        "127.0.0.1", "198.51.100.7",            "127.0.0.2" },
	/* Through it: the last one, which it wrote. */
	{ "127.0.0.1",        "127.0.0.1", "198.51.100.7",            "198.51.100.7" },
	{ "127.0.0.1",        "127.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7" },
	{ "127.0.0.1",        "127.0.0.1", "nonsense,198.51.100.7 ",  "198.51.100.7" },
	{ "127.0.0.1",        "127.0.0.1", "2001:db8:1:2:3:4:5:6",    "2001:db8:1:2::/64" },
	{ "127.0.0.1",        "127.0.0.1", "::ffff:198.51.100.7",     "198.51.100.7" },
	{ "::ffff:127.0.0.1", "127.0.0.1", "198.51.100.7",            "198.51.100.7" },
	{ "2001:db8::1",      "2001:db8::1", "198.51.100.7",          "198.51.100.7" },
	/* The same network is not the same proxy. */
	{ "2001:db8::2",      "2001:db8::1", "198.51.100.7",          "2001:db8::/64" },
	/* What it could not have written leaves its own name. */
	{ "127.0.0.1",        "127.0.0.1", NULL,                      "127.0.0.1" },
	{ "127.0.0.1",        "127.0.0.1", "",                        "127.0.0.1" },
	{ "127.0.0.1",        "127.0.0.1", "198.51.100.7, ",          "127.0.0.1" },
	{ "127.0.0.1",        "127.0.0.1", "198.51.100.7:80",         "127.0.0.1" },
	{ "127.0.0.1",        "127.0.0.1", "198.51.100.7 x",          "127.0.0.1" },
	{ "127.0.0.1",        "127.0.0.1", "unknown",                 "127.0.0.1" },
	{ "127.0.0.1",        "127.0.0.1", "2001:0db8:0001:0002:0003:0004:0005:0006:0007:0008:0009", "127.0.0.1" },
};
/* clang-format on */

static void make_peer(const char *text, struct sockaddr_storage *peer)
{
	memset(peer, 0, sizeof(*peer));
	peer->ss_family = strchr(text, ':') ? AF_INET6 : AF_INET;
	if (peer->ss_family == AF_INET)
		inet_pton(AF_INET, text, &((struct sockaddr_in *)peer)->sin_addr);
	else
		inet_pton(AF_INET6, text, &((struct sockaddr_in6 *)peer)->sin6_addr);
}

static void test_only_the_trusted_proxy_says_who_calls(void **state)
{
	struct sockaddr_storage peer;
	char name[64];

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		make_peer(calls[i].peer, &peer);
		forwarded_peer_name((struct sockaddr *)&peer, calls[i].trusted,
				    calls[i].header, name, sizeof(name));
		if (strcmp(name, calls[i].name) != 0)
			fail_msg("row %zu: %s, not %s", i, name, calls[i].name);
	}
	forwarded_peer_name(NULL, "127.0.0.1", "198.51.100.7", name, sizeof(name));
	assert_string_equal(name, "unknown");
}

static void test_a_proxy_is_an_address(void **state)
{
	(void)state;
	assert_true(forwarded_is_address("127.0.0.1"));
	assert_true(forwarded_is_address("::1"));
	assert_false(forwarded_is_address(""));
	assert_false(forwarded_is_address("localhost"));
	assert_false(forwarded_is_address("10.0.0.0/8"));
	assert_false(forwarded_is_address("127.0.0.1:80"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_trusted_proxy_says_who_calls),
		cmocka_unit_test(test_a_proxy_is_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
