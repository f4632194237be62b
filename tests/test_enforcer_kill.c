/* SPDX-License-Identifier: MIT */
/* kill -9 in any call to IAM: after the next start store and IAM say the same. */
#include "tests/ends_scene.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include "aws/http.h"

/* What a process that is killed leaves behind, beside the store. */
struct left {
	pid_t pid;
	int64_t now_seconds;
};

static struct left *left;

static int teardown(void **state)
{
	/* A child whose assertion failed must not go on with the next test. */
	if (left && left->pid == getpid())
		_exit(3);
	return scene_teardown(state);
}

static void pass_for_all(struct scene *scene, int64_t seconds)
{
	scene->fixture->now_seconds += seconds;
	left->now_seconds = scene->fixture->now_seconds;
}

/* A life with all the calls that there are; in a process of its own. */
static void live(struct scene *scene)
{
	char first[ID_SIZE], second[ID_SIZE];

	begin_session(scene, first);
	pass_for_all(scene, 5);
	begin_session(scene, second);
	pass_for_all(scene, 5);
	assert_int_equal(fixture_post(scene->fixture, &scene->ann, first, "end", "{}"),
			 200);
	scene_work(scene);
	pass_for_all(scene, 300 + 3600 + ENDS_MARGIN_SECONDS + ENDS_FORGET_TOGETHER + 1);
	scene_work(scene);
	begin_session(scene, first);
}

/* Whether it was killed. */
static bool live_and_die(struct scene *scene)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		left->pid = getpid();
		scene_open(scene);
		live(scene);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return true;
	assert_int_equal(status, 0);
	return false;
}

struct agreement {
	struct scene *scene;
	size_t rows;
	struct error *error;
	struct transaction *transaction;
};

static int check_row(void *data, const struct end *end)
{
	struct agreement *agreement = data;

	agreement->rows++;
	assert_true(end->denied_from >= 0);
	assert_true(end->ends_at > agreement->scene->fixture->now_seconds ||
		    end->denied_from <= end->ends_at);
	assert_true(fake_iam_says(agreement->scene->fake, ROLE, end->request));
	return 0;
}

/* What was granted and may still be alive has a row. */
static int check_granted(void *data, const struct audit_entry *entry)
{
	const struct agreement *agreement = data;
	struct end end;

	if (strcmp(entry->event, "granted") == 0 &&
	    entry->at_seconds + 300 + 3600 > agreement->scene->fixture->now_seconds)
		assert_int_equal(store_ends_find(agreement->transaction, entry->request,
						 &end, NULL, NULL),
				 1);
	return 0;
}

static int check_all(struct transaction *transaction, void *data, struct error *error)
{
	struct agreement *agreement = data;
	struct ends_role role = { .is_unknown = false };

	agreement->transaction = transaction;
	agreement->error = error;
	assert_true(store_ends_role(transaction, ROLE_ARN, &role, error) >= 0);
	assert_false(role.is_unknown);
	assert_int_equal(
	    store_ends_of_role(transaction, ROLE_ARN, check_row, agreement, error), 0);
	return store_audit_since(transaction, 0, check_granted, agreement, error);
}

static size_t count_requests(struct fake_iam *fake)
{
	const char *at = fake_role_of(fake, ROLE)->document;
	size_t count = 0;

	while ((at = strstr(at, "\"r-"))) {
		count++;
		at++;
	}
	return count;
}

/* After the next start store and IAM say the same, and nobody was let off. */
static void check_agreement(struct scene *scene)
{
	struct agreement agreement = { .scene = scene };
	struct error error;

	assert_int_equal(
	    store_read(scene->fixture->broker.store, check_all, &agreement, &error), 0);
	assert_int_equal(count_requests(scene->fake), agreement.rows);
}

static void test_a_kill_in_any_call_leaves_nobody_with_too_much(void **state)
{
	struct scene *scene = *state;
	bool was_killed = true;
	int at;

	left = mmap(NULL, sizeof(*left), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(left != MAP_FAILED);
	scene->fake->kill_pid = &left->pid;
	for (at = 0; was_killed; at++) {
		left->now_seconds = scene->fixture->now_seconds;
		scene_close(scene);
		scene->fake->calls = 0;
		scene->fake->kill_at = at / 2 + 1;
		scene->fake->kills_after = at % 2;
		was_killed = live_and_die(scene);
		scene->fake->kill_at = 0;
		scene->fixture->now_seconds = left->now_seconds;
		scene_open(scene);
		scene_work(scene);
		check_agreement(scene);
		/* Out of the way of the next life. */
		scene_pass(scene, 20000);
		scene_work(scene);
		check_agreement(scene);
	}
	munmap(left, sizeof(*left));
	left = NULL;
	assert_in_range(at, 12, 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, teardown)
		TEST(test_a_kill_in_any_call_leaves_nobody_with_too_much),
	};

	if (sodium_init() < 0 || http_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("enforcer kill", tests, NULL, NULL);
}
