/* SPDX-License-Identifier: MIT */
#include "broker/acceptor.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define PAUSE_MS 100 /* when there is no descriptor or memory for one more */

struct acceptor {
	pthread_t thread;
	int fd;
	int stop_fd; /* can be read once it is to stop */
	acceptor_taker *hand_on;
	void *data;
};

/* Takes all there are.  Whether it is for want of something that it ended. */
static bool take_all(const struct acceptor *acceptor)
{
	for (;;) {
		struct sockaddr_storage peer;
		socklen_t length = sizeof(peer);
		int fd = accept4(acceptor->fd, (struct sockaddr *)&peer, &length,
				 SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd >= 0)
			acceptor->hand_on(acceptor->data, fd, (struct sockaddr *)&peer,
					  length);
		else if (errno != EINTR && errno != ECONNABORTED)
			return errno != EAGAIN;
	}
}

static void *run(void *data)
{
	struct acceptor *acceptor = data;
	struct pollfd watched[] = { { .fd = acceptor->stop_fd, .events = POLLIN },
				    { .fd = acceptor->fd, .events = POLLIN } };
	bool is_short = false;

	while (!watched[0].revents) {
		if (poll(watched, is_short ? 1 : 2, is_short ? PAUSE_MS : -1) < 0 &&
		    errno != EINTR)
			break;
		if (!watched[0].revents)
			is_short = take_all(acceptor);
	}
	return NULL;
}

int acceptor_start(int fd, acceptor_taker *hand_on, void *data,
		   struct acceptor **acceptor, struct error *error)
{
	struct acceptor *new = calloc(1, sizeof(*new));
	int r;

	if (!new)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	*new = (struct acceptor){ .fd = fd, .hand_on = hand_on, .data = data };
	new->stop_fd = eventfd(0, EFD_CLOEXEC);
	r = new->stop_fd < 0 ? errno : pthread_create(&new->thread, NULL, run, new);
	if (r == 0) {
		*acceptor = new;
		return 0;
	}
	if (new->stop_fd >= 0)
		close(new->stop_fd);
	free(new);
	return error_set(error, ERROR_INTERNAL, "cannot start to take connections: %s",
			 strerror(r));
}

void acceptor_stop(struct acceptor *acceptor)
{
	if (!acceptor)
		return;
	eventfd_write(acceptor->stop_fd, 1);
	pthread_join(acceptor->thread, NULL);
	close(acceptor->stop_fd);
	free(acceptor);
}
