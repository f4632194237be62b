/* SPDX-License-Identifier: MIT */
#include "client/prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sodium.h>
#include <string.h>
#include <termios.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "client/interrupt.h"

/*
 * Reads up to the newline or the end, a byte at a time: what comes behind it
 * belongs to somebody else.  Returns 0 or -errno; -EINTR when interrupted.
 */
static int read_line(int fd, int interrupt_fd, char *out, size_t size, size_t *used)
{
	while (*used + 1 < size) {
		struct pollfd wait[] = { { .fd = fd, .events = POLLIN },
					 { .fd = interrupt_fd, .events = POLLIN } };
		ssize_t got;

		if (poll(wait, 2, -1) < 0 || wait[1].revents)
			return -EINTR;
		got = read(fd, out + *used, 1);
		if (got < 0)
			return -errno;
		if (got == 0 || out[*used] == '\n') {
			out[*used] = '\0';
			return got == 0 && *used == 0 ? -ENODATA : 0;
		}
		++*used;
	}
	return -EMSGSIZE;
}

static int say(int tty, const char *text)
{
	return write(tty, text, strlen(text)) < 0 ? -errno : 0;
}

/* After a stop (^Z, fg) the echo is off again and the question asked again. */
static int ask(int tty, const char *question, char *out)
{
	struct interrupt interrupt = interrupt_open();
	struct termios before, quiet;
	size_t used = 0;
	int r = tcgetattr(tty, &before) < 0 ? -errno : -EINTR;

	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
	while (r == -EINTR) {
		if (tcsetattr(tty, TCSAFLUSH, &quiet) < 0 || say(tty, question) < 0) {
			r = -errno;
			break;
		}
		used = 0;
		r = read_line(tty, interrupt.fd, out, PASSPHRASE_SIZE, &used);
		(void)tcsetattr(tty, TCSAFLUSH, &before);
		(void)say(tty, "\n");
		if (r == -EINTR)
			interrupt_deliver(&interrupt);
	}
	interrupt_done(&interrupt);
	return r;
}

static int ask_twice(int tty, char *out, struct error *error)
{
	char again[PASSPHRASE_SIZE] = "";
	int r = ask(tty, "new passphrase: ", out);

	if (r == 0)
		r = ask(tty, "once more: ", again);
	if (r == 0 && sodium_memcmp(out, again, PASSPHRASE_SIZE) != 0)
		r = error_set(error, ERROR_USAGE, "the two passphrases differ");
	explicit_bzero(again, sizeof(again));
	return r;
}

static int read_passphrase(bool is_new, char *out, struct error *error)
{
	scoped(closep) int tty = -1;
	size_t used = 0;

	if (!isatty(STDIN_FILENO))
		return read_line(STDIN_FILENO, -1, out, PASSPHRASE_SIZE, &used);
	tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (tty < 0)
		return -errno;
	return is_new ? ask_twice(tty, out, error) : ask(tty, "passphrase: ", out);
}

int prompt_passphrase(bool is_new, char out[static PASSPHRASE_SIZE], struct error *error)
{
	struct error reason = { .kind = ERROR_NONE };
	int r;

	explicit_bzero(out, PASSPHRASE_SIZE);
	r = read_passphrase(is_new, out, &reason);
	if (r == 0 && out[0] == '\0')
		r = error_set(&reason, ERROR_USAGE,
			      "an empty passphrase protects nothing");
	if (r == 0 && !text_is_utf8(out))
		r = error_set(&reason, ERROR_USAGE, "the passphrase is not UTF-8");
	if (r < 0 && reason.kind == ERROR_NONE)
		r = error_set(&reason, ERROR_USAGE, "no passphrase could be read: %s",
			      r == -ENODATA    ? "nothing on standard input"
			      : r == -EMSGSIZE ? "it is too long"
					       : strerror(-r));
	if (r < 0) {
		explicit_bzero(out, PASSPHRASE_SIZE);
		if (error)
			*error = reason;
	}
	return r;
}
