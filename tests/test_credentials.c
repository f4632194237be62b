/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "aws/credentials-origin.h"
#include "aws/credentials.h"
#include "base/cleanup.h"
#include "base/file.h"

#define NOON 1795521600 /* 2026-11-24T12:00:00Z */

static int64_t now_seconds;

static int64_t now_usec(void *data)
{
	(void)data;
	return now_seconds * USEC_PER_SEC;
}

static const struct clock test_clock = { now_usec, now_usec, NULL };

static int set_up(void **state)
{
	char *directory = strdup("/tmp/jit-credentials.XXXXXX");

	now_seconds = NOON;
	*state = mkdtemp(directory);
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	scoped(freep) char *directory = *state;
	static const char *const names[] = { "file", "runs", "document" };

	for (size_t i = 0; i < 3; i++) {
		scoped(freep) char *path = path_join(directory, names[i], "");

		unlink(path);
	}
	return rmdir(directory);
}

static void test_the_environment_is_the_last_resort(void **state)
{
	const struct credentials_config config = { .process = "", .file = NULL };
	struct credentials_source *source = credentials_source_new(&config, &test_clock);
	struct credentials keys;
	struct error error;

	(void)state;
	unsetenv("AWS_ACCESS_KEY_ID");
	assert_int_equal(credentials_get(source, &keys, &error), -EINVAL);
	setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE", 1);
	unsetenv("AWS_SECRET_ACCESS_KEY");
	unsetenv("AWS_SESSION_TOKEN");
	assert_int_equal(credentials_get(source, &keys, &error), -EINVAL);
	setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
	assert_int_equal(credentials_get(source, &keys, &error), 0);
	assert_string_equal(keys.access_key_id, "AKIAEXAMPLE");
	assert_string_equal(keys.secret_access_key, "secret");
	assert_string_equal(keys.session_token, "");
	assert_int_equal(keys.expires_at_seconds, 0);
	setenv("AWS_SECRET_ACCESS_KEY", "sec\nret", 1);
	assert_int_equal(credentials_get(source, &keys, &error), -EINVAL);
	assert_null(strstr(error.text, "sec\n"));
	credentials_source_free(source);
}

static void test_a_file_is_read_again_for_each_use(void **state)
{
	scoped(freep) char *path = path_join(*state, "file", "");
	const struct credentials_config config = { .file = path, .profile = "broker" };
	struct credentials_source *source = credentials_source_new(&config, &test_clock);
	static const char first[] =
	    "[default]\naws_access_key_id = A\n"
	    "aws_secret_access_key = a\n[broker]\n# one\n"
	    "aws_access_key_id = B\naws_secret_access_key = b+/=\n"
	    "region = eu-west-1\n";
	static const char second[] = "[broker]\naws_access_key_id=C\n"
				     "aws_secret_access_key=c\naws_session_token=t\n";
	struct credentials keys;
	struct error error;

	assert_int_equal(credentials_get(source, &keys, &error), -EINVAL);
	assert_int_equal(file_write(path, 0600, first, strlen(first)), 0);
	assert_int_equal(credentials_get(source, &keys, &error), 0);
	assert_string_equal(keys.access_key_id, "B");
	assert_string_equal(keys.secret_access_key, "b+/=");
	assert_int_equal(file_write(path, 0600, second, strlen(second)), 0);
	assert_int_equal(credentials_get(source, &keys, &error), 0);
	assert_string_equal(keys.access_key_id, "C");
	assert_string_equal(keys.session_token, "t");
	credentials_source_free(source);
}

static void write_document(const char *directory, const char *expiration)
{
	scoped(freep) char *path = path_join(directory, "document", "");
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(1024);

	buffer_print(&text,
		     "{\"Version\":1,\"AccessKeyId\":\"ASIA\",\"SecretAccessKey\":\"s\","
		     "\"SessionToken\":\"t\",\"Expiration\":\"%s\"}\n",
		     expiration);
	assert_int_equal(file_write(path, 0600, text.bytes, text.used), 0);
}

/* A process that counts its runs and prints "document", good for an hour at first. */
static struct credentials_source *begin_with_a_process(const char *directory,
						       char **command)
{
	struct credentials_config config = { .process = NULL };

	assert_true(asprintf(command, "cd %s; printf x >>runs; cat document", directory) >
		    0);
	config.process = *command;
	write_document(directory, "2026-11-24T13:00:00Z");
	return credentials_source_new(&config, &test_clock);
}

static size_t count_runs(const char *directory)
{
	scoped(freep) char *path = path_join(directory, "runs", "");
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(1024);

	return file_read(path, &text) == 0 ? text.used : 0;
}

static void test_a_process_runs_again_before_its_keys_expire(void **state)
{
	scoped(freep) char *command = NULL;
	struct credentials_source *source = begin_with_a_process(*state, &command);
	struct credentials keys;
	struct error error;

	assert_int_equal(credentials_get(source, &keys, &error), 0);
	assert_string_equal(keys.session_token, "t");
	assert_int_equal(keys.expires_at_seconds, NOON + 3600);
	now_seconds = NOON + 3600 - CREDENTIALS_MARGIN_SECONDS - 1;
	assert_int_equal(credentials_get(source, &keys, &error), 0);
	assert_int_equal(count_runs(*state), 1);
	now_seconds++;
	write_document(*state, "2026-11-24T14:00:00Z");
	assert_int_equal(credentials_get(source, &keys, &error), 0);
	assert_int_equal(count_runs(*state), 2);
	assert_int_equal(keys.expires_at_seconds, NOON + 7200);
	credentials_forget(source);
	assert_int_equal(credentials_get(source, &keys, &error), 0);
	assert_int_equal(count_runs(*state), 3);
	credentials_source_free(source);
}

static void test_old_keys_serve_until_they_expire_when_the_process_fails(void **state)
{
	scoped(freep) char *command = NULL;
	struct credentials_source *source = begin_with_a_process(*state, &command);
	struct credentials keys;
	struct error error;

	assert_int_equal(credentials_get(source, &keys, &error), 0);
	write_document(*state, "soon");
	now_seconds = NOON + 3599;
	assert_int_equal(credentials_get(source, &keys, &error), 0);
	now_seconds = NOON + 3600;
	assert_int_equal(credentials_get(source, &keys, &error), -EHOSTUNREACH);
	credentials_source_free(source);
}

/* One that hangs would hold up each call of AWS for a minute. */
static void test_a_process_that_failed_rests_while_its_keys_are_good(void **state)
{
	scoped(freep) char *command = NULL;
	struct credentials_source *source = begin_with_a_process(*state, &command);
	struct credentials keys;
	struct error error;

	assert_int_equal(credentials_get(source, &keys, &error), 0);
	write_document(*state, "soon");
	now_seconds = NOON + 3600 - CREDENTIALS_MARGIN_SECONDS;
	for (int i = 0; i < 5; i++)
		assert_int_equal(credentials_get(source, &keys, &error), 0);
	assert_int_equal(count_runs(*state), 2);
	now_seconds += CREDENTIALS_PAUSE_SECONDS;
	assert_int_equal(credentials_get(source, &keys, &error), 0);
	assert_int_equal(count_runs(*state), 3);
	/* Once they are over nothing is left to wait with. */
	now_seconds = NOON + 3600;
	assert_true(credentials_get(source, &keys, &error) < 0);
	assert_true(credentials_get(source, &keys, &error) < 0);
	assert_int_equal(count_runs(*state), 5);
	credentials_source_free(source);
}

static void test_a_process_that_fails_is_told_without_its_words(void **state)
{
	/* clang-format off */
	static const struct {
		const char *command, *words;
	} rows[] = {
		{ "echo MARKER; exit 1",            "the broker's credential_process failed" },
		{ "exit 0",                         "the broker's credential_process printed no JSON" },
		{ "echo MARKER",                    "the broker's credential_process printed no JSON" },
		{ "echo '{\"Version\":2}'",         "what the broker's credential_process printed is no document of Version 1" },
		{ "head -c 70000 /dev/zero",        "the broker's credential_process failed" },
		{ "sleep 60",                       "the broker's credential_process did not end in time" },
		{ "exec >&-; sleep 60",             "the broker's credential_process failed" },
		{ "kill -9 $$",                     "the broker's credential_process failed" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct credentials keys = { .expires_at_seconds = 0 };
		struct error error;

		assert_true(credentials_from_process(rows[i].command, 500, NULL, &keys,
						     &error) < 0);
		assert_string_equal(error.text, rows[i].words);
		assert_string_equal(keys.access_key_id, "");
	}
}

/* A process that is waited for: it makes "runs" once it is there, then hangs. */
struct hanging {
	const char *directory;
	atomic_bool stop;
};

static void *stop_once_it_runs(void *data)
{
	struct hanging *hanging = data;

	while (count_runs(hanging->directory) == 0)
		sched_yield();
	atomic_store(&hanging->stop, true);
	return NULL;
}

/* The deadline is far: only the stop can end it before the test's own time. */
static void test_a_process_that_hangs_does_not_delay_a_stop(void **state)
{
	static const char *const hangs[] = { "sleep 600", "exec >&-; sleep 600",
					     "trap '' TERM; sleep 600; sleep 600" };

	for (size_t i = 0; i < sizeof(hangs) / sizeof(*hangs); i++) {
		scoped(freep) char *command = NULL;
		scoped(freep) char *runs = path_join(*state, "runs", "");
		struct hanging hanging = { .directory = *state };
		struct credentials keys = { .expires_at_seconds = 0 };
		struct error error;
		pthread_t thread;
		int64_t begun = clock_now(&clock_system).boot_usec;

		assert_true(asprintf(&command, "cd %s; printf x >>runs; %s",
				     (char *)*state, hangs[i]) > 0);
		assert_int_equal(
		    pthread_create(&thread, NULL, stop_once_it_runs, &hanging), 0);
		assert_true(credentials_from_process(command, 600000, &hanging.stop,
						     &keys, &error) < 0);
		assert_int_equal(error.kind, ERROR_UNREACHABLE);
		pthread_join(thread, NULL);
		assert_true(clock_now(&clock_system).boot_usec - begun <
			    INT64_C(60) * USEC_PER_SEC);
		unlink(runs);
	}
}

/* The broker blocks SIGTERM and ignores SIGPIPE; what it starts is to do neither. */
static void test_a_process_has_signals_as_any_program(void **state)
{
	static const char *const deadly[] = { "TERM", "HUP", "PIPE", "XFSZ" };
	sigset_t blocked, before;

	(void)state;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &blocked, &before);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	for (size_t i = 0; i < sizeof(deadly) / sizeof(*deadly); i++) {
		scoped(freep) char *command = NULL;
		struct credentials keys = { .expires_at_seconds = 0 };
		struct error error;

		assert_true(asprintf(&command,
				     "kill -%s $$; echo '{\"Version\":1,\"AccessKeyId\":"
				     "\"A\",\"SecretAccessKey\":\"s\"}'",
				     deadly[i]) > 0);
		assert_true(
		    credentials_from_process(command, 60000, NULL, &keys, &error) < 0);
		assert_string_equal(error.text, "the broker's credential_process failed");
	}
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_environment_is_the_last_resort,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_file_is_read_again_for_each_use,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_a_process_runs_again_before_its_keys_expire, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_old_keys_serve_until_they_expire_when_the_process_fails, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    test_a_process_that_failed_rests_while_its_keys_are_good, set_up,
		    tear_down),
		cmocka_unit_test(test_a_process_that_fails_is_told_without_its_words),
		cmocka_unit_test_setup_teardown(
		    test_a_process_that_hangs_does_not_delay_a_stop, set_up, tear_down),
		cmocka_unit_test(test_a_process_has_signals_as_any_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
