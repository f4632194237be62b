/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/launcher.h"
#include "agent/spawn.h"
#include "base/cleanup.h"
#include "tests/agent_fixture.h"

static char folder[] = "/tmp/jit-test-spawn.XXXXXX";

static void put_worker(const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/jit-agent-fetch", folder);
	assert_int_equal(file_write(path, 0700, text, strlen(text)), 0);
}

/* Runs one to its end; what it said on standard error and on its stream. */
static int run(pid_t launcher, char said[256], char answered[256])
{
	scoped(closep) int kept = dup(STDERR_FILENO);
	ssize_t got;
	int errors[2], ends[2], status;
	pid_t pid;

	assert_int_equal(pipe2(errors, O_CLOEXEC), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	assert_true(dup2(errors[1], STDERR_FILENO) >= 0);
	pid = spawn_worker(folder, LAUNCHER_FETCH, ends[1], launcher);
	dup2(kept, STDERR_FILENO);
	close(errors[1]);
	close(ends[1]);
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	got = read(errors[0], said, 255);
	assert_true(got >= 0);
	said[got] = '\0';
	got = recv(ends[0], answered, 255, 0);
	assert_true(got >= 0);
	answered[got] = '\0';
	close(errors[0]);
	close(ends[0]);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_a_worker_sees_of_the_environment_what_its_row_names(void **state)
{
	char said[256], answered[256];

	(void)state;
	put_worker("#!/bin/sh\nexec /usr/bin/env\n");
	setenv("AWS_SECRET_ACCESS_KEY", "of somebody", 1);
	setenv("LD_LIBRARY_PATH", "/nowhere", 1);
	setenv("https_proxy", "http://127.0.0.1:1", 1);
	assert_int_equal(run(getpid(), said, answered), 0);
	unsetenv("LD_LIBRARY_PATH");
	unsetenv("AWS_SECRET_ACCESS_KEY");
	assert_string_equal(said, "");
	assert_non_null(strstr(answered, "https_proxy=http://127.0.0.1:1\n"));
	assert_null(strstr(answered, "AWS_"));
	assert_null(strstr(answered, "LD_LIBRARY"));
}

static void test_a_worker_that_is_not_there_is_named_with_the_reason(void **state)
{
	char said[256], answered[256];

	(void)state;
	fixture_empty(folder);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(run(getpid(), said, answered), 127);
	assert_non_null(strstr(said, "jit-agent: cannot run "));
	assert_non_null(strstr(said, "/jit-agent-fetch: No such file or directory\n"));
}

/* An agent that is stopped as it starts a worker has nothing to complain about. */
static void test_a_worker_whose_agent_stopped_leaves_without_a_word(void **state)
{
	char said[256], answered[256];

	(void)state;
	put_worker("#!/bin/sh\necho ran\n");
	assert_int_equal(run(getppid(), said, answered), 127);
	assert_string_equal(said, "");
	assert_string_equal(answered, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_a_worker_sees_of_the_environment_what_its_row_names),
		cmocka_unit_test(
		    test_a_worker_that_is_not_there_is_named_with_the_reason),
		cmocka_unit_test(test_a_worker_whose_agent_stopped_leaves_without_a_word),
	};
	int failed;

	if (!mkdtemp(folder))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	fixture_empty(folder);
	return failed;
}
