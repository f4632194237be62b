/* SPDX-License-Identifier: MIT */
/* The backends; Secret Service by libsecret's own file backend, without D-Bus. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "keystore/keystore.h"

static char directory[] = "/tmp/test-keystore.XXXXXX";
static char key_path[64];
static char ring_path[64];
static char ring_backup[64]; /* libsecret leaves one */

/*
 * GIO 2.74 leaks a name for each file that it replaces, which only libsecret's
 * file backend does; seen only by the slow unwinder.
 */
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);

const char *__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0";
}

const char *__lsan_default_suppressions(void)
{
	return "leak:libgio-2.0.so\n";
}

static struct secret *secret_of(const char *text)
{
	char copy[64];

	snprintf(copy, sizeof(copy), "%s", text);
	return secret_take(copy, strlen(text));
}

static int setup(void **state)
{
	(void)state;
	if (secret_init() < 0 || !mkdtemp(directory))
		return -1;
	snprintf(key_path, sizeof(key_path), "%s/" KEYSTORE_FILE, directory);
	snprintf(ring_path, sizeof(ring_path), "%s/keyring", directory);
	snprintf(ring_backup, sizeof(ring_backup), "%s/keyring~", directory);
	setenv("SECRET_BACKEND", "file", 1);
	setenv("SECRET_FILE_TEST_PATH", ring_path, 1);
	setenv("SECRET_FILE_TEST_PASSWORD", "test", 1);
	/* Nobody's real keyring answers here. */
	setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent", 1);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(key_path);
	unlink(ring_path);
	unlink(ring_backup);
	return rmdir(directory);
}

static struct keystore_place place_with(struct secret *passphrase)
{
	return (struct keystore_place){ .state = directory, .passphrase = passphrase };
}

/* As the core does once the enrolment counts; the keyring has no such file. */
static void put_in_force(void)
{
	char next[sizeof(key_path) + 8];

	snprintf(next, sizeof(next), "%s/" KEYSTORE_FILE_NEXT, directory);
	if (rename(next, key_path) < 0)
		assert_int_equal(errno, ENOENT);
}

static void assert_keeps_a_key(const struct keystore_backend *backend,
			       const struct keystore_place *place)
{
	scoped(secret_freep) struct secret *first = secret_random(KEYSTORE_KEY_SIZE);
	scoped(secret_freep) struct secret *second = secret_random(KEYSTORE_KEY_SIZE);
	scoped(secret_freep) struct secret *loaded = NULL;
	scoped(secret_freep) struct secret *again = NULL;
	struct error error;

	assert_int_equal(backend->load(place, &loaded, &error), -ENOENT);
	assert_int_equal(error.kind, ERROR_NOT_FOUND);
	assert_null(loaded);
	assert_int_equal(backend->store(place, first, &error), 0);
	put_in_force();
	assert_int_equal(backend->load(place, &loaded, &error), 0);
	assert_true(secret_equal(loaded, first));
	assert_int_equal(backend->store(place, second, &error), 0);
	put_in_force();
	assert_int_equal(backend->load(place, &again, &error), 0);
	assert_true(secret_equal(again, second));
	assert_int_equal(backend->erase(place, &error), 0);
	assert_int_equal(backend->load(place, &again, &error), -ENOENT);
	assert_int_equal(backend->erase(place, &error), 0);
}

static void test_a_passphrase_keeps_a_key(void **state)
{
	scoped(secret_freep) struct secret *passphrase = secret_of("correct horse");
	struct keystore_place place = place_with(passphrase);

	(void)state;
	assert_keeps_a_key(&keystore_passphrase, &place);
}

static void test_a_passphrases_key_is_not_replaced_by_the_next_one(void **state)
{
	scoped(secret_freep) struct secret *passphrase = secret_of("correct horse");
	scoped(secret_freep) struct secret *first = secret_random(KEYSTORE_KEY_SIZE);
	scoped(secret_freep) struct secret *next = secret_random(KEYSTORE_KEY_SIZE);
	scoped(secret_freep) struct secret *loaded = NULL;
	struct keystore_place place = place_with(passphrase);

	(void)state;
	assert_int_equal(keystore_passphrase.store(&place, first, NULL), 0);
	put_in_force();
	assert_int_equal(keystore_passphrase.store(&place, next, NULL), 0);
	assert_int_equal(keystore_passphrase.load(&place, &loaded, NULL), 0);
	assert_true(secret_equal(loaded, first));
	put_in_force();
	loaded = secret_free(loaded);
	assert_int_equal(keystore_passphrase.load(&place, &loaded, NULL), 0);
	assert_true(secret_equal(loaded, next));
	assert_int_equal(keystore_passphrase.erase(&place, NULL), 0);
}

static void test_secret_service_keeps_a_key(void **state)
{
	struct keystore_place place = place_with(NULL);

	(void)state;
	assert_keeps_a_key(&keystore_secret_service, &place);
}

static void test_two_state_directories_are_two_keys(void **state)
{
	scoped(secret_freep) struct secret *key = secret_random(KEYSTORE_KEY_SIZE);
	scoped(secret_freep) struct secret *loaded = NULL;
	struct keystore_place here = place_with(NULL);
	struct keystore_place there = { .state = "/elsewhere" };

	(void)state;
	assert_int_equal(keystore_secret_service.store(&here, key, NULL), 0);
	assert_int_equal(keystore_secret_service.load(&there, &loaded, NULL), -ENOENT);
	assert_int_equal(keystore_secret_service.erase(&there, NULL), 0);
	assert_int_equal(keystore_secret_service.load(&here, &loaded, NULL), 0);
	assert_true(secret_equal(loaded, key));
	assert_int_equal(keystore_secret_service.erase(&here, NULL), 0);
}

static void store_with(const char *words, struct secret *key)
{
	scoped(secret_freep) struct secret *passphrase = secret_of(words);
	struct keystore_place place = place_with(passphrase);

	assert_int_equal(keystore_passphrase.store(&place, key, NULL), 0);
	put_in_force();
}

static int load_with(const char *words, struct error *error)
{
	scoped(secret_freep) struct secret *passphrase = secret_of(words);
	scoped(secret_freep) struct secret *key = NULL;
	struct keystore_place place = place_with(passphrase);
	int r = keystore_passphrase.load(&place, &key, error);

	assert_true((r == 0) == (key != NULL));
	return r;
}

static void
test_a_wrong_passphrase_is_forbidden_and_the_right_one_still_works(void **state)
{
	scoped(secret_freep) struct secret *key = secret_random(KEYSTORE_KEY_SIZE);
	struct error error;

	(void)state;
	store_with("correct horse", key);
	assert_true(load_with("correct hors", &error) < 0);
	assert_int_equal(error.kind, ERROR_FORBIDDEN);
	assert_non_null(strstr(error.text, "wrong passphrase"));
	assert_int_equal(load_with("correct horse", &error), 0);
}

static void test_no_passphrase_is_locked(void **state)
{
	struct keystore_place place = place_with(NULL);
	struct secret *key = NULL;
	struct error error;

	(void)state;
	assert_true(keystore_passphrase.load(&place, &key, &error) < 0);
	assert_int_equal(error.kind, ERROR_LOCKED);
	assert_string_equal(error.next, "jitctl unlock");
}

static void test_the_key_file_is_private_and_shows_no_key(void **state)
{
	scoped(buffer_done) struct buffer file = BUFFER_WITH_LIMIT(4096);
	scoped(secret_freep) struct secret *key = secret_of(
	    "0123456789abcdef0123456789abcdef");
	struct stat about;

	(void)state;
	store_with("correct horse", key);
	assert_int_equal(stat(key_path, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0600);
	assert_int_equal(file_read(key_path, &file), 0);
	assert_null(memmem(file.bytes, file.used, "0123456789abcdef", 8));
	assert_null(memmem(file.bytes, file.used, "horse", 5));
}

static void write_header(const char *header)
{
	assert_int_equal(file_write(key_path, 0600, header, strlen(header)), 0);
}

static void test_a_header_that_asks_for_too_much_is_refused_before_any_work(void **state)
{
	static const char *const wrong[] = {
		"{}\n",
		"no json\n",
		"{\"kind\":\"master-key\",\"version\":1,\"function\":\"argon2id\","
		"\"operations\":3,\"memory\":99999999999,"
		"\"salt\":\"00000000000000000000000000000000\"}\nbox",
		"{\"kind\":\"master-key\",\"version\":1,\"function\":\"argon2id\","
		"\"operations\":99999,\"memory\":268435456,"
		"\"salt\":\"00000000000000000000000000000000\"}\nbox",
		"{\"kind\":\"master-key\",\"version\":1,\"function\":\"argon2id\","
		"\"operations\":3,\"memory\":268435456,\"salt\":\"00\"}\nbox",
		"{\"kind\":\"session\",\"version\":1,\"function\":\"argon2id\","
		"\"operations\":3,\"memory\":268435456,"
		"\"salt\":\"00000000000000000000000000000000\"}\nbox",
		"{\"kind\":\"master-key\",\"version\":2,\"function\":\"argon2id\","
		"\"operations\":3,\"memory\":268435456,"
		"\"salt\":\"00000000000000000000000000000000\"}\nbox",
	};
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		write_header(wrong[i]);
		assert_true(load_with("correct horse", &error) < 0);
		assert_int_equal(error.kind, ERROR_INTERNAL);
		assert_non_null(strstr(error.text, "is no master key file"));
	}
}

static void test_every_backend_has_its_traits(void **state)
{
	size_t workers = 0;

	(void)state;
	for (size_t i = 0; keystore_backends[i]; i++)
		assert_true(
		    keystore_traits_find(keystore_backends[i]->name)->needs_worker);
	for (const struct keystore_traits *row = keystore_traits; row->name; row++)
		workers += row->needs_worker;
	assert_int_equal(workers, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_passphrase_keeps_a_key),
		cmocka_unit_test(test_a_passphrases_key_is_not_replaced_by_the_next_one),
		cmocka_unit_test(test_secret_service_keeps_a_key),
		cmocka_unit_test(test_two_state_directories_are_two_keys),
		cmocka_unit_test(
		    test_a_wrong_passphrase_is_forbidden_and_the_right_one_still_works),
		cmocka_unit_test(test_no_passphrase_is_locked),
		cmocka_unit_test(test_the_key_file_is_private_and_shows_no_key),
		cmocka_unit_test(
		    test_a_header_that_asks_for_too_much_is_refused_before_any_work),
		cmocka_unit_test(test_every_backend_has_its_traits),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
