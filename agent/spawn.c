/* SPDX-License-Identifier: MIT */
#include "agent/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agent/launcher.h"

#define VARIABLES_MAX 12

/*
 * What each worker may see of the environment.  The session bus and the
 * runtime directory are how a keyring is found; the SECRET_ ones choose
 * libsecret's file backend; the proxies are curl's.
 */
/* clang-format off */
static const struct {
	const char *name;
	const char *variables[VARIABLES_MAX];
} programs[] = {
	[LAUNCHER_FETCH] = { "jit-agent-fetch", {
		"https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY" } },
	[LAUNCHER_KEYRING] = { "jit-agent-keyring", {
		"DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "HOME",
		"DISPLAY", "WAYLAND_DISPLAY", "SECRET_BACKEND",
		"SECRET_FILE_TEST_PATH", "SECRET_FILE_TEST_PASSWORD" } },
};

static const char *const always[] = {
	"JOURNAL_STREAM",
#ifdef __SANITIZE_ADDRESS__
	"ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS",
#endif
};
/* clang-format on */

#define PROGRAMS (sizeof(programs) / sizeof(programs[0]))
#define ALWAYS (sizeof(always) / sizeof(always[0]))

struct environment {
	char *lines[VARIABLES_MAX + ALWAYS + 1];
	size_t count;
};

static void pass_on(struct environment *environment, const char *name)
{
	const char *value = secure_getenv(name);
	char *line;

	if (value && asprintf(&line, "%s=%s", name, value) >= 0)
		environment->lines[environment->count++] = line;
}

static void set_environment(struct environment *environment, uint32_t program)
{
	for (size_t i = 0; i < ALWAYS; i++)
		pass_on(environment, always[i]);
	for (size_t i = 0; i < VARIABLES_MAX && programs[program].variables[i]; i++)
		pass_on(environment, programs[program].variables[i]);
}

/* Returns 0, or -errno; -ESRCH when the launcher is gone. */
static int settle(int stream, pid_t launcher)
{
	const struct rlimit no_core = { 0, 0 };
	sigset_t none;

	if (dup2(stream, STDIN_FILENO) < 0 || dup2(stream, STDOUT_FILENO) < 0)
		return -errno;
	close_range(STDERR_FILENO + 1, ~0U, 0);
	setrlimit(RLIMIT_CORE, &no_core);
	for (int signal_number = 1; signal_number < NSIG; signal_number++)
		signal(signal_number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -errno;
	return getppid() == launcher ? 0 : -ESRCH;
}

static void __attribute__((noreturn))
be_the_worker(const char *path, uint32_t program, int stream, pid_t launcher)
{
	char *const arguments[] = { (char *)(uintptr_t)programs[program].name, NULL };
	struct environment environment = { .count = 0 };
	int r;

	set_environment(&environment, program);
	r = settle(stream, launcher);
	if (r == 0) {
		execve(path, arguments, environment.lines);
		r = -errno;
	}
	if (r != -ESRCH) /* that is the agent's stop, no mishap */
		fprintf(stderr, "jit-agent: cannot run %s: %s\n", path, strerror(-r));
	_exit(127);
}

pid_t spawn_worker(const char *directory, uint32_t program, int stream, pid_t launcher)
{
	char path[PATH_MAX];
	pid_t pid;
	int length;

	if (program >= PROGRAMS)
		return -EINVAL;
	length = snprintf(path, sizeof(path), "%s/%s", directory, programs[program].name);
	if (length < 0 || (size_t)length >= sizeof(path))
		return -ENAMETOOLONG;
	pid = fork();
	if (pid == 0)
		be_the_worker(path, program, stream, launcher);
	return pid < 0 ? -errno : pid;
}
