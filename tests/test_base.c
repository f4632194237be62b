/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/config.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"

static char folder[] = "/tmp/jit-test-base.XXXXXX";
static char path[sizeof(folder) + 16];

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/file", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder); /* fails where a temporary file was left */
}

static void test_a_secret_wipes_its_source(void **state)
{
	char token[] = "hunter2";
	scoped(secret_freep) struct secret *secret = secret_take(token, 7);

	(void)state;
	assert_int_equal(secret_length(secret), 7);
	assert_string_equal(secret_reveal(secret), "hunter2");
	assert_string_equal(secret_reveal(secret), "hunter2");
	secret_conceal(secret);
	secret_conceal(secret);
	assert_int_equal(token[0], 0);
}

static void test_secrets_compare_by_their_bytes(void **state)
{
	char a[] = "abc", b[] = "abc", c[] = "abd", d[] = "ab";
	scoped(secret_freep) struct secret *first = secret_take(a, 3);
	scoped(secret_freep) struct secret *same = secret_take(b, 3);
	scoped(secret_freep) struct secret *other = secret_take(c, 3);
	scoped(secret_freep) struct secret *shorter = secret_take(d, 2);

	(void)state;
	assert_true(secret_equal(first, same));
	assert_false(secret_equal(first, other));
	assert_false(secret_equal(first, shorter));
}

static void test_a_buffer_keeps_its_limit(void **state)
{
	struct buffer buffer = BUFFER_WITH_LIMIT(10);

	(void)state;
	assert_int_equal(buffer_add(&buffer, "12345", 5), 0);
	assert_int_equal(buffer_print(&buffer, "%s", "67890"), 0);
	assert_int_equal(buffer_add(&buffer, "x", 1), -EMSGSIZE);
	assert_int_equal(buffer_print(&buffer, "x"), -EMSGSIZE);
	assert_null(buffer_space(&buffer, 1));
	assert_string_equal(buffer.bytes, "1234567890");
	buffer_consume(&buffer, 9);
	assert_string_equal(buffer.bytes, "0");
	buffer_done(&buffer);
}

static void expect_file(const char *text)
{
	struct buffer buffer = BUFFER_WITH_LIMIT(4096);

	assert_int_equal(file_read(path, &buffer), 0);
	assert_string_equal(buffer.bytes, text);
	buffer_done(&buffer);
}

static void test_a_file_is_replaced_whole(void **state)
{
	struct stat about;

	(void)state;
	assert_int_equal(file_write(path, 0600, "old", 3), 0);
	assert_int_equal(file_write(path, 0600, "new", 3), 0);
	expect_file("new");
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
}

static void test_what_a_killed_writer_left_is_cleared(void **state)
{
	char torn[sizeof(path) + 16], other[sizeof(path) + 16];
	struct stat about;

	(void)state;
	snprintf(torn, sizeof(torn), "%s.a1B2c3.new", path);
	snprintf(other, sizeof(other), "%s.new", path);
	assert_int_equal(file_write(path, 0600, "whole", 5), 0);
	assert_int_equal(rename(path, torn), 0);
	assert_int_equal(file_write(other, 0600, "other", 5), 0);
	directory_clear(folder);
	assert_int_equal(stat(torn, &about), -1);
	assert_int_equal(stat(other, &about), 0);
	assert_int_equal(file_wipe(other), 0);
	assert_int_equal(file_wipe(other), 0);
	directory_clear("/nowhere");
}

static void test_what_was_left_of_one_file_is_cleared_alone(void **state)
{
	char torn[sizeof(path) + 16], others[2][sizeof(path) + 24];
	struct stat about;

	(void)state;
	snprintf(torn, sizeof(torn), "%s.a1B2c3.new", path);
	snprintf(others[0], sizeof(others[0]), "%s.mine.backup.new", path);
	snprintf(others[1], sizeof(others[1]), "%s/b.a1B2c3.new", folder);
	assert_int_equal(file_write(torn, 0600, "torn", 4), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(file_write(others[i], 0600, "other", 5), 0);
	file_clear(path);
	assert_int_equal(stat(torn, &about), -1);
	for (int i = 0; i < 2; i++)
		assert_int_equal(file_remove(others[i]), 0);
	assert_int_equal(stat(others[0], &about), -1);
	file_clear("/nowhere/at-all");
}

static void test_a_full_disk_leaves_the_old_file(void **state)
{
	struct rlimit before, small = { 4, RLIM_INFINITY };
	char large[64] = { 'x' };

	(void)state;
	assert_int_equal(file_write(path, 0600, "old", 3), 0);
	getrlimit(RLIMIT_FSIZE, &before);
	signal(SIGXFSZ, SIG_IGN);
	small.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	assert_int_equal(file_write(path, 0600, large, sizeof(large)), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &before);
	expect_file("old");
}

static void test_a_file_over_its_limit_is_refused(void **state)
{
	struct buffer buffer = BUFFER_WITH_LIMIT(2);

	(void)state;
	assert_int_equal(file_write(path, 0600, "123", 3), 0);
	assert_int_equal(file_read(path, &buffer), -EMSGSIZE);
	assert_int_equal(file_read(folder, &buffer), -EISDIR);
	buffer_done(&buffer);
}

struct settings {
	char broker[CONFIG_VALUE_MAX];
	char keystore[CONFIG_VALUE_MAX];
};

static const struct config_key keys[] = {
	{ "broker", offsetof(struct settings, broker), NULL },
	{ "keystore", offsetof(struct settings, keystore), "secret-service" },
	{ NULL, 0, NULL },
};

#define TEN "xxxxxxxxxx"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LONG HUNDRED HUNDRED /* libinih reads 199 bytes at a time */

static const struct {
	const char *text;
	const char *error; /* NULL: read without one */
} configs[] = {
	{ "", NULL },
	{ "# only a comment\n\n", NULL },
	{ "broker = https://a\nkeystore=memory\n", NULL },
	{ "  broker =\thttps://a\r\n", NULL },
	{ "broker = https://a", NULL },
	{ "broker = a\nbrokr = b\n", ":2: unknown key 'brokr'" },
	{ "broker = a\nbroker = b\n", ":2: given twice: 'broker'" },
	{ "\n\nbroker\n", ":3: not 'key = value': 'broker'" },
	{ "[agent]\nbroker = a\n", ":1: " },
	{ "broker = a ; b\n", ":1: a comment has a line of its own: 'broker = a ; b'" },
	{ "keystore = " LONG "\n", ":1: longer than 199 bytes: 'keystore = x" },
	{ "#" LONG "broker = b\n#" LONG "\nbroker = https://a\n", NULL },
	{ "# broker: a\nbroker: https://a\n",
	  ":2: not 'key = value': 'broker: https://a'" },
	{ "broker : a = b\n", ":1: not 'key = value': 'broker : a = b'" },
};

static void test_configs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		struct error error = { .kind = ERROR_NONE };
		struct settings settings;
		int r;

		file_write(path, 0600, configs[i].text, strlen(configs[i].text));
		r = config_read(path, keys, &settings, &error);
		if ((r < 0) != (configs[i].error != NULL))
			fail_msg("%s: %s", configs[i].text, error.text);
		if (configs[i].error && !strstr(error.text, configs[i].error))
			fail_msg("%s: %s", configs[i].text, error.text);
		if (r == 0 && strstr(configs[i].text, "https"))
			assert_string_equal(settings.broker, "https://a");
	}
}

static void count_mistake(void *data, int line, const char *what)
{
	char *all = data;

	snprintf(all + strlen(all), 200 - strlen(all), "%d %s; ", line, what);
}

static void test_every_mistake_is_told_and_the_rest_is_read(void **state)
{
	const char *text = "brokr = a\n# fine\nnonsense\nkeystore = memory\n[x]\n";
	struct settings settings;
	char all[200] = "";
	const struct config_audience audience = { count_mistake, all };

	(void)state;
	file_write(path, 0600, text, strlen(text));
	assert_int_equal(config_check(path, keys, &settings, &audience, NULL), 3);
	assert_string_equal(all,
			    "1 unknown key 'brokr'; 3 not 'key = value': 'nonsense'; "
			    "5 there are no sections here: '[x]'; ");
	assert_string_equal(settings.keystore, "memory");
	assert_int_equal(config_line(path, "keystore"), 4);
	assert_int_equal(config_line(path, "broker"), 0);
}

static void test_setting_a_key_keeps_every_other_line(void **state)
{
	const char *const names[] = { "broker", "keystore", "user" };
	const char *const values[] = { "https://b", NULL, "ann" };
	const char *old = "# mine\nbroker = https://a\n\nca_file = /x\nkeystore=memory";

	(void)state;
	file_write(path, 0600, old, strlen(old));
	assert_int_equal(config_set(path, names, values, 3, NULL), 0);
	expect_file("# mine\nbroker = https://b\n\nca_file = /x\nuser = ann\n");
}

static void test_a_value_can_not_add_a_line(void **state)
{
	const char *const names[] = { "broker" };
	const char *const values[] = { "a\nkeystore = memory" };

	(void)state;
	file_write(path, 0600, "", 0);
	assert_true(config_set(path, names, values, 1, NULL) < 0);
	expect_file("");
}

/* What could not be read again is not written. */
static void test_a_line_is_no_longer_than_can_be_read(void **state)
{
	const char *const names[] = { "broker" };
	const char *const values[] = { LONG };
	struct settings settings;
	char value[200];

	(void)state;
	file_write(path, 0600, "", 0);
	assert_true(config_set(path, names, values, 1, NULL) < 0);
	expect_file("");
	memset(value, 'x', sizeof(value));
	value[199 - strlen("broker = ")] = '\0';
	assert_int_equal(config_set(path, names, (const char *[]){ value }, 1, NULL), 0);
	assert_int_equal(config_read(path, keys, &settings, NULL), 0);
	assert_string_equal(settings.broker, value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_secret_wipes_its_source),
		cmocka_unit_test(test_secrets_compare_by_their_bytes),
		cmocka_unit_test(test_a_buffer_keeps_its_limit),
		cmocka_unit_test(test_a_file_is_replaced_whole),
		cmocka_unit_test(test_what_a_killed_writer_left_is_cleared),
		cmocka_unit_test(test_what_was_left_of_one_file_is_cleared_alone),
		cmocka_unit_test(test_a_full_disk_leaves_the_old_file),
		cmocka_unit_test(test_a_file_over_its_limit_is_refused),
		cmocka_unit_test(test_configs),
		cmocka_unit_test(test_every_mistake_is_told_and_the_rest_is_read),
		cmocka_unit_test(test_setting_a_key_keeps_every_other_line),
		cmocka_unit_test(test_a_value_can_not_add_a_line),
		cmocka_unit_test(test_a_line_is_no_longer_than_can_be_read),
	};

	if (secret_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("base", tests, set_up, tear_down);
}
