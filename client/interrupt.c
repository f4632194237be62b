/* SPDX-License-Identifier: MIT */
#include "client/interrupt.h"

#include <stddef.h>
#include <sys/signalfd.h>

#include "base/cleanup.h"

struct interrupt interrupt_open(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	struct interrupt interrupt;
	struct sigaction action;

	sigemptyset(&interrupt.held);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigaction(signals[i], NULL, &action) == 0 &&
		    action.sa_handler != SIG_IGN)
			sigaddset(&interrupt.held, signals[i]);
	sigprocmask(SIG_BLOCK, &interrupt.held, &interrupt.before);
	interrupt.fd = signalfd(-1, &interrupt.held, SFD_CLOEXEC | SFD_NONBLOCK);
	if (interrupt.fd < 0)
		sigprocmask(SIG_SETMASK, &interrupt.before, NULL);
	return interrupt;
}

void interrupt_deliver(const struct interrupt *interrupt)
{
	/* It is still pending, so letting it through is all it takes. */
	sigprocmask(SIG_SETMASK, &interrupt->before, NULL);
	sigprocmask(SIG_BLOCK, &interrupt->held, NULL);
}

void interrupt_done(struct interrupt *interrupt)
{
	if (interrupt->fd >= 0)
		sigprocmask(SIG_SETMASK, &interrupt->before, NULL);
	closep(&interrupt->fd);
	interrupt->fd = -1;
}
