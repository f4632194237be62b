/* SPDX-License-Identifier: MIT */
#include "broker/signals.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

void signals_block(sigset_t *signals)
{
	sigemptyset(signals);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, SIGINT);
	sigaddset(signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file size limit is a full disk: an error */
}

/* The signal is seen and not read: so it stays. */
static void *look(void *data)
{
	struct signals_watch *watch = data;
	struct pollfd ready[] = { { .fd = watch->over, .events = POLLIN },
				  { .fd = watch->leaving, .events = POLLIN } };

	while (poll(ready, 2, -1) < 0 && errno == EINTR)
		continue;
	if (ready[1].revents & POLLIN)
		atomic_store(watch->stop, true);
	return NULL;
}

static void close_both(const struct signals_watch *watch)
{
	if (watch->over >= 0)
		close(watch->over);
	if (watch->leaving >= 0)
		close(watch->leaving);
}

int signals_watch_begin(struct signals_watch *watch, atomic_bool *stop,
			struct error *error)
{
	sigset_t leaving;
	int r;

	sigemptyset(&leaving);
	sigaddset(&leaving, SIGTERM);
	sigaddset(&leaving, SIGINT);
	watch->stop = stop;
	watch->over = eventfd(0, EFD_CLOEXEC);
	watch->leaving = signalfd(-1, &leaving, SFD_CLOEXEC);
	r = watch->over < 0 || watch->leaving < 0
		? errno
		: pthread_create(&watch->thread, NULL, look, watch);
	if (r == 0)
		return 0;
	close_both(watch);
	return error_set(error, ERROR_INTERNAL, "cannot watch for signals: %s",
			 strerror(r));
}

void signals_watch_end(struct signals_watch *watch)
{
	eventfd_write(watch->over, 1);
	pthread_join(watch->thread, NULL);
	close_both(watch);
}
