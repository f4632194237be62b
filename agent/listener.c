/* SPDX-License-Identifier: MIT */
#include "agent/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/activation.h"
#include "agent/agent.h"
#include "agent/connection.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "protocol/address.h"

#define BACKLOG 4096
#define ACCEPT_AT_ONCE 64
#define PAUSE_SEC 0.1

int listener_lock(struct listener *listener, const char *runtime_path,
		  struct error *error)
{
	scoped(freep) char *path = path_join(runtime_path, "agent.lock", "");
	scoped(closep) int fd = -1;
	int r;

	r = path ? directory_make(runtime_path, 0700) : -ENOMEM;
	if (r < 0)
		return error_set(error, ERROR_INTERNAL, "cannot use %s: %s", runtime_path,
				 strerror(-r));
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_set(error, ERROR_INTERNAL, "cannot open %s: %s", path,
				 strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return error_set(error, ERROR_FORBIDDEN,
				 "another jit-agent is running; it holds %s", path);
	listener->lock = take_fd(&fd);
	return 0;
}

static bool somebody_answers(const struct sockaddr_un *address)
{
	scoped(closep) int fd = socket(AF_UNIX,
				       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd >= 0 &&
	       (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
		errno == EAGAIN);
}

/* Only a socket is ever removed, and only one that is dead. */
static int clear_way(const struct sockaddr_un *address, struct error *error)
{
	const char *path = address->sun_path;
	struct stat about;

	if (lstat(path, &about) < 0)
		return errno == ENOENT
			   ? 0
			   : error_set(error, ERROR_INTERNAL, "cannot use %s: %s", path,
				       strerror(errno));
	if (!S_ISSOCK(about.st_mode))
		return error_set(error, ERROR_FORBIDDEN, "%s is there and is no socket",
				 path);
	if (somebody_answers(address))
		return error_set(error, ERROR_FORBIDDEN,
				 "another agent answers on %s already", path);
	if (unlink(path) < 0)
		return error_set(error, ERROR_INTERNAL, "cannot remove %s: %s", path,
				 strerror(errno));
	return 0;
}

/* The umask makes it 0600 from birth. */
static int listen_at(const struct sockaddr_un *address, int *listening,
		     struct error *error)
{
	scoped(closep) int fd = socket(AF_UNIX,
				       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask;
	int r;

	if (fd < 0)
		return error_set(error, ERROR_INTERNAL, "cannot make a socket: %s",
				 strerror(errno));
	mask = umask(0177);
	r = bind(fd, (const struct sockaddr *)address, sizeof(*address));
	umask(mask);
	if (r < 0 || listen(fd, BACKLOG) < 0)
		return error_set(error, ERROR_INTERNAL, "cannot listen on %s: %s",
				 address->sun_path, strerror(errno));
	*listening = take_fd(&fd);
	return 0;
}

static int make_directory_of(const struct sockaddr_un *address, struct error *error)
{
	scoped(freep) char *copy = strdup(address->sun_path);
	char *slash = copy ? strrchr(copy, '/') : NULL;
	struct stat about;
	int r;

	if (!slash || slash == copy)
		return 0;
	*slash = '\0';
	if (stat(copy, &about) == 0)
		return 0; /* someone's choice: the socket's own mode guards it */
	r = directory_make(copy, 0700);
	if (r < 0)
		return error_set(error, ERROR_INTERNAL, "cannot make %s: %s", copy,
				 strerror(-r));
	return 0;
}

static int open_own(struct listener *listener, int *fd, struct error *error)
{
	struct sockaddr_un address;
	int r = address_of_socket(&address, error);

	if (r == 0)
		r = make_directory_of(&address, error);
	if (r == 0)
		r = clear_way(&address, error);
	if (r == 0)
		r = listen_at(&address, fd, error);
	if (r == 0)
		listener->own = address;
	return r;
}

bool listener_peer_is(int fd, uid_t uid)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	       size == sizeof(peer) && peer.uid == uid;
}

static void pause_accepting(struct agent *agent)
{
	struct listener *listener = &agent->listener;

	ev_io_stop(agent->loop, &listener->io);
	ev_timer_set(&listener->pause, PAUSE_SEC, 0);
	ev_timer_start(agent->loop, &listener->pause);
}

static void on_pause_over(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct agent *agent = timer->data;

	(void)events;
	ev_io_start(loop, &agent->listener.io);
}

/* Returns false when there is nobody more, or no room. */
static bool accept_one(struct agent *agent)
{
	int fd;

	if (!places_have_room(&agent->places)) {
		pause_accepting(agent);
		return false;
	}
	fd = accept4(agent->listener.io.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			pause_accepting(agent);
		return errno == ECONNABORTED || errno == EINTR;
	}
	if (!listener_peer_is(fd, geteuid())) {
		close(fd);
		return true;
	}
	connection_start(agent, fd);
	return true;
}

static void on_connect(struct ev_loop *loop, struct ev_io *io, int events)
{
	(void)loop;
	(void)events;
	for (int i = 0; i < ACCEPT_AT_ONCE; i++)
		if (!accept_one(io->data))
			break;
	credentials_conceal(io->data);
}

int listener_open(struct listener *listener, struct error *error)
{
	int fd = -1, r = activation_take(&fd, error);

	if (r == 0 && fd < 0)
		r = open_own(listener, &fd, error);
	if (r < 0)
		return r;
	ev_io_init(&listener->io, on_connect, fd, EV_READ);
	ev_init(&listener->pause, on_pause_over);
	return 0;
}

void listener_start(struct agent *agent)
{
	agent->listener.io.data = agent;
	agent->listener.pause.data = agent;
	ev_io_start(agent->loop, &agent->listener.io);
}

void listener_done(struct agent *agent)
{
	struct listener *listener = &agent->listener;

	ev_timer_stop(agent->loop, &listener->pause);
	ev_io_stop(agent->loop, &listener->io);
	if (listener->own.sun_path[0])
		unlink(listener->own.sun_path);
	if (listener->io.fd > 0)
		close(listener->io.fd);
	closep(&listener->lock);
}
