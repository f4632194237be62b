/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "keystore/keystore.h"
#include "keystore/sealed.h"

#define PLAIN "the secret access key"
#define PLAIN_SIZE sizeof(PLAIN)
#define LABEL "session r-0123456789"
#define HEADER "{\"kind\":\"session\",\"version\":1}"

struct fixture {
	struct secret *key;
	struct secret *other_key;
	char directory[32];
	char path[64];
	unsigned char box[PLAIN_SIZE + SEALED_OVERHEAD];
};

static int setup(void **state)
{
	static struct fixture fixture;

	if (secret_init() < 0)
		return -1;
	fixture.key = secret_random(SEALED_KEY_SIZE);
	fixture.other_key = secret_random(SEALED_KEY_SIZE);
	snprintf(fixture.directory, sizeof(fixture.directory), "/tmp/test-sealed.XXXXXX");
	if (!mkdtemp(fixture.directory))
		return -1;
	snprintf(fixture.path, sizeof(fixture.path), "%s/box", fixture.directory);
	sealed_make(fixture.box, PLAIN, PLAIN_SIZE, LABEL, fixture.key);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	secret_free(fixture->key);
	secret_free(fixture->other_key);
	unlink(fixture->path);
	return rmdir(fixture->directory);
}

static void assert_refused_and_wiped(const unsigned char *box, size_t size,
				     const char *label, struct secret *key)
{
	unsigned char out[PLAIN_SIZE];
	unsigned char zeros[PLAIN_SIZE] = { 0 };

	memset(out, 0xaa, sizeof(out));
	assert_int_equal(sealed_open(out, box, size, label, key), -EBADMSG);
	if (size >= SEALED_OVERHEAD)
		assert_memory_equal(out, zeros, size - SEALED_OVERHEAD);
}

static void test_a_box_opens_with_its_key_and_label(void **state)
{
	struct fixture *f = *state;
	char out[PLAIN_SIZE];

	assert_int_equal(sealed_open(out, f->box, sizeof(f->box), LABEL, f->key), 0);
	assert_string_equal(out, PLAIN);
}

static void test_a_box_shows_nothing_and_differs_each_time(void **state)
{
	struct fixture *f = *state;
	unsigned char again[sizeof(f->box)];

	sealed_make(again, PLAIN, PLAIN_SIZE, LABEL, f->key);
	assert_null(memmem(again, sizeof(again), PLAIN, 8));
	assert_memory_not_equal(again, f->box, sizeof(again));
}

static void test_another_key_opens_nothing(void **state)
{
	struct fixture *f = *state;

	assert_refused_and_wiped(f->box, sizeof(f->box), LABEL, f->other_key);
}

static void test_another_label_opens_nothing(void **state)
{
	struct fixture *f = *state;

	assert_refused_and_wiped(f->box, sizeof(f->box), LABEL "x", f->key);
	assert_refused_and_wiped(f->box, sizeof(f->box), "", f->key);
}

static void test_any_altered_bit_is_seen(void **state)
{
	struct fixture *f = *state;
	unsigned char box[sizeof(f->box)];

	for (size_t bit = 0; bit < 8 * sizeof(box); bit++) {
		memcpy(box, f->box, sizeof(box));
		box[bit / 8] ^= (unsigned char)(1U << bit % 8);
		assert_refused_and_wiped(box, sizeof(box), LABEL, f->key);
	}
}

static void test_a_box_cut_anywhere_is_refused(void **state)
{
	struct fixture *f = *state;

	for (size_t size = 0; size < sizeof(f->box); size++)
		assert_refused_and_wiped(f->box, size, LABEL, f->key);
}

static void test_nothing_can_be_sealed_too(void **state)
{
	struct fixture *f = *state;
	unsigned char box[SEALED_OVERHEAD];
	char out = 'x';

	sealed_make(box, "", 0, LABEL, f->key);
	assert_int_equal(sealed_open(&out, box, sizeof(box), LABEL, f->key), 0);
}

static void write_file(struct fixture *f)
{
	assert_int_equal(
	    sealed_file_write(f->path, HEADER, PLAIN, PLAIN_SIZE, f->key, NULL), 0);
}

static int read_file(struct fixture *f, struct secret *key, struct error *error)
{
	scoped(freep) char *header = NULL;
	scoped(secret_freep) struct secret *plain = NULL;
	int r = sealed_file_read(f->path, &header, &plain, key, error);

	if (r < 0) {
		assert_null(header);
		assert_null(plain);
		return r;
	}
	assert_string_equal(header, HEADER);
	assert_int_equal(secret_length(plain), PLAIN_SIZE);
	assert_string_equal(secret_reveal(plain), PLAIN);
	secret_conceal(plain);
	return 0;
}

static void test_a_file_gives_back_header_and_content_and_is_private(void **state)
{
	struct fixture *f = *state;
	struct stat about;

	write_file(f);
	assert_int_equal(stat(f->path, &about), 0);
	assert_int_equal(about.st_mode & 07777, 0600);
	assert_int_equal(read_file(f, f->key, NULL), 0);
}

static void test_a_files_header_can_be_read_without_the_key(void **state)
{
	struct fixture *f = *state;
	scoped(freep) char *header = NULL;

	write_file(f);
	assert_int_equal(sealed_file_header(f->path, &header, NULL), 0);
	assert_string_equal(header, HEADER);
}

static void test_a_file_altered_anywhere_or_cut_is_refused(void **state)
{
	struct fixture *f = *state;
	scoped(buffer_done) struct buffer whole = BUFFER_WITH_LIMIT(4096);
	struct error error;

	write_file(f);
	assert_int_equal(file_read(f->path, &whole), 0);
	for (size_t i = 0; i < whole.used; i++) {
		whole.bytes[i] ^= 1;
		assert_int_equal(file_write(f->path, 0600, whole.bytes, whole.used), 0);
		assert_int_equal(read_file(f, f->key, &error), -EBADMSG);
		assert_int_equal(error.kind, ERROR_INTERNAL);
		whole.bytes[i] ^= 1;
		assert_int_equal(file_write(f->path, 0600, whole.bytes, i), 0);
		assert_int_equal(read_file(f, f->key, &error), -EBADMSG);
	}
}

static void test_a_file_with_another_key_says_so(void **state)
{
	struct fixture *f = *state;
	struct error error;

	write_file(f);
	assert_int_equal(read_file(f, f->other_key, &error), -EBADMSG);
	assert_non_null(strstr(error.text, "altered or sealed with another key"));
}

static void test_no_file_is_told_apart(void **state)
{
	struct fixture *f = *state;
	char *header = NULL;
	struct error error;

	unlink(f->path);
	assert_int_equal(read_file(f, f->key, &error), -ENOENT);
	assert_int_equal(error.kind, ERROR_NOT_FOUND);
	assert_int_equal(sealed_file_header(f->path, &header, &error), -ENOENT);
}

static void test_a_file_that_grows_without_end_is_refused(void **state)
{
	struct fixture *f = *state;
	struct error error;

	assert_int_equal(file_write(f->path, 0600, "", 0), 0);
	assert_int_equal(truncate(f->path, (off_t)SEALED_FILE_MAX + 1), 0);
	assert_int_equal(read_file(f, f->key, &error), -EMSGSIZE);
}

static void test_each_keystore_is_known_by_its_name_alone(void **state)
{
	(void)state;
	assert_true(keystore_traits_find("secret-service")->needs_worker);
	assert_false(keystore_traits_find("secret-service")->needs_passphrase);
	assert_true(keystore_traits_find("passphrase")->needs_passphrase);
	assert_false(keystore_traits_find("memory")->survives);
	assert_false(keystore_traits_find("memory")->needs_worker);
	assert_null(keystore_traits_find("secret"));
	assert_null(keystore_traits_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_box_opens_with_its_key_and_label),
		cmocka_unit_test(test_a_box_shows_nothing_and_differs_each_time),
		cmocka_unit_test(test_another_key_opens_nothing),
		cmocka_unit_test(test_another_label_opens_nothing),
		cmocka_unit_test(test_any_altered_bit_is_seen),
		cmocka_unit_test(test_a_box_cut_anywhere_is_refused),
		cmocka_unit_test(test_nothing_can_be_sealed_too),
		cmocka_unit_test(
		    test_a_file_gives_back_header_and_content_and_is_private),
		cmocka_unit_test(test_a_files_header_can_be_read_without_the_key),
		cmocka_unit_test(test_a_file_altered_anywhere_or_cut_is_refused),
		cmocka_unit_test(test_a_file_with_another_key_says_so),
		cmocka_unit_test(test_no_file_is_told_apart),
		cmocka_unit_test(test_a_file_that_grows_without_end_is_refused),
		cmocka_unit_test(test_each_keystore_is_known_by_its_name_alone),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
