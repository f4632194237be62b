/* SPDX-License-Identifier: MIT */
#include "agent/activation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"

#define FIRST_FD 3 /* SD_LISTEN_FDS_START */

/* The whole text is this number, without sign, space or leading zero. */
static bool says(const char *text, long number)
{
	char expected[24];

	snprintf(expected, sizeof(expected), "%ld", number);
	return text && strcmp(text, expected) == 0;
}

static int socket_option(int fd, int option)
{
	int value = -1;
	socklen_t size = sizeof(value);

	if (getsockopt(fd, SOL_SOCKET, option, &value, &size) < 0)
		return -1;
	return value;
}

static int check(int fd, struct error *error)
{
	if (socket_option(fd, SO_DOMAIN) != AF_UNIX ||
	    socket_option(fd, SO_TYPE) != SOCK_STREAM ||
	    socket_option(fd, SO_ACCEPTCONN) != 1)
		return error_set(error, ERROR_USAGE,
				 "the socket passed by systemd is no listening AF_UNIX "
				 "stream");
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return error_set(error, ERROR_INTERNAL, "cannot use systemd's socket: %s",
				 strerror(errno));
	return 0;
}

int activation_take(int *fd, struct error *error)
{
	bool is_for_us = says(secure_getenv("LISTEN_PID"), getpid());
	bool is_one = says(secure_getenv("LISTEN_FDS"), 1);
	int r;

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (!is_for_us) {
		*fd = -1;
		return 0;
	}
	if (!is_one)
		return error_set(error, ERROR_USAGE,
				 "systemd must pass exactly one socket");
	r = check(FIRST_FD, error);
	if (r == 0)
		*fd = FIRST_FD;
	return r;
}

int activation_notify_open(void)
{
	const char *path = secure_getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	scoped(closep) int fd = -1;
	size_t length = path ? strlen(path) : 0;
	socklen_t size;

	if (length == 0 || (path[0] != '/' && path[0] != '@') ||
	    length >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, path, length);
	if (path[0] == '@')
		address.sun_path[0] = '\0'; /* the abstract namespace */
	size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, size) < 0)
		return -1;
	return take_fd(&fd);
}

void activation_notify(int fd, const char *state)
{
	if (fd >= 0)
		(void)!send(fd, state, strlen(state), MSG_NOSIGNAL);
}
