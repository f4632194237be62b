/* SPDX-License-Identifier: MIT */
#include "agent/alarm.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

struct instant instant_earlier(struct instant a, struct instant b)
{
	return (struct instant){
		a.wall_usec < b.wall_usec ? a.wall_usec : b.wall_usec,
		a.boot_usec < b.boot_usec ? a.boot_usec : b.boot_usec,
	};
}

static void on_ring(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct alarm *alarm = io->data;
	uint64_t times;

	(void)loop;
	(void)events;
	/* ECANCELED says that the clock was set: as good a reason to look. */
	if (read(io->fd, &times, sizeof(times)) < 0 && errno != ECANCELED)
		return;
	alarm->ring(alarm->data);
}

int alarm_init(struct alarm *alarm, struct ev_loop *loop, void (*ring)(void *data),
	       void *data)
{
	scoped(closep) int boot = timerfd_create(CLOCK_BOOTTIME,
						 TFD_NONBLOCK | TFD_CLOEXEC);
	scoped(closep) int wall = timerfd_create(CLOCK_REALTIME,
						 TFD_NONBLOCK | TFD_CLOEXEC);

	if (boot < 0 || wall < 0)
		return -errno;
	*alarm = (struct alarm){ .loop = loop, .ring = ring, .data = data };
	ev_io_init(&alarm->boot, on_ring, take_fd(&boot), EV_READ);
	ev_io_init(&alarm->wall, on_ring, take_fd(&wall), EV_READ);
	alarm->boot.data = alarm->wall.data = alarm;
	ev_io_start(loop, &alarm->boot);
	ev_io_start(loop, &alarm->wall);
	return 0;
}

/* A moment that is past already rings at once; one at 0 would disarm. */
static void arm(int fd, int flags, int64_t usec)
{
	struct itimerspec when = { .it_value = { 0, 0 } };

	if (usec != INT64_MAX) {
		if (usec < 1)
			usec = 1;
		when.it_value.tv_sec = (time_t)(usec / USEC_PER_SEC);
		when.it_value.tv_nsec = (long)(usec % USEC_PER_SEC) * 1000;
	}
	timerfd_settime(fd, flags, &when, NULL);
}

void alarm_set(struct alarm *alarm, struct instant instant)
{
	arm(alarm->boot.fd, TFD_TIMER_ABSTIME, instant.boot_usec);
	arm(alarm->wall.fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET,
	    instant.wall_usec);
}

void alarm_done(struct alarm *alarm)
{
	if (!alarm->loop)
		return;
	ev_io_stop(alarm->loop, &alarm->boot);
	ev_io_stop(alarm->loop, &alarm->wall);
	close(alarm->boot.fd);
	close(alarm->wall.fd);
}
