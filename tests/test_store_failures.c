/* SPDX-License-Identifier: MIT */
/* What SQLite itself may do to a transaction, and that nothing of it is left behind. */
#include "tests/store_fixture.h"

#include "broker/audit.h"
#include "broker/store-sqlite.h"

#define PAGES_FEW 200
#define PAGES_MANY (1 << 20)

static int note(struct transaction *transaction, void *data, struct error *error)
{
	struct audit_origin origin = { .evidence = data };

	return audit_note(transaction, &origin, NOW, AUDIT_ASKED, NULL, error, "x");
}

static int count_row(void *data, const struct audit_entry *entry)
{
	(void)entry;
	++*(int *)data;
	return 0;
}

static int count(struct transaction *transaction, void *data, struct error *error)
{
	return store_audit_since(transaction, 0, count_row, data, error);
}

static int count_audit(struct store *store)
{
	int rows = 0;

	assert_int_equal(store_read(store, count, &rows, NULL), 0);
	return rows;
}

/* Fills the store up, goes on as if nothing had happened, and says that all went well. */
static int go_on_after_a_full_disk(struct transaction *transaction, void *data,
				   struct error *error)
{
	int r = 0;

	for (int i = 0; r == 0 && i < 100; i++)
		r = note(transaction, data, error);
	assert_true(r < 0);
	assert_true(note(transaction, NULL, error) < 0);
	return 0;
}

static void test_what_goes_on_after_a_full_disk_writes_nothing(void **state)
{
	static char page[60000];
	struct place *place = *state;
	struct error error;

	memset(page, 'x', sizeof(page) - 1);
	store_limit_pages(place->store, PAGES_FEW);
	assert_true(store_write(place->store, go_on_after_a_full_disk, page, &error) < 0);
	assert_non_null(strstr(error.text, "full"));
	store_limit_pages(place->store, PAGES_MANY);
	assert_int_equal(count_audit(place->store), 0);
	assert_int_equal(store_write(place->store, note, NULL, NULL), 0);
	assert_int_equal(count_audit(place->store), 1);
}

/* From now on SQLite gets no memory. */
static int run_out_of_memory(struct transaction *transaction, void *data,
			     struct error *error)
{
	(void)transaction;
	(void)data;
	(void)error;
	sqlite3_hard_heap_limit64(1);
	return 0;
}

/* The first end of a reader needs memory. */
static void test_a_reader_that_could_not_be_closed_is_used_again(void **state)
{
	struct place *place = *state;

	assert_int_equal(store_read(place->store, run_out_of_memory, NULL, NULL), 0);
	sqlite3_hard_heap_limit64(0);
	assert_int_equal(count_audit(place->store), 0);
}

static int note_and_run_out_of_memory(struct transaction *transaction, void *data,
				      struct error *error)
{
	int r = note(transaction, data, error);

	return r < 0 ? r : run_out_of_memory(transaction, data, error);
}

static void test_a_commit_without_memory_fails_and_the_next_one_does_not(void **state)
{
	struct place *place = *state;
	struct error error;

	assert_true(store_write(place->store, note_and_run_out_of_memory, NULL, &error) <
		    0);
	assert_int_equal(error.kind, ERROR_INTERNAL);
	sqlite3_hard_heap_limit64(0);
	assert_int_equal(store_write(place->store, note, NULL, NULL), 0);
	assert_int_equal(count_audit(place->store), 1);
}

static int update(struct transaction *transaction, void *data, struct error *error)
{
	return store_request_update(transaction, data, error);
}

static void test_what_was_never_added_is_not_updated(void **state)
{
	struct place *place = *state;
	struct request *request = make_request("ann", "k1");

	assert_true(store_write(place->store, update, request, NULL) < 0);
	request_free(request);
}

static int use_a_code_twice(struct transaction *transaction, void *data,
			    struct error *error)
{
	struct code code = { .hash = "x", .user = "ann", .expires_at = NOW + 600 };

	(void)data;
	assert_int_equal(store_code_add(transaction, &code, error), 0);
	assert_int_equal(store_code_use(transaction, code.hash, NOW, error), 0);
	return store_code_use(transaction, code.hash, NOW + 1, error);
}

static void test_a_code_is_used_once(void **state)
{
	struct place *place = *state;

	assert_true(store_write(place->store, use_a_code_twice, NULL, NULL) < 0);
}

/* As on a network file system: SQLite's locks by files have no memory to share. */
static void test_a_file_system_without_a_log_is_refused(void **state)
{
	struct place *place = *state;
	sqlite3_vfs *usual = sqlite3_vfs_find(NULL);
	struct error error = { .text = "" };
	char path[80];
	int r;

	store_free(take(place->store));
	unlink(place->path);
	sqlite3_vfs_register(sqlite3_vfs_find("unix-dotfile"), 1);
	r = store_open(place->path, &place->store, &error);
	sqlite3_vfs_register(usual, 1);
	snprintf(path, sizeof(path), "%s.lock", place->path);
	rmdir(path);
	assert_true(r < 0);
	assert_non_null(strstr(error.text, "write-ahead log"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_goes_on_after_a_full_disk_writes_nothing),
		TEST(test_a_reader_that_could_not_be_closed_is_used_again),
		TEST(test_a_commit_without_memory_fails_and_the_next_one_does_not),
		TEST(test_what_was_never_added_is_not_updated),
		TEST(test_a_code_is_used_once),
		TEST(test_a_file_system_without_a_log_is_refused),
	};

	return cmocka_run_group_tests_name("store failures", tests, NULL, NULL);
}
