/* SPDX-License-Identifier: MIT */
/*
 * echo SOCKET SIZE
 *
 * A server of the agent's shape that does nothing: libev, a connection per
 * call, the peer's uid checked, bytes read up to a NUL, SIZE bytes written in
 * one go, closed.  The yardstick for the agent's hot path.
 */
#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define REQUEST_MAX 4096

struct peer {
	ev_io io;
	size_t used;
	char request[REQUEST_MAX];
};

static char *answer;
static size_t answer_size;

static void hang_up(struct ev_loop *loop, struct peer *peer)
{
	ev_io_stop(loop, &peer->io);
	close(peer->io.fd);
	free(peer);
}

static void on_readable(struct ev_loop *loop, ev_io *io, int events)
{
	struct peer *peer = (struct peer *)io;
	ssize_t got = recv(io->fd, peer->request + peer->used,
			   sizeof(peer->request) - peer->used, 0);

	(void)events;
	if (got < 0 && errno == EAGAIN)
		return;
	if (got > 0) {
		peer->used += (size_t)got;
		if (!memchr(peer->request, '\0', peer->used))
			return;
		(void)!send(io->fd, answer, answer_size, MSG_NOSIGNAL);
	}
	hang_up(loop, peer);
}

static void on_connection(struct ev_loop *loop, ev_io *io, int events)
{
	int fd = accept4(io->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct ucred who;
	socklen_t size = sizeof(who);
	struct peer *peer;

	(void)events;
	if (fd < 0)
		return;
	peer = malloc(sizeof(*peer));
	if (!peer || getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) < 0 ||
	    who.uid != getuid()) {
		free(peer);
		close(fd);
		return;
	}
	peer->used = 0;
	ev_io_init(&peer->io, on_readable, fd, EV_READ);
	ev_io_start(loop, &peer->io);
}

int main(int argc, char **argv)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct ev_loop *loop = ev_default_loop(0);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ev_io listener;

	if (argc != 3 || strlen(argv[1]) >= sizeof(address.sun_path)) {
		fputs("usage: echo SOCKET SIZE\n", stderr);
		return 2;
	}
	memcpy(address.sun_path, argv[1], strlen(argv[1]) + 1);
	answer_size = strtoul(argv[2], NULL, 10);
	answer = malloc(answer_size);
	if (!answer || fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, SOMAXCONN) < 0) {
		perror("echo");
		return 1;
	}
	memset(answer, 'x', answer_size);
	ev_io_init(&listener, on_connection, fd, EV_READ);
	ev_io_start(loop, &listener);
	puts("ready");
	fflush(stdout);
	ev_run(loop, 0);
	return 0;
}
