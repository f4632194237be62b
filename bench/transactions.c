/* SPDX-License-Identifier: MIT */
/*
 * transactions FILE CLIENTS FLOWS
 *
 * The yardstick for the broker: what one flow (ask, approve, grant) costs the
 * disk at the least.  Three transactions a flow, SQLite in WAL mode with
 * synchronous=FULL, a row changed and an audit row written in each, CLIENTS
 * threads with a connection of their own.  Prints flows a second.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bench/stats.h"

static const char *path;
static size_t flows;

static const char *const steps[] = {
	"INSERT INTO request (state) VALUES ('pending')",
	"UPDATE request SET state = 'approved' WHERE id = (SELECT max(id) FROM request)",
	"UPDATE request SET state = 'granted' WHERE id = (SELECT max(id) FROM request)",
};
static const char audit[] = "INSERT INTO audit (text) VALUES "
			    "('what happened, in as many words as a real row has')";

static int execute(sqlite3 *database, const char *sql)
{
	return sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

static int open_database(sqlite3 **database)
{
	if (sqlite3_open(path, database) != SQLITE_OK)
		return -1;
	sqlite3_busy_timeout(*database, 30000);
	return execute(*database, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
				  "CREATE TABLE IF NOT EXISTS request"
				  "(id INTEGER PRIMARY KEY, state TEXT);"
				  "CREATE TABLE IF NOT EXISTS audit"
				  "(id INTEGER PRIMARY KEY, text TEXT)");
}

static void *run(void *data)
{
	sqlite3 *database = NULL;
	int *result = data;
	int r = open_database(&database);

	for (size_t i = 0; r == 0 && i < flows * 3; i++) {
		r = execute(database, "BEGIN IMMEDIATE");
		if (r == 0)
			r = execute(database, steps[i % 3]);
		if (r == 0)
			r = execute(database, audit);
		if (r == 0)
			r = execute(database, "COMMIT");
	}
	sqlite3_close(database);
	*result = r;
	return NULL;
}

static int measure(size_t clients)
{
	scoped(freep) pthread_t *threads = calloc(clients, sizeof(*threads));
	scoped(freep) int *results = calloc(clients, sizeof(*results));
	int64_t start = stats_now();
	int r = 0;

	if (!threads || !results)
		return 1;
	for (size_t i = 0; i < clients; i++)
		if (pthread_create(&threads[i], NULL, run, &results[i]) != 0)
			return 1;
	for (size_t i = 0; i < clients; i++) {
		pthread_join(threads[i], NULL);
		r |= results[i];
	}
	if (r != 0) {
		fputs("transactions: SQLite failed\n", stderr);
		return 1;
	}
	printf("%.0f\n", (double)(clients * flows) * 1e9 / (double)(stats_now() - start));
	return 0;
}

int main(int argc, char **argv)
{
	sqlite3 *database = NULL;
	int r;

	if (argc != 4) {
		fputs("usage: transactions FILE CLIENTS FLOWS\n", stderr);
		return 2;
	}
	path = argv[1];
	flows = strtoul(argv[3], NULL, 10);
	r = open_database(&database);
	sqlite3_close(database);
	return r == 0 ? measure(strtoul(argv[2], NULL, 10)) : 1;
}
