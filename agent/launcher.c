/* SPDX-License-Identifier: MIT */
#include "agent/launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/launcher-order.h"
#include "agent/spawn.h"
#include "base/cleanup.h"
#include "base/log.h"

struct child {
	pid_t pid; /* 0: a free place */
	uint32_t ticket;
	bool was_killed;
};

struct held {
	struct order order;
	int stream;
};

struct state {
	const char *directory;
	int orders;
	int signals;
	struct child children[LAUNCHER_WORKERS_MAX];
	/*
	 * Orders that wait for a place, the oldest first.  To the core a worker is
	 * gone with its stream or its kill, here when it was reaped: in between
	 * there are more orders than places, but never twice as many.
	 */
	struct held held[LAUNCHER_WORKERS_MAX];
	size_t held_count;
};

static struct child *find(struct state *state, pid_t pid)
{
	for (size_t i = 0; i < LAUNCHER_WORKERS_MAX; i++)
		if (state->children[i].pid == pid)
			return &state->children[i];
	return NULL;
}

static void run(struct state *state, struct child *place, const struct order *order,
		int stream)
{
	pid_t pid = spawn_worker(state->directory, order->program, stream, getpid());

	if (pid < 0) {
		log_error("cannot start a worker: %s", strerror(-pid));
		return; /* the core sees its stream end */
	}
	*place = (struct child){ .pid = pid, .ticket = order->ticket };
}

static struct held take_held(struct state *state, size_t i)
{
	struct held held = state->held[i];

	state->held_count--;
	memmove(state->held + i, state->held + i + 1,
		(state->held_count - i) * sizeof(state->held[0]));
	return held;
}

/* One that waits for a place is forgotten; its stream ends. */
static void kill_child(struct state *state, uint32_t ticket)
{
	for (size_t i = 0; i < LAUNCHER_WORKERS_MAX; i++) {
		struct child *child = &state->children[i];

		if (child->pid > 0 && child->ticket == ticket) {
			child->was_killed = true;
			kill(child->pid, SIGKILL);
		}
	}
	for (size_t i = state->held_count; i-- > 0;)
		if (state->held[i].order.ticket == ticket)
			close(take_held(state, i).stream);
}

static void reap(struct state *state)
{
	struct signalfd_siginfo drained;
	int status;
	pid_t pid;

	(void)!read(state->signals, &drained, sizeof(drained));
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct child *child = find(state, pid);

		if (!child)
			continue;
		if (WIFSIGNALED(status) &&
		    !(child->was_killed && WTERMSIG(status) == SIGKILL))
			log_error("worker %d was ended by signal %d", (int)pid,
				  WTERMSIG(status));
		*child = (struct child){ 0 };
	}
}

static void run_or_hold(struct state *state, const struct order *order, int *stream)
{
	struct child *place = state->held_count == 0 ? find(state, 0) : NULL;

	if (place) {
		run(state, place, order, *stream);
	} else if (state->held_count < LAUNCHER_WORKERS_MAX) {
		state->held[state->held_count] = (struct held){ *order, -1 };
		state->held[state->held_count++].stream = take_fd(stream);
	} else {
		log_error("more orders than the core may give");
	}
}

static void run_held(struct state *state)
{
	struct child *place;

	while (state->held_count > 0 && (place = find(state, 0))) {
		struct held held = take_held(state, 0);

		run(state, place, &held.order, held.stream);
		close(held.stream);
	}
}

/* Returns false when the core is gone. */
static bool obey(struct state *state)
{
	struct order order = { 0 };
	scoped(closep) int stream = -1;
	int r = order_receive(state->orders, &order, &stream);

	if (r == -EINTR || r == -EBADMSG)
		return true;
	if (r <= 0)
		return false;
	if (order.verb == ORDER_RUN && stream >= 0)
		run_or_hold(state, &order, &stream);
	else if (order.verb == ORDER_KILL)
		kill_child(state, order.ticket);
	return true;
}

static void serve(struct state *state)
{
	struct pollfd polled[] = {
		{ .fd = state->orders, .events = POLLIN },
		{ .fd = state->signals, .events = POLLIN },
	};

	for (;;) {
		if (poll(polled, 2, -1) < 0) {
			if (errno != EINTR)
				return;
			continue;
		}
		if (polled[1].revents)
			reap(state);
		run_held(state);
		if (polled[0].revents && !obey(state))
			return;
	}
}

/*
 * Keeps standard error and the orders.  Signals meant for the agent reach the
 * whole process group or control group; the launcher leaves when the core does.
 */
static int settle(struct state *state, pid_t core)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t all;

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		return -errno;
	if (dup2(state->orders, STDERR_FILENO + 1) < 0)
		return -errno;
	state->orders = STDERR_FILENO + 1;
	if (fcntl(state->orders, F_SETFD, FD_CLOEXEC) < 0)
		return -errno;
	close_range(STDERR_FILENO + 2, ~0U, 0);
	sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, NULL) < 0)
		return -errno;
	sigemptyset(&all);
	sigaddset(&all, SIGCHLD);
	state->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (state->signals < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -errno;
	return getppid() == core ? 0 : -ESRCH;
}

static void __attribute__((noreturn))
be_the_launcher(const char *directory, int orders, pid_t core)
{
	struct state state = { .directory = directory, .orders = orders };

	prctl(PR_SET_NAME, "jit-launcher", 0, 0, 0);
	if (settle(&state, core) == 0)
		serve(&state);
	for (size_t i = 0; i < LAUNCHER_WORKERS_MAX; i++)
		if (state.children[i].pid > 0)
			kill(state.children[i].pid, SIGKILL);
	_exit(0);
}

int launcher_fork(const char *directory, struct launcher *launcher, struct error *error)
{
	pid_t core = getpid(), pid;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return error_set(error, ERROR_INTERNAL, "cannot make a socket: %s",
				 strerror(errno));
	pid = fork();
	if (pid == 0)
		be_the_launcher(directory, ends[1], core);
	close(ends[1]);
	if (pid < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0) {
		close(ends[0]);
		return error_set(error, ERROR_INTERNAL, "cannot fork the launcher: %s",
				 strerror(errno));
	}
	*launcher = (struct launcher){ .fd = ends[0], .pid = pid };
	return 0;
}

int launcher_run(const struct launcher *launcher, uint32_t ticket,
		 enum launcher_program program, int stream)
{
	const struct order order = { ORDER_RUN, program, ticket };

	return order_send(launcher->fd, &order, stream);
}

int launcher_kill(const struct launcher *launcher, uint32_t ticket)
{
	const struct order order = { ORDER_KILL, 0, ticket };

	return order_send(launcher->fd, &order, -1);
}
