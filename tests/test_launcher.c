/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "agent/launcher.h"
#include "tests/agent_fixture.h"

/* --- the real one ----------------------------------------------------------------- */

#define PLACES LAUNCHER_WORKERS_MAX

struct scene {
	char directory[64];
	struct launcher launcher;
	int streams[PLACES + 2]; /* the core's end of each; its ticket is the index */
};

static void scene_begin(struct scene *scene, const char *worker)
{
	struct error error = { ERROR_NONE };
	char path[96];

	snprintf(scene->directory, sizeof(scene->directory),
		 "/tmp/jit-test-launch.XXXXXX");
	assert_non_null(mkdtemp(scene->directory));
	snprintf(path, sizeof(path), "%s/jit-agent-fetch", scene->directory);
	assert_int_equal(file_write(path, 0700, worker, strlen(worker)), 0);
	if (launcher_fork(scene->directory, &scene->launcher, &error) < 0)
		fail_msg("%s", error.text);
	for (size_t i = 0; i < PLACES + 2; i++)
		scene->streams[i] = -1;
}

static void scene_end(struct scene *scene)
{
	close(scene->launcher.fd);
	assert_int_equal(waitpid(scene->launcher.pid, NULL, 0), scene->launcher.pid);
	for (size_t i = 0; i < PLACES + 2; i++)
		if (scene->streams[i] >= 0)
			close(scene->streams[i]);
	fixture_empty(scene->directory);
}

static void start(struct scene *scene, uint32_t ticket)
{
	const struct timeval patience = { .tv_sec = 60 };
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(launcher_run(&scene->launcher, ticket, LAUNCHER_FETCH, ends[1]),
			 0);
	close(ends[1]);
	scene->streams[ticket] = ends[0];
}

static bool answers(struct scene *scene, uint32_t ticket)
{
	char byte = 0;

	return send(scene->streams[ticket], "x", 1, MSG_NOSIGNAL) == 1 &&
	       recv(scene->streams[ticket], &byte, 1, 0) == 1 && byte == 'x';
}

/* With a worker in each place, which says again what it is told. */
static void scene_begin_full(struct scene *scene)
{
	scene_begin(scene, "#!/bin/sh\nexec /bin/cat\n");
	for (uint32_t i = 0; i < PLACES; i++)
		start(scene, i);
}

/* To the core a worker is gone before the launcher has a place for the next one. */
static void test_an_order_past_the_places_waits_for_one(void **state)
{
	struct scene scene;

	(void)state;
	scene_begin_full(&scene);
	for (uint32_t i = 0; i < PLACES; i++)
		assert_true(answers(&scene, i));
	start(&scene, PLACES);
	start(&scene, PLACES + 1);
	assert_int_equal(shutdown(scene.streams[3], SHUT_RDWR), 0);
	assert_true(answers(&scene, PLACES));
	assert_int_equal(shutdown(scene.streams[5], SHUT_RDWR), 0);
	assert_true(answers(&scene, PLACES + 1));
	assert_true(answers(&scene, 0));
	scene_end(&scene);
}

/* As a poll of the broker that is called off and begun anew, again and again. */
static void test_a_killed_workers_place_is_there_for_the_next(void **state)
{
	struct scene scene;

	(void)state;
	scene_begin_full(&scene);
	assert_true(answers(&scene, PLACES - 1));
	for (int i = 0; i < 50; i++) {
		assert_int_equal(launcher_kill(&scene.launcher, 0), 0);
		close(scene.streams[0]);
		start(&scene, 0);
		assert_true(answers(&scene, 0));
	}
	scene_end(&scene);
}

/* Of which there may be no place without that kill. */
static void test_a_kill_is_obeyed_while_orders_wait(void **state)
{
	struct scene scene;
	char byte;

	(void)state;
	scene_begin_full(&scene);
	for (uint32_t i = 0; i < PLACES; i++)
		assert_true(answers(&scene, i));
	start(&scene, PLACES);
	start(&scene, PLACES + 1);
	/* One that waits is forgotten, */
	assert_int_equal(launcher_kill(&scene.launcher, PLACES), 0);
	assert_int_equal(recv(scene.streams[PLACES], &byte, 1, 0), 0);
	/* and another's death is the place of the next. */
	assert_int_equal(launcher_kill(&scene.launcher, 7), 0);
	assert_true(answers(&scene, PLACES + 1));
	scene_end(&scene);
}

static void test_the_launcher_leaves_with_the_core_though_an_order_waits(void **state)
{
	struct scene scene;

	(void)state;
	scene_begin_full(&scene);
	assert_true(answers(&scene, PLACES - 1));
	start(&scene, PLACES);
	scene_end(&scene); /* waits for it */
}

/* --- the core's side, with a launcher whose socket is full ------------------------ */

static void count(void *data, const struct worker_result *result)
{
	(void)result;
	(*(int *)data)++;
}

static void count_answer(void *data, const struct worker_result *result)
{
	if (result->error.kind == ERROR_NONE)
		(*(int *)data)++;
}

static struct worker_job *begin_and(worker_done *done, int *calls)
{
	struct worker_job *job = NULL;
	struct error error = { ERROR_NONE };
	const struct worker_order order = { .program = LAUNCHER_FETCH,
					    .job = json_pack("{s:s}", "job", "test"),
					    .deadline_msec = 30000,
					    .done = done,
					    .data = calls };

	if (workers_start(&the_fixture->agent.workers, &order, &job, &error) < 0)
		fail_msg("%s", error.text);
	return job;
}

static struct worker_job *begin(int *calls)
{
	return begin_and(count, calls);
}

/* Time enough for it to be tried again, or not. */
static void wait_a_moment(void)
{
	struct ev_loop *loop = the_fixture->agent.loop;

	assert_true(ev_is_active(&the_fixture->agent.workers.orders.busy));
	ev_feed_event(loop, &the_fixture->agent.workers.orders.busy, EV_TIMER);
	fixture_turn(the_fixture);
}

static void test_a_job_waits_for_a_busy_launcher_and_is_whole(void **state)
{
	struct workers *workers = &the_fixture->agent.workers;
	int calls = 0;

	(void)state;
	the_fixture->is_busy = true;
	begin(&calls);
	begin(&calls);
	wait_a_moment();
	assert_int_equal(the_fixture->job_count, 0);
	assert_int_equal(workers->waiting_count, 2);
	the_fixture->is_busy = false;
	wait_a_moment();
	assert_int_equal(the_fixture->job_count, 2);
	assert_int_equal(workers->running_count, 2);
	assert_true(the_fixture->jobs[0].ticket < the_fixture->jobs[1].ticket);
	assert_non_null(fixture_find(the_fixture, "test"));
	assert_int_equal(calls, 0);
	workers_stop(workers);
	assert_int_equal(calls, 2);
}

static void test_a_kill_is_never_lost_and_goes_before_the_next_job(void **state)
{
	struct workers *workers = &the_fixture->agent.workers;
	struct worker_job *jobs[LAUNCHER_WORKERS_MAX];
	int calls = 0;

	(void)state;
	for (size_t i = 0; i < LAUNCHER_WORKERS_MAX; i++)
		jobs[i] = begin(&calls);
	the_fixture->is_busy = true;
	for (size_t i = 0; i < LAUNCHER_WORKERS_MAX; i++)
		workers_cancel(workers, jobs[i]);
	begin(&calls);
	wait_a_moment();
	the_fixture->is_busy = false;
	begin(&calls); /* no later job overtakes what waits */
	assert_int_equal(the_fixture->job_count, LAUNCHER_WORKERS_MAX);
	wait_a_moment();
	for (size_t i = 0; i < LAUNCHER_WORKERS_MAX; i++)
		assert_int_equal(the_fixture->jobs[i].fd, -1);
	assert_int_equal(the_fixture->job_count, LAUNCHER_WORKERS_MAX + 2);
	assert_int_equal(workers->running_count, 2);
	assert_int_equal(calls, 0); /* what was cancelled hears nothing */
	workers_stop(workers);
	assert_int_equal(calls, 2);
}

/* --- both ------------------------------------------------------------------------- */

/* A worker that has answered, closes its stream and stays, as one that hangs at its end.
 */
static const char lingerer[] = "#!/bin/sh\n"
			       "head -c 1 >/dev/null\n" /* it has its job */
			       "printf '{\"payload\":2}\\0ok'\n"
			       "exec <&- >&- sleep 600\n";

static void test_workers_that_answered_and_stay_take_no_places(void **state)
{
	struct ev_loop *loop = the_fixture->agent.loop;
	struct workers *workers = &the_fixture->agent.workers;
	struct scene scene;
	int calls = 0;

	(void)state;
	scene_begin(&scene, lingerer);
	workers_init(workers, loop, worker_source_launcher(&scene.launcher));
	for (int i = 0; i < 3 * PLACES; i++)
		begin_and(count_answer, &calls);
	while (workers->running_count > 0)
		ev_run(loop, EVRUN_ONCE);
	assert_int_equal(calls, 3 * PLACES);
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_order_past_the_places_waits_for_one),
		cmocka_unit_test(test_a_killed_workers_place_is_there_for_the_next),
		cmocka_unit_test(test_a_kill_is_obeyed_while_orders_wait),
		cmocka_unit_test(
		    test_the_launcher_leaves_with_the_core_though_an_order_waits),
		TEST(test_a_job_waits_for_a_busy_launcher_and_is_whole),
		TEST(test_a_kill_is_never_lost_and_goes_before_the_next_job),
		TEST(test_workers_that_answered_and_stay_take_no_places),
	};

	return cmocka_run_group_tests_name("launcher", tests, NULL, NULL);
}
