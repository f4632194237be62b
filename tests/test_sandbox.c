/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/agent.h"
#include "agent/call-filter.h"
#include "agent/core-sandbox.h"
#include "agent/fetch-sandbox.h"
#include "agent/write-fence.h"
#include "base/file.h"

static char folder[] = "/tmp/jit-test-sandbox.XXXXXX";
static char state_path[64], runtime_path[64], config_path[64], outside[64];

/* --- what the core tries; each returns the errno that it met ------------------ */

static int outcome(long result)
{
	return result < 0 ? errno : 0;
}

static int open_a_network_socket(void)
{
	return outcome(socket(AF_INET, SOCK_STREAM, 0));
}

static int open_a_local_socket(void)
{
	return outcome(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int run_a_program(void)
{
	char *const words[] = { (char[]){ "true" }, NULL };

	return outcome(execve("/bin/true", words, words + 1));
}

static int fork_itself(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return outcome(pid);
}

static int look_into_its_parent(void)
{
	return outcome(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int signal_its_parent(void)
{
	return outcome(kill(getppid(), SIGCONT));
}

static int type_into_the_terminal(void)
{
	return outcome(ioctl(STDERR_FILENO, TIOCSTI, "x"));
}

static int make_memory_executable(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	return page == MAP_FAILED ? -1
				  : outcome(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

static int map_executable_memory(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	return page == MAP_FAILED ? errno : 0;
}

static int write_somewhere_else(void)
{
	return -file_write(outside, 0600, "x", 1);
}

static int make_a_directory_of_its_own(void)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/more", state_path);
	return outcome(mkdir(path, 0700));
}

static int write_where_it_may(void)
{
	char path[96];
	int r = 0;

	for (int i = 0; i < 2 && r == 0; i++) {
		snprintf(path, sizeof(path), "%s/file", i ? runtime_path : state_path);
		r = file_write(path, 0600, "x", 1);
		if (r == 0)
			r = file_wipe(path);
	}
	return r == 0 ? -file_write(config_path, 0600, "# nothing\n", 10) : -r;
}

static int make_what_a_worker_needs(void)
{
	int ends[2];

	return outcome(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
}

/* clang-format off */
static const struct {
	const char *what;
	int (*attempt)(void);
	int expected;
	bool needs_fence;
} attempts[] = {
	{ "a network socket",      open_a_network_socket,       ENOSYS, false },
	{ "a local socket",        open_a_local_socket,         ENOSYS, false },
	{ "a program",             run_a_program,               ENOSYS, false },
	{ "a fork",                fork_itself,                 ENOSYS, false },
	{ "ptrace",                look_into_its_parent,        ENOSYS, false },
	{ "a signal",              signal_its_parent,           ENOSYS, false },
	{ "typing",                type_into_the_terminal,      ENOSYS, false },
	{ "executable memory",     make_memory_executable,      EPERM,  false },
	{ "executable mapping",    map_executable_memory,       EPERM,  false },
	{ "a file elsewhere",      write_somewhere_else,        EACCES, true },
	{ "a directory",           make_a_directory_of_its_own, EACCES, true },
	{ "its own files",         write_where_it_may,          0,      false },
	{ "a socket pair",         make_what_a_worker_needs,    0,      false },
};
/* clang-format on */

static int confine_as_core(void)
{
	struct agent agent = { .state_path = state_path,
			       .runtime_path = runtime_path,
			       .config_path = config_path };

	return core_sandbox_enter(&agent, NULL);
}

/* Runs it in a child that was confined by enter(); the errno, or -1. */
static int confined(int (*enter)(void), int (*attempt)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(enter() < 0 ? 255 : attempt());
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool has_fence(void)
{
	scoped(write_fence_done) struct write_fence fence = WRITE_FENCE_INIT;

	return write_fence_begin(&fence) == 1;
}

static void test_the_core_can_do_its_work_and_no_more(void **state)
{
	bool is_fenced = has_fence();

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	print_message("the core is not confined under the sanitizers: their leak check "
		      "starts a thread that stops the others\n");
	skip();
#endif
	if (!is_fenced)
		print_message(
		    "the kernel has no Landlock: where it writes is not tried\n");
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		int got;

		if (attempts[i].needs_fence && !is_fenced)
			continue;
		got = confined(confine_as_core, attempts[i].attempt);
		if (got != attempts[i].expected)
			fail_msg("%s: %s", attempts[i].what, strerror(got));
	}
}

/* --- what a fetch worker tries that was taken over by what it fetched ----------- */

static int remove_a_file(void)
{
	return outcome(unlink(outside));
}

static int rename_a_file(void)
{
	return outcome(rename(outside, folder));
}

static int link_a_file(void)
{
	return outcome(symlink("/", outside));
}

static int open_a_file_up(void)
{
	return outcome(chmod(outside, 0644));
}

static int empty_a_file(void)
{
	return outcome(open(outside, O_WRONLY | O_TRUNC | O_CLOEXEC));
}

static int signal_a_thread_of_its_parent(void)
{
	return outcome(syscall(SYS_tgkill, getppid(), getppid(), SIGCONT));
}

static int queue_a_signal(void)
{
	const union sigval nothing = { .sival_int = 0 };

	return outcome(sigqueue(getppid(), SIGCONT, nothing));
}

/* clang-format off */
static const struct {
	const char *what;
	int (*attempt)(void);
	int expected;
	bool needs_fence;
} fetch_attempts[] = {
	{ "a program",          run_a_program,                 EPERM,  false },
	{ "removing a file",    remove_a_file,                 EPERM,  false },
	{ "renaming a file",    rename_a_file,                 EPERM,  false },
	{ "linking a file",     link_a_file,                   EPERM,  false },
	{ "a file for all",     open_a_file_up,                EPERM,  false },
	{ "emptying a file",    empty_a_file,                  EACCES, true },
	{ "a signal",           signal_its_parent,             EPERM,  false },
	{ "a thread's signal",  signal_a_thread_of_its_parent, EPERM,  false },
	{ "a queued signal",    queue_a_signal,                EPERM,  false },
	{ "a network socket",   open_a_network_socket,         0,      false },
};
/* clang-format on */

static void test_a_fetch_worker_changes_nothing_outside(void **state)
{
	bool is_fenced = has_fence();

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip(); /* LeakSanitizer signals its own threads */
#endif
	assert_int_equal(file_write(outside, 0600, "x", 1), 0);
	for (size_t i = 0; i < sizeof(fetch_attempts) / sizeof(fetch_attempts[0]); i++) {
		int got;

		if (fetch_attempts[i].needs_fence && !is_fenced)
			continue;
		got = confined(fetch_sandbox_enter, fetch_attempts[i].attempt);
		if (got != fetch_attempts[i].expected)
			fail_msg("%s: %s", fetch_attempts[i].what, strerror(got));
	}
	assert_int_equal(unlink(outside), 0);
}

static void test_a_call_by_another_abi_ends_the_process(void **state)
{
	(void)state;
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
	const int none[] = { SYS_exit_group };
	const struct call_filter filter = {
		.calls = none, .count = 1, .listed = CALL_FILTER_MAY, .others = ENOSYS
	};
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (call_filter_enter(&filter) < 0)
			_exit(1);
		syscall(0x40000000 | SYS_getpid);
		_exit(2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
#else
	skip();
#endif
}

static void test_a_list_that_is_too_long_is_refused(void **state)
{
	static const int calls[CALL_FILTER_MAX + 1];
	const struct call_filter filter = { .calls = calls,
					    .count = CALL_FILTER_MAX + 1 };

	(void)state;
	assert_int_equal(call_filter_enter(&filter), -E2BIG);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(state_path, sizeof(state_path), "%s/state", folder);
	snprintf(runtime_path, sizeof(runtime_path), "%s/run", folder);
	snprintf(config_path, sizeof(config_path), "%s/config/agent.conf", folder);
	snprintf(outside, sizeof(outside), "%s/outside", folder);
	return mkdir(state_path, 0700) < 0 || mkdir(runtime_path, 0700) < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	char path[80];

	(void)state;
	unlink(config_path);
	snprintf(path, sizeof(path), "%s/config", folder);
	rmdir(path);
	rmdir(state_path);
	rmdir(runtime_path);
	return rmdir(folder); /* fails where anything else was written */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_core_can_do_its_work_and_no_more),
		cmocka_unit_test(test_a_fetch_worker_changes_nothing_outside),
		cmocka_unit_test(test_a_call_by_another_abi_ends_the_process),
		cmocka_unit_test(test_a_list_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests_name("sandbox", tests, set_up, tear_down);
}
