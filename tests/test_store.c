/* SPDX-License-Identifier: MIT */
#include "tests/store_fixture.h"

#include <pthread.h>
#include <sys/stat.h>

#include "broker/audit.h"

#define WRITERS 8
#define EACH 50

struct finding_one {
	const char *id;
	struct request *found;
};

static int find(struct transaction *transaction, void *data, struct error *error)
{
	struct finding_one *finding = data;

	return store_request(transaction, finding->id, &finding->found, error);
}

static void test_a_request_comes_back_as_it_was(void **state)
{
	struct place *place = *state;
	struct request *request = make_request("ann", "k1");
	struct finding_one finding = { request->id, NULL };
	json_t *before, *after;
	struct error error;

	assert_int_equal(store_write(place->store, add, request, &error), 0);
	assert_int_equal(store_read(place->store, find, &finding, &error), 1);
	before = request_json(request, NULL, NULL, NOW);
	after = request_json(finding.found, NULL, NULL, NOW);
	assert_true(json_equal(before, after));
	assert_int_equal(finding.found->changed, 1);
	json_decref(before);
	json_decref(after);
	request_free(finding.found);
	request_free(request);
}

static int add_and_fail(struct transaction *transaction, void *data, struct error *error)
{
	assert_int_equal(store_request_add(transaction, data, error), 0);
	return error_set(error, ERROR_FORBIDDEN, "no");
}

static void count_change(void *data, const char *user, int64_t changed)
{
	(void)user;
	(void)changed;
	++*(int *)data;
}

static void test_work_that_fails_leaves_nothing_behind(void **state)
{
	struct place *place = *state;
	struct request *request = make_request("ann", "k1");
	struct finding_one finding = { request->id, NULL };
	struct error error;
	int changes = 0;

	store_listen(place->store, count_change, &changes);
	assert_true(store_write(place->store, add_and_fail, request, &error) < 0);
	assert_int_equal(error.kind, ERROR_FORBIDDEN);
	assert_int_equal(store_read(place->store, find, &finding, &error), 0);
	assert_int_equal(changes, 0);
	assert_int_equal(store_write(place->store, add, request, &error), 0);
	assert_int_equal(changes, 1);
	request_free(request);
}

struct writer {
	struct store *store;
	int number;
	int failures;
};

/* Every fifth one fails on purpose, in the midst of the others' commits. */
static void *write_many(void *data)
{
	struct writer *writer = data;

	for (int i = 0; i < EACH; i++) {
		struct request *request;
		struct error error;
		char key[REQUEST_KEY_SIZE];
		int r;

		snprintf(key, sizeof(key), "%d-%d", writer->number, i);
		request = make_request("ann", key);
		r = store_write(writer->store, i % 5 ? add : add_and_fail, request,
				&error);
		writer->failures += r < 0;
		request_free(request);
	}
	return NULL;
}

struct counting {
	int64_t last;
	int count;
	bool in_order;
};

static int count_one(void *data, const struct request *request)
{
	struct counting *counting = data;

	counting->in_order = counting->in_order && request->changed > counting->last;
	counting->last = request->changed;
	counting->count++;
	return 0;
}

static int count_all(struct transaction *transaction, void *data, struct error *error)
{
	return store_requests_since(transaction, "ann", 0, count_one, data, error);
}

static void test_writers_share_commits_and_not_failures(void **state)
{
	struct place *place = *state;
	struct writer writers[WRITERS];
	pthread_t threads[WRITERS];
	struct counting counting = { .in_order = true };
	struct error error;

	for (int i = 0; i < WRITERS; i++) {
		writers[i] = (struct writer){ place->store, i, 0 };
		assert_int_equal(
		    pthread_create(&threads[i], NULL, write_many, &writers[i]), 0);
	}
	for (int i = 0; i < WRITERS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(writers[i].failures, EACH / 5);
	}
	assert_int_equal(store_read(place->store, count_all, &counting, &error), 0);
	assert_int_equal(counting.count, WRITERS * EACH * 4 / 5);
	assert_true(counting.in_order);
}

static int use_nonce(struct transaction *transaction, void *data, struct error *error)
{
	return store_nonce_use(transaction, "device", data, NOW + 120, error);
}

static int forget(struct transaction *transaction, void *data, struct error *error)
{
	return store_forget(transaction, *(int64_t *)data, error);
}

static void test_a_nonce_counts_once_also_after_a_restart(void **state)
{
	struct place *place = *state;
	struct error error;
	int64_t later = NOW + 121;

	assert_int_equal(store_write(place->store, use_nonce, "n", &error), 1);
	assert_int_equal(store_write(place->store, use_nonce, "n", &error), 0);
	store_free(place->store);
	assert_int_equal(store_open(place->path, &place->store, &error), 0);
	assert_int_equal(store_write(place->store, use_nonce, "n", &error), 0);
	assert_int_equal(store_write(place->store, forget, &later, &error), 0);
	assert_int_equal(store_write(place->store, use_nonce, "n", &error), 1);
}

static int note(struct transaction *transaction, void *data, struct error *error)
{
	struct audit_origin origin = { .user = "ann" };

	(void)data;
	return audit_note(transaction, &origin, NOW, AUDIT_ASKED, NULL, error, "x");
}

static void test_the_audit_is_never_changed(void **state)
{
	struct place *place = *state;
	struct error error;
	sqlite3 *other;

	assert_int_equal(store_write(place->store, note, NULL, &error), 0);
	assert_int_equal(sqlite3_open(place->path, &other), SQLITE_OK);
	assert_int_not_equal(
	    sqlite3_exec(other, "UPDATE audit SET text = 'y'", NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_not_equal(sqlite3_exec(other, "DELETE FROM audit", NULL, NULL, NULL),
			     SQLITE_OK);
	sqlite3_close(other);
}

static void test_the_store_is_for_us_alone(void **state)
{
	struct place *place = *state;
	struct stat about;

	assert_int_equal(stat(place->path, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
}

static int fill_up(struct transaction *transaction, void *data, struct error *error)
{
	struct audit_origin origin = { .evidence = data };
	int r = 0;

	for (int i = 0; r == 0 && i < 100; i++)
		r = audit_note(transaction, &origin, NOW, AUDIT_ASKED, NULL, error, "x");
	return r;
}

/* A limit on pages fails as a full disk does: SQLITE_FULL, and all is undone. */
static void test_a_full_store_says_so_and_goes_on_reading(void **state)
{
	static char page[60000];
	struct place *place = *state;
	struct request *request = make_request("ann", "k1");
	struct finding_one finding = { request->id, NULL };
	struct error error;

	memset(page, 'x', sizeof(page) - 1);
	assert_int_equal(store_write(place->store, add, request, &error), 0);
	store_limit_pages(place->store, 200);
	assert_true(store_write(place->store, fill_up, page, &error) < 0);
	assert_int_equal(error.kind, ERROR_INTERNAL);
	assert_non_null(strstr(error.text, "full"));
	assert_int_equal(store_read(place->store, find, &finding, &error), 1);
	request_free(finding.found);
	request_free(request);
	store_limit_pages(place->store, 1 << 20);
	assert_int_equal(store_write(place->store, note, NULL, &error), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_request_comes_back_as_it_was),
		TEST(test_work_that_fails_leaves_nothing_behind),
		TEST(test_writers_share_commits_and_not_failures),
		TEST(test_a_nonce_counts_once_also_after_a_restart),
		TEST(test_the_audit_is_never_changed),
		TEST(test_the_store_is_for_us_alone),
		TEST(test_a_full_store_says_so_and_goes_on_reading),
	};

	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
