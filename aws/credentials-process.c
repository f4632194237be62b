/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/credentials-origin.h"
#include "aws/retry.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"

#define OUTPUT_MAX ((size_t)64 * 1024)

static void json_freep(json_t **json)
{
	json_decref(*json);
}

/*
 * A group of its own, so that whatever the shell started ends with it; and the
 * signals as any program expects them, not as a daemon blocks and ignores them.
 */
static int spawn(const char *command, int out, pid_t *pid)
{
	char *const arguments[] = { (char[]){ "sh" }, (char[]){ "-c" }, (char *)command,
				    NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, ignored;
	int r;

	sigemptyset(&none);
	sigemptyset(&ignored);
	sigaddset(&ignored, SIGPIPE);
	sigaddset(&ignored, SIGXFSZ);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY,
					 0);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP |
						  POSIX_SPAWN_SETSIGMASK |
						  POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &ignored);
	posix_spawnattr_setpgroup(&attributes, 0);
	r = posix_spawn(pid, "/bin/sh", &actions, &attributes, arguments, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return -r;
}

/* Until there is something to read.  0, -ETIMEDOUT, -ECANCELED or -errno. */
static int wait_for(int fd, const struct retry *deadline)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	for (;;) {
		int count = poll(&ready, 1, (int)retry_slice_ms(deadline));

		if (count > 0)
			return 0;
		if (count < 0 && errno != EINTR)
			return -errno;
		if (retry_is_stopped(deadline))
			return -ECANCELED;
		if (retry_left_ms(deadline) == 0)
			return -ETIMEDOUT;
	}
}

/* Reads to the end, up to the deadline.  Returns 0 or -errno. */
static int read_until_end(int fd, struct buffer *output, const struct retry *deadline)
{
	for (;;) {
		int r = wait_for(fd, deadline);
		char *space = buffer_space(output, 4096);
		ssize_t got;

		if (r < 0)
			return r;
		if (!space)
			return -EMSGSIZE;
		got = read(fd, space, 4096);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : 0;
		buffer_filled(output, (size_t)got);
	}
}

/* One that closed its output and stays has until the same deadline to leave. */
static void end_by(pid_t pid, const struct retry *deadline)
{
	scoped(closep) int process = (int)syscall(SYS_pidfd_open, pid, 0);

	if (process < 0 || wait_for(process, deadline) < 0)
		kill(-pid, SIGKILL);
}

static int reap(pid_t pid, const struct retry *deadline)
{
	int status;

	end_by(pid, deadline);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ECHILD;
}

static int run(const char *command, int64_t deadline_ms, const atomic_bool *stop,
	       struct buffer *output)
{
	struct retry deadline = retry_begin(deadline_ms);
	scoped(closep) int theirs = -1;
	scoped(closep) int ours = -1;
	int ends[2], r, status;
	pid_t pid;

	deadline.stop = stop;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	ours = ends[0];
	theirs = ends[1];
	r = spawn(command, theirs, &pid);
	if (r < 0)
		return r;
	close(take_fd(&theirs));
	r = read_until_end(ours, output, &deadline);
	if (r < 0)
		kill(-pid, SIGKILL);
	status = reap(pid, &deadline);
	return r < 0 ? r : status;
}

static int take_members(json_t *json, struct credentials *credentials,
			struct error *error)
{
	const char *id, *secret, *token = "", *expiration = NULL;
	int version;
	int r;

	if (json_unpack(json, "{s:i, s:s, s:s, s?s, s?s}", "Version", &version,
			"AccessKeyId", &id, "SecretAccessKey", &secret, "SessionToken",
			&token, "Expiration", &expiration) < 0 ||
	    version != 1)
		return error_set(error, ERROR_UNREACHABLE,
				 "what the broker's credential_process printed is no "
				 "document of Version 1");
	r = credentials_set(credentials->access_key_id, CREDENTIALS_KEY_SIZE, id, error);
	if (r == 0)
		r = credentials_set(credentials->secret_access_key, CREDENTIALS_KEY_SIZE,
				    secret, error);
	if (r == 0)
		r = credentials_set(credentials->session_token, CREDENTIALS_TOKEN_SIZE,
				    token, error);
	if (r == 0 && expiration &&
	    time_parse(expiration, &credentials->expires_at_seconds) < 0)
		return error_set(error, ERROR_UNREACHABLE,
				 "the broker's credential_process printed no proper "
				 "Expiration");
	return r;
}

int credentials_from_process(const char *command, int64_t deadline_ms,
			     const atomic_bool *stop, struct credentials *credentials,
			     struct error *error)
{
	scoped(buffer_done) struct buffer output = BUFFER_WITH_LIMIT(OUTPUT_MAX);
	scoped(json_freep) json_t *json = NULL;
	int r = run(command, deadline_ms, stop, &output);

	if (r == -ECANCELED)
		return error_set(error, ERROR_UNREACHABLE,
				 "the broker's credential_process was not waited for: "
				 "this program stops");
	if (r == -ETIMEDOUT)
		return error_set(error, ERROR_UNREACHABLE,
				 "the broker's credential_process did not end in time");
	if (r < 0)
		return error_set(error, ERROR_UNREACHABLE,
				 "the broker's credential_process failed");
	json = json_parse_object(output.used ? output.bytes : "", output.used, NULL);
	if (!json)
		return error_set(error, ERROR_UNREACHABLE,
				 "the broker's credential_process printed no JSON");
	return take_members(json, credentials, error);
}
