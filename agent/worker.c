/* SPDX-License-Identifier: MIT */
#include "agent/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/worker-answer.h"
#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/job.h"

struct worker_job {
	TAILQ_ENTRY(worker_job) entry;
	struct workers *workers;
	enum launcher_program program;
	uint32_t ticket;
	bool is_running;
	struct buffer bytes; /* the job until it is sent, then the answer */
	int fd;
	struct ev_io reader;
	struct ev_timer deadline;
	worker_done *done;
	void *data;
};

static void run_waiting(struct workers *workers);

static void on_free(void *data)
{
	run_waiting(data);
}

void workers_init(struct workers *workers, struct ev_loop *loop,
		  struct worker_source source)
{
	*workers = (struct workers){ .loop = loop };
	TAILQ_INIT(&workers->running);
	TAILQ_INIT(&workers->waiting);
	worker_orders_init(&workers->orders, loop, source, on_free, workers);
}

static void job_free(struct worker_job *job)
{
	struct workers *workers = job->workers;

	ev_timer_stop(workers->loop, &job->deadline);
	ev_io_stop(workers->loop, &job->reader);
	closep(&job->fd);
	buffer_done(&job->bytes);
	if (job->is_running) {
		TAILQ_REMOVE(&workers->running, job, entry);
		workers->running_count--;
	} else {
		TAILQ_REMOVE(&workers->waiting, job, entry);
		workers->waiting_count--;
	}
	free(job);
}

/*
 * The worker is killed also where it has answered: one that closes its stream and
 * stays would keep its place at the launcher for ever.
 */
static void finish(struct worker_job *job, struct worker_result *result)
{
	struct workers *workers = job->workers;
	worker_done *done = job->done;
	void *data = job->data;
	struct buffer answer = job->bytes;

	if (job->is_running)
		worker_orders_kill(&workers->orders, job->ticket);
	job->bytes = (struct buffer)BUFFER_WITH_LIMIT(JOB_MAX);
	job_free(job);
	done(data, result);
	json_decref(result->answer);
	buffer_done(&answer);
	run_waiting(workers);
}

static void fail(struct worker_job *job, const char *why)
{
	struct worker_result result = { .retry_seconds = 1 };
	bool is_keyring = job->program == LAUNCHER_KEYRING;

	error_set(&result.error, ERROR_UNREACHABLE, "%s %s",
		  is_keyring ? "the keyring" : "the broker or STS", why);
	finish(job, &result);
}

static void on_deadline(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	fail(timer->data, "did not answer in time");
}

/* The bytes reach job->bytes straight from the socket: no copy is left behind. */
static void on_readable(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct worker_job *job = io->data;
	struct worker_result result = { .answer = NULL };
	char *space = buffer_space(&job->bytes, 4096);
	ssize_t got;

	(void)loop;
	(void)events;
	if (!space) {
		fail(job, "answered more than is allowed");
		return;
	}
	got = recv(job->fd, space, 4096, 0);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got > 0) {
		buffer_filled(&job->bytes, (size_t)got);
		return;
	}
	if (job->bytes.used == 0) {
		fail(job, "could not be asked: the worker ended without an answer");
		return;
	}
	worker_answer_read(&result, job->bytes.bytes, job->bytes.used);
	finish(job, &result);
}

/* A job fits into an empty socket's buffer, so it is sent whole or not at all. */
static int send_job(struct worker_job *job, int stream)
{
	int room = (int)JOB_MAX;
	ssize_t sent;

	setsockopt(stream, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
	sent = send(stream, job->bytes.bytes, job->bytes.used,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	if (sent < 0)
		return -errno;
	if ((size_t)sent != job->bytes.used)
		return -EMSGSIZE;
	buffer_done(&job->bytes);
	job->bytes = (struct buffer)BUFFER_WITH_LIMIT(JOB_MAX + 4096);
	return 0;
}

/* -EAGAIN leaves the job as it was; on_free() comes back to it. */
static int start_now(struct worker_job *job)
{
	struct workers *workers = job->workers;
	int ends[2], r;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	r = worker_orders_run(&workers->orders, job->ticket, job->program, ends[1]);
	close(ends[1]);
	if (r == 0 && (r = send_job(job, ends[0])) < 0)
		worker_orders_kill(&workers->orders, job->ticket);
	if (r < 0) {
		close(ends[0]);
		return r;
	}
	job->fd = ends[0];
	TAILQ_REMOVE(&workers->waiting, job, entry);
	workers->waiting_count--;
	TAILQ_INSERT_TAIL(&workers->running, job, entry);
	workers->running_count++;
	job->is_running = true;
	ev_io_set(&job->reader, job->fd, EV_READ);
	ev_io_start(workers->loop, &job->reader);
	return 0;
}

static bool may_run(const struct workers *workers)
{
	return workers->running_count < LAUNCHER_WORKERS_MAX &&
	       worker_orders_may_run(&workers->orders);
}

static void run_waiting(struct workers *workers)
{
	struct worker_job *job;
	int r;

	while (may_run(workers) && (job = TAILQ_FIRST(&workers->waiting))) {
		r = start_now(job);
		if (r == -EAGAIN)
			return;
		if (r < 0) {
			fail(job, "could not be asked: no worker could be started");
			return; /* fail() came back here for the rest */
		}
	}
}

/* A new one, unless others are before it. */
static int start_or_wait(struct worker_job *job)
{
	struct workers *workers = job->workers;
	int r;

	if (!may_run(workers) || job != TAILQ_FIRST(&workers->waiting))
		return 0;
	r = start_now(job);
	return r == -EAGAIN ? 0 : r;
}

static int compose(struct worker_job *job, const struct worker_order *order)
{
	scoped(buffer_done) struct buffer payload = BUFFER_WITH_LIMIT(JOB_PAYLOAD_MAX);
	int r = 0;

	for (size_t i = 0; i < 2 && r == 0; i++) {
		scoped(secret_concealp) struct secret *open = order->secrets[i];

		if (open)
			r = buffer_add(&payload, secret_reveal(open),
				       secret_length(open));
	}
	if (r == 0)
		r = job_compose(&job->bytes, json_incref(order->job), payload.bytes,
				payload.used);
	return r;
}

int workers_start(struct workers *workers, const struct worker_order *order,
		  struct worker_job **job, struct error *error)
{
	json_auto_t *object = order->job;
	struct worker_job *new;

	if (workers->is_stopping)
		return error_set(error, ERROR_NO_AGENT, "the agent is stopping");
	if (workers->waiting_count >= WORKERS_QUEUE_MAX)
		return error_set(error, ERROR_LIMIT,
				 "too many calls wait for the broker, STS or keyring");
	new = object ? calloc(1, sizeof(*new)) : NULL;
	if (!new)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	new->workers = workers;
	new->program = order->program;
	new->ticket = ++workers->last_ticket;
	new->bytes = (struct buffer)BUFFER_WITH_LIMIT(JOB_MAX);
	new->fd = -1;
	new->done = order->done;
	new->data = order->data;
	ev_init(&new->reader, on_readable);
	new->reader.data = new;
	ev_timer_init(&new->deadline, on_deadline, (double)order->deadline_msec / 1000.0,
		      0);
	new->deadline.data = new;
	TAILQ_INSERT_TAIL(&workers->waiting, new, entry);
	workers->waiting_count++;
	if (compose(new, order) < 0 || start_or_wait(new) < 0) {
		job_free(new);
		return error_set(error, ERROR_INTERNAL, "no worker could be started");
	}
	ev_timer_start(workers->loop, &new->deadline);
	if (job)
		*job = new;
	return 0;
}

void workers_cancel(struct workers *workers, struct worker_job *job)
{
	if (!job)
		return;
	if (job->is_running)
		worker_orders_kill(&workers->orders, job->ticket);
	job_free(job);
	run_waiting(workers);
}

static void stop_first(struct worker_list *list)
{
	struct worker_job *job = TAILQ_FIRST(list);
	struct worker_result result = { .retry_seconds = 1 };

	error_set(&result.error, ERROR_NO_AGENT, "the agent is stopping");
	finish(job, &result);
}

void workers_stop(struct workers *workers)
{
	workers->is_stopping = true;
	worker_orders_stop(&workers->orders);
	while (!TAILQ_EMPTY(&workers->waiting))
		stop_first(&workers->waiting);
	while (!TAILQ_EMPTY(&workers->running))
		stop_first(&workers->running);
}
