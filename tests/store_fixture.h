/* SPDX-License-Identifier: MIT */
#ifndef TESTS_STORE_FIXTURE_H
#define TESTS_STORE_FIXTURE_H

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "broker/store.h"

/* A store in a directory of its own, and a request to put into it. */
#define NOW 1795000000

struct place {
	char directory[32];
	char path[64];
	struct store *store;
};

static inline int setup(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	struct error error;

	snprintf(place->directory, sizeof(place->directory), "/tmp/test-XXXXXX");
	assert_non_null(mkdtemp(place->directory));
	snprintf(place->path, sizeof(place->path), "%s/broker.db", place->directory);
	assert_int_equal(store_open(place->path, &place->store, &error), 0);
	*state = place;
	return 0;
}

static inline int teardown(void **state)
{
	struct place *place = *state;
	static const char *const endings[] = { "", "-wal", "-shm" };
	char path[80];

	store_free(place->store);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s%s", place->path, endings[i]);
		unlink(path);
	}
	rmdir(place->directory);
	free(place);
	return 0;
}

static inline struct request *make_request(const char *user, const char *key)
{
	struct request *request = calloc(1, sizeof(*request));

	id_make('r', request->id);
	request->user = strdup(user);
	request->profile = strdup("orders");
	request->parameters = json_pack("{s:s}", "tenant", "acme");
	request->reason = strdup("because");
	request->duration_seconds = 600;
	snprintf(request->key, sizeof(request->key), "%s", key);
	request->access = json_pack("[s]", "read orders");
	request->requested_at = NOW;
	request->expires_at = NOW + 60;
	return request;
}

static inline int add(struct transaction *transaction, void *data, struct error *error)
{
	return store_request_add(transaction, data, error);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

#endif
