/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/descriptors.h"
#include "base/error.h"
#include "client/reply.h"
#include "protocol/address.h"

/*
 * What credential_process runs: asks the agent, prints the document in one
 * write, or one line on standard error and nothing on standard output.  libc
 * alone, so that it starts as fast as a process can.
 */
#define ANSWER_MAX (16 * 1024)
#define LIMIT_SECONDS 3
#define NAME_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@-"

static const char usage[] = "usage: jit-credentials PROFILE\n"
			    "       jit-credentials --session ID\n";
static const char too_late[] =
    "jit-agent did not answer within 3 s; run: jitctl status\n";

static char answer[ANSWER_MAX]; /* the only copy of the secret in here */

static void on_alarm(int signal_number)
{
	(void)signal_number;
	(void)!write(STDERR_FILENO, too_late, sizeof(too_late) - 1);
	_exit(error_exit_status(ERROR_NO_AGENT));
}

/* The whole run is bounded, whatever blocks; the caller may have masked the signal. */
static void limit_time(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	sigset_t alarm_only;

	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	sigaction(SIGALRM, &action, NULL);
	sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
	signal(SIGPIPE, SIG_IGN);
	alarm(LIMIT_SECONDS);
}

static int harden(struct error *error)
{
	const struct rlimit no_core = { 0, 0 };

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    setrlimit(RLIMIT_CORE, &no_core) < 0)
		return error_set(error, ERROR_INTERNAL, "cannot protect this process");
	return 0;
}

static int no_agent(struct error *error)
{
	error_set(error, ERROR_NO_AGENT, "no jit-agent is running: %s", strerror(errno));
	/* The mark by which sd_booted(3) knows systemd. */
	error_next(error, "%s",
		   access("/run/systemd/system", F_OK) == 0
		       ? "systemctl --user start jit-agent.socket"
		       : "jit-agent");
	return -ENOTCONN;
}

/* Not by snprintf(), which would bring in more of libc than all the rest. */
static int call(int fd, const char *key, const char *value, struct error *error)
{
	static const char method[] = "{\"method\":\"io.jitctl.Agent.GetCredentials\","
				     "\"parameters\":{\"";
	const char *const parts[] = { method, key, "\":\"", value,
				      "\"},\"upgrade\":true}" };
	char text[256];
	size_t length = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		size_t more = strlen(parts[i]);

		if (length + more >= sizeof(text))
			return error_set(error, ERROR_USAGE, "the name is too long");
		memcpy(text + length, parts[i], more);
		length += more;
	}
	text[length++] = '\0'; /* ends a message */
	if (send(fd, text, length, MSG_NOSIGNAL) != (ssize_t)length)
		return no_agent(error);
	return 0;
}

/* A refusal is whole with its NUL: the connection stays open for another call. */
static bool is_refusal(size_t length)
{
	static const char beginning[] = "{\"error\"";

	return length > sizeof(beginning) &&
	       memcmp(answer, beginning, sizeof(beginning) - 1) == 0 &&
	       memchr(answer, '\0', length);
}

/* A document is one line: with its end the agent has said all. */
static bool is_complete(size_t length)
{
	return is_refusal(length) || (length > 0 && answer[length - 1] == '\n');
}

static int receive(int fd, size_t *length, struct error *error)
{
	ssize_t got;

	*length = 0;
	while (*length < sizeof(answer)) {
		got = recv(fd, answer + *length, sizeof(answer) - *length, 0);
		if (got < 0 && errno != EINTR)
			return no_agent(error);
		if (got > 0)
			*length += (size_t)got;
		if (got == 0 || is_complete(*length))
			return 0;
	}
	return error_set(error, ERROR_INTERNAL, "jit-agent's answer is too long");
}

static int get_answer(const char *key, const char *value, size_t *length,
		      struct error *error)
{
	scoped(closep) int fd = -1;
	struct sockaddr_un address;
	int r = harden(error);

	if (r == 0)
		r = address_of_socket(&address, error);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set(error, ERROR_INTERNAL, "cannot open a socket");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return no_agent(error);
	r = call(fd, key, value, error);
	return r < 0 ? r : receive(fd, length, error);
}

static int print_document(size_t length, size_t start, struct error *error)
{
	ssize_t wrote;

	if (!reply_document_is_whole(answer + start, length - start))
		return error_set(error, ERROR_INTERNAL,
				 "jit-agent sent credentials that are cut short");
	wrote = write(STDOUT_FILENO, answer + start, length - start);
	if (wrote != (ssize_t)(length - start))
		return error_set(error, ERROR_INTERNAL,
				 "cannot write the credentials to standard output");
	return 0;
}

static int fail(const struct reply *reply)
{
	char line[REPLY_LINE_SIZE];

	reply_line(reply, line);
	(void)!write(STDERR_FILENO, line, strlen(line));
	return error_exit_status(error_from_wire_name(reply->error));
}

static int fail_with(const struct error *error)
{
	struct reply reply;

	snprintf(reply.error, sizeof(reply.error), "%s", error_wire_name(error->kind));
	snprintf(reply.text, sizeof(reply.text), "%s", error->text);
	snprintf(reply.next, sizeof(reply.next), "%s", error->next);
	return fail(&reply);
}

static int ask(const char *key, const char *value)
{
	struct error error;
	struct reply reply;
	size_t length = 0, end;
	int r = get_answer(key, value, &length, &error);

	if (r < 0)
		return fail_with(&error);
	end = strnlen(answer, length);
	if (length == 0)
		error_set(&error, ERROR_NO_AGENT, "jit-agent closed the connection");
	else if (end == length || reply_parse(answer, end, &reply) < 0)
		error_set(&error, ERROR_INTERNAL, "jit-agent's answer is malformed");
	else if (reply.error[0])
		return fail(&reply);
	else if (print_document(length, end + 1, &error) == 0)
		return 0;
	return fail_with(&error);
}

static int ask_and_wipe(const char *key, const char *value)
{
	int status = ask(key, value);

	explicit_bzero(answer, sizeof(answer));
	return status;
}

static bool is_name(const char *text)
{
	size_t length = strspn(text, NAME_LETTERS);

	return length > 0 && length <= 64 && text[length] == '\0';
}

static int say(int fd, const char *text, int status)
{
	(void)!write(fd, text, strlen(text));
	return status;
}

int main(int argc, char *argv[])
{
	const char *first = argc > 1 ? argv[1] : "";

	descriptors_hold_standard();
	limit_time();
	if (argc == 2 && strcmp(first, "--help") == 0)
		return say(STDOUT_FILENO, usage, 0);
	if (argc == 2 && strcmp(first, "--version") == 0)
		return say(STDOUT_FILENO, "jit-credentials " JIT_VERSION "\n", 0);
	if (argc == 3 && strcmp(first, "--session") == 0 && is_name(argv[2]))
		return ask_and_wipe("session", argv[2]);
	if (argc == 2 && first[0] != '-' && is_name(first))
		return ask_and_wipe("profile", first);
	return say(STDERR_FILENO, usage, error_exit_status(ERROR_USAGE));
}
