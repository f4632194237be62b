/* SPDX-License-Identifier: MIT */
/* Stores that a newer or an older program made. */
#include "tests/store_fixture.h"

#include "broker/store-ends.h"

static void test_a_store_of_a_newer_program_is_refused(void **state)
{
	struct place *place = *state;
	struct error error;
	sqlite3 *other;

	store_free(place->store);
	place->store = NULL;
	assert_int_equal(sqlite3_open(place->path, &other), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(other, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	assert_true(store_open(place->path, &place->store, &error) < 0);
	assert_non_null(strstr(error.text, "version 99"));
}

static int want_an_end(struct transaction *transaction, void *data, struct error *error)
{
	const struct ends_role role = { .arn = "arn:aws:iam::123456789012:role/a",
					.account_id = "123456789012",
					.region = "eu-west-1" };

	return store_ends_want(transaction, &role, data, NOW + 60, NOW + 300, NOW, error);
}

static int find_end(struct transaction *transaction, void *data, struct error *error)
{
	struct end end;
	struct ends_role role;
	int r = store_ends_find(transaction, data, &end, &role, error);

	assert_int_equal(r, 1);
	assert_int_equal(end.ends_at, NOW + 60);
	assert_int_equal(end.denied_from, ENDS_NOT_WRITTEN);
	assert_int_equal(role.due_at, NOW);
	assert_false(role.has_document);
	return store_ends_over(transaction, data, NOW + 1, error);
}

/* Takes away whatever came after the first version. */
static void make_it_old(const char *path)
{
	static const char later[] =
	    "SELECT 'DROP TABLE ' || name FROM sqlite_master WHERE type = 'table' AND "
	    "name "
	    "NOT IN ('devices', 'codes', 'guesses', 'nonces', 'requests', 'decisions', "
	    "'audit') AND name NOT LIKE 'sqlite_%' LIMIT 1";
	static const char old_nonces[] =
	    "DROP TABLE nonces;"
	    "CREATE TABLE nonces (keyid TEXT NOT NULL, nonce TEXT NOT NULL, forget_at "
	    "INTEGER NOT NULL, PRIMARY KEY (keyid, nonce)) STRICT, WITHOUT ROWID;"
	    "INSERT INTO nonces VALUES ('device', 'used', 1795000120)";
	sqlite3_stmt *row;
	sqlite3 *other;
	char drop[128];
	int r;

	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	do {
		assert_int_equal(sqlite3_prepare_v2(other, later, -1, &row, NULL),
				 SQLITE_OK);
		r = sqlite3_step(row);
		if (r == SQLITE_ROW)
			snprintf(drop, sizeof(drop), "%s",
				 (const char *)sqlite3_column_text(row, 0));
		sqlite3_finalize(row);
		if (r == SQLITE_ROW)
			assert_int_equal(sqlite3_exec(other, drop, NULL, NULL, NULL),
					 SQLITE_OK);
	} while (r == SQLITE_ROW);
	assert_int_equal(sqlite3_exec(other, old_nonces, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other,
				      "ALTER TABLE requests DROP COLUMN digest;"
				      "PRAGMA user_version = 1",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(other);
}

static int use_nonce(struct transaction *transaction, void *data, struct error *error)
{
	return store_nonce_use(transaction, "device", data, NOW + 120, error);
}

/* One that knew nothing of IAM: its requests are there, and can be given ends. */
static void test_a_store_of_an_older_program_is_brought_up_to_date(void **state)
{
	struct place *place = *state;
	struct request *request = make_request("ann", "k1");
	char id[ID_SIZE];

	memcpy(id, request->id, sizeof(id));
	assert_int_equal(store_write(place->store, add, request, NULL), 0);
	store_free(take(place->store));
	make_it_old(place->path);
	assert_int_equal(store_open(place->path, &place->store, NULL), 0);
	assert_int_equal(store_write(place->store, want_an_end, id, NULL), 0);
	assert_int_equal(store_write(place->store, find_end, id, NULL), 0);
	assert_int_equal(store_write(place->store, use_nonce, "used", NULL), 0);
	assert_int_equal(store_write(place->store, use_nonce, "new", NULL), 1);
	request_free(request);
}

/* What the next connection is to be overtaken in, just before it locks the store. */
static const char *overtaken;

static int overtake(unsigned int event, void *data, void *statement, void *text)
{
	sqlite3 *other;

	(void)event;
	(void)data;
	(void)statement;
	if (!overtaken || strcmp(text, "BEGIN IMMEDIATE") != 0)
		return 0;
	assert_int_equal(sqlite3_open(overtaken, &other), SQLITE_OK);
	overtaken = NULL;
	assert_int_equal(
	    sqlite3_exec(other, "PRAGMA user_version = 99", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	return 0;
}

static int watch(sqlite3 *database, char **message,
		 const struct sqlite3_api_routines *routines)
{
	(void)message;
	(void)routines;
	return sqlite3_trace_v2(database, SQLITE_TRACE_STMT, overtake, NULL);
}

/* Two programs open an old store at once, and the newer one is faster. */
static void test_a_store_that_became_newer_meanwhile_is_refused(void **state)
{
	struct place *place = *state;
	struct error error = { .text = "" };
	int r;

	store_free(take(place->store));
	make_it_old(place->path);
	overtaken = place->path;
	sqlite3_auto_extension((void (*)(void))watch);
	r = store_open(place->path, &place->store, &error);
	sqlite3_reset_auto_extension();
	assert_null(overtaken);
	assert_true(r < 0);
	assert_non_null(strstr(error.text, "version 99"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_store_of_a_newer_program_is_refused),
		TEST(test_a_store_of_an_older_program_is_brought_up_to_date),
		TEST(test_a_store_that_became_newer_meanwhile_is_refused),
	};

	return cmocka_run_group_tests_name("store versions", tests, NULL, NULL);
}
