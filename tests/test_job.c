/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/job.h"
#include "base/json.h"

#define TEXT(literal) (literal), (sizeof(literal) - 1)

static int split(const char *bytes, size_t count, struct error *error)
{
	json_t *object = NULL;
	const char *payload;
	size_t length;
	int r = job_split(bytes, count, &object, &payload, &length, error);

	json_decref(object);
	return r;
}

static void test_a_job_comes_out_as_it_went_in(void **state)
{
	scoped(buffer_done) struct buffer out = BUFFER_WITH_LIMIT(JOB_MAX);
	const char *payload;
	json_t *object;
	size_t length, total;

	(void)state;
	assert_int_equal(job_compose(&out, json_pack("{s:s}", "job", "x"), "a\0b", 3), 0);
	assert_int_equal(job_measure(out.bytes, out.used, &total), 0);
	assert_int_equal(total, out.used);
	assert_int_equal(job_split(out.bytes, out.used, &object, &payload, &length, NULL),
			 0);
	assert_string_equal(json_string_value(json_object_get(object, "job")), "x");
	assert_int_equal(length, 3);
	assert_memory_equal(payload, "a\0b", 3);
	json_decref(object);
}

static void test_a_torn_or_longer_stream_is_refused_at_every_length(void **state)
{
	static const char whole[] = "{\"payload\":2}\0ab";
	struct error error;

	(void)state;
	for (size_t count = 0; count < sizeof(whole) - 1; count++) {
		assert_true(split(whole, count, &error) < 0);
		assert_string_equal(error.text, "a worker's message was torn");
	}
	assert_int_equal(split(whole, sizeof(whole) - 1, &error), 0);
	assert_true(split(whole, sizeof(whole), &error) < 0);
}

static void test_what_is_no_job_is_refused(void **state)
{
	struct error error;

	(void)state;
	assert_true(split(TEXT("\0"), &error) < 0);
	assert_true(split(TEXT("[]\0"), &error) < 0);
	assert_true(split(TEXT("{}\0"), &error) < 0);
	assert_true(split(TEXT("{\"payload\":-1}\0"), &error) < 0);
	assert_true(split(TEXT("{\"payload\":\"1\"}\0a"), &error) < 0);
	assert_true(split(TEXT("{\"payload\":0,\"payload\":0}\0"), &error) < 0);
	assert_true(split(TEXT("{\"payload\":262145}\0"), &error) < 0);
	assert_int_equal(error.kind, ERROR_LIMIT);
}

static void test_a_worker_reads_a_job_in_pieces_without_its_end(void **state)
{
	scoped(buffer_done) struct buffer bytes = BUFFER_WITH_LIMIT(JOB_MAX);
	const char *payload;
	json_t *object;
	size_t length;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	assert_int_equal(send(ends[0], TEXT("{\"payl"), 0), 6);
	assert_int_equal(send(ends[0], TEXT("oad\":3}\0k"), 0), 9);
	assert_int_equal(send(ends[0], TEXT("ey"), 0), 2);
	assert_int_equal(job_read(ends[1], &bytes, &object, &payload, &length, NULL), 0);
	assert_int_equal(length, 3);
	assert_memory_equal(payload, "key", 3);
	json_decref(object);
	close(ends[0]);
	close(ends[1]);
}

static void test_an_error_travels_with_its_kind_words_and_next_step(void **state)
{
	scoped(buffer_done) struct buffer bytes = BUFFER_WITH_LIMIT(JOB_MAX);
	struct error error;
	const char *kind, *message, *next, *payload;
	json_t *object;
	size_t length;
	int ends[2], retry;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	error_set(&error, ERROR_LOCKED, "the keyring is locked");
	error_next(&error, "jitctl unlock");
	assert_int_equal(job_answer_error(ends[0], &error, 3), 0);
	close(ends[0]);
	assert_int_equal(job_read(ends[1], &bytes, &object, &payload, &length, NULL), 0);
	assert_int_equal(json_unpack(object, "{s:{s:s, s:s, s:s, s:i !}, s:i !}", "error",
				     "kind", &kind, "message", &message, "next", &next,
				     "retry", &retry, "payload", &(int){ 0 }),
			 0);
	assert_string_equal(kind, "locked");
	assert_string_equal(message, "the keyring is locked");
	assert_string_equal(next, "jitctl unlock");
	assert_int_equal(retry, 3);
	json_decref(object);
	close(ends[1]);
}

static void test_a_core_that_went_away_is_an_error_and_no_signal(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	close(ends[0]);
	assert_int_equal(job_answer(ends[1], json_object(), "x", 1), -EPIPE);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_job_comes_out_as_it_went_in),
		cmocka_unit_test(test_a_torn_or_longer_stream_is_refused_at_every_length),
		cmocka_unit_test(test_what_is_no_job_is_refused),
		cmocka_unit_test(test_a_worker_reads_a_job_in_pieces_without_its_end),
		cmocka_unit_test(test_an_error_travels_with_its_kind_words_and_next_step),
		cmocka_unit_test(test_a_core_that_went_away_is_an_error_and_no_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
