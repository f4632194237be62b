/* SPDX-License-Identifier: MIT */
/*
 * Any one allocation of SQLite's fails while something is read: that is an error, and
 * never half of what is there.
 */
#include "tests/store_fixture.h"

#include "broker/store-ends.h"
#include "broker/store-provisions.h"

#define ARN "arn:aws:iam::123456789012:role/a"

static sqlite3_mem_methods own;
static int until_failure = -1; /* allocations that go well; negative: all */

static bool is_to_fail(void)
{
	return until_failure >= 0 && until_failure-- == 0;
}

static void *allocate(int size)
{
	return is_to_fail() ? NULL : own.xMalloc(size);
}

static void *reallocate(void *block, int size)
{
	return is_to_fail() ? NULL : own.xRealloc(block, size);
}

static struct request *request;

static const struct ends_role role = {
	.arn = ARN,
	.account_id = "123456789012",
	.region = "eu-west-1",
	.manager = "arn:aws:iam::123456789012:role/manager",
};
static const unsigned char hash[CODE_HASH_SIZE] = "hash";

static int write_all(struct transaction *transaction, void *data, struct error *error)
{
	struct device device = { .keyid = "key", .public_key = "public", .user = "ann" };
	struct code code = { .user = "bob", .expires_at = NOW + 600 };
	struct provision_row row = { .role = "jit-role",
				     .boundary = "arn:aws:iam::aws:policy/boundary" };
	int r;

	(void)data;
	memcpy(code.hash, hash, sizeof(hash));
	memcpy(row.request, request->id, sizeof(row.request));
	snprintf(row.place.account_id, sizeof(row.place.account_id), "123456789012");
	snprintf(row.place.region, sizeof(row.place.region), "eu-west-1");
	snprintf(row.place.manager, sizeof(row.place.manager), "%s", role.manager);
	snprintf(row.place.path, sizeof(row.place.path), "/jit/");
	r = store_request_add(transaction, request, error);
	if (r == 0)
		r = store_device_add(transaction, &device, error);
	if (r == 0)
		r = store_code_add(transaction, &code, error);
	if (r == 0)
		r = store_ends_want(transaction, &role, request->id, NOW + 60, NOW + 300,
				    NOW, error);
	if (r == 0)
		r = store_provision_add(transaction, &row, "{\"policy\":1}", error);
	return r < 0 ? r : store_provision_path_add(transaction, &row.place, NOW, error);
}

static int read_request(struct transaction *transaction, void *data, struct error *error)
{
	scoped(request_freep) struct request *found = NULL;
	int r = store_request(transaction, request->id, &found, error);

	(void)data;
	if (r == 1) {
		assert_string_equal(found->user, request->user);
		assert_string_equal(found->reason, request->reason);
		assert_string_equal(found->id, request->id);
		assert_string_equal(found->key, request->key);
	}
	return r;
}

static int read_device(struct transaction *transaction, void *data, struct error *error)
{
	struct device device;
	int r = store_device(transaction, "key", &device, error);

	(void)data;
	if (r == 1)
		assert_string_equal(device.user, "ann");
	return r;
}

static int read_code(struct transaction *transaction, void *data, struct error *error)
{
	struct code code;
	int r = store_code(transaction, hash, &code, error);

	(void)data;
	if (r == 1)
		assert_string_equal(code.user, "bob");
	return r;
}

static int read_end(struct transaction *transaction, void *data, struct error *error)
{
	struct ends_role found;
	struct end end;
	int r = store_ends_find(transaction, request->id, &end, &found, error);

	(void)data;
	if (r == 1) {
		assert_string_equal(end.request, request->id);
		assert_string_equal(found.arn, role.arn);
		assert_string_equal(found.manager, role.manager);
	}
	return r;
}

static int read_role(struct transaction *transaction, void *data, struct error *error)
{
	struct ends_role found;
	int r = store_ends_role(transaction, ARN, &found, error);

	(void)data;
	if (r == 1) {
		assert_string_equal(found.region, role.region);
		assert_string_equal(found.manager, role.manager);
	}
	return r;
}

static int compare_end(void *data, const struct end *end)
{
	(void)data;
	assert_string_equal(end->request, request->id);
	return 1;
}

static int read_ends(struct transaction *transaction, void *data, struct error *error)
{
	(void)data;
	return store_ends_of_role(transaction, ARN, compare_end, NULL, error);
}

static int compare_account(void *data, const char *account_id)
{
	(void)data;
	assert_non_null(account_id);
	assert_string_equal(account_id, "123456789012");
	return 1;
}

static int read_accounts(struct transaction *transaction, void *data, struct error *error)
{
	(void)data;
	return store_ends_accounts_due(transaction, NOW, compare_account, NULL, error);
}

static int read_provision(struct transaction *transaction, void *data,
			  struct error *error)
{
	struct provision_row row;
	int r = store_provision_find(transaction, request->id, &row, error);

	(void)data;
	if (r == 1) {
		assert_string_equal(row.role, "jit-role");
		assert_string_equal(row.boundary, "arn:aws:iam::aws:policy/boundary");
		assert_string_equal(row.place.manager, role.manager);
	}
	return r;
}

static int read_policy(struct transaction *transaction, void *data, struct error *error)
{
	scoped(freep) char *policy = NULL;
	int r = store_provision_policy(transaction, request->id, &policy, error);

	(void)data;
	if (r == 1)
		assert_string_equal(policy, "{\"policy\":1}");
	return r;
}

static int read_path(struct transaction *transaction, void *data, struct error *error)
{
	struct provision_place place;
	int64_t failures;
	int r = store_provision_path_due(transaction, "123456789012", NOW, &place,
					 &failures, error);

	(void)data;
	if (r == 1) {
		assert_string_equal(place.path, "/jit/");
		assert_string_equal(place.manager, role.manager);
	}
	return r;
}

/* Each reading may fail as often as it allocates, and in the end goes well. */
static void test_half_of_what_is_there_is_never_read(void **state)
{
	static store_work *const readings[] = {
		read_request, read_device,   read_code,      read_end,    read_role,
		read_ends,    read_accounts, read_provision, read_policy, read_path,
	};
	struct place *place = *state;

	request = make_request("ann", "k1");
	assert_int_equal(store_write(place->store, write_all, NULL, NULL), 0);
	for (size_t i = 0; i < sizeof(readings) / sizeof(readings[0]); i++) {
		int failures = 0, r = -1;

		while (r < 0) {
			struct error error = { .text = "" };

			until_failure = failures++;
			r = store_read(place->store, readings[i], NULL, &error);
			until_failure = -1;
			if (r < 0)
				assert_int_equal(error.kind, ERROR_INTERNAL);
		}
		assert_int_equal(r, 1);
		assert_true(failures > 1);
	}
	request_free(request);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_half_of_what_is_there_is_never_read),
	};
	sqlite3_mem_methods counting;

	sqlite3_config(SQLITE_CONFIG_GETMALLOC, &own);
	counting = own;
	counting.xMalloc = allocate;
	counting.xRealloc = reallocate;
	sqlite3_config(SQLITE_CONFIG_MALLOC, &counting);
	sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
	return cmocka_run_group_tests_name("store memory", tests, NULL, NULL);
}
