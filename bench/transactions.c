/* SPDX-License-Identifier: MIT */
/*
 * transactions FILE CLIENTS FLOWS
 *
 * The yardstick for the broker: what one flow (ask, approve, grant) costs the
 * disk at the least.  Three transactions a flow, SQLite in WAL mode with
 * synchronous=FULL, a row changed and an audit row written in each, CLIENTS
 * threads with a connection of their own.  Prints flows a second.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/clients.h"

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

static int run(void)
{
	sqlite3 *database = NULL;
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
	if (r != 0)
		fprintf(stderr, "transactions: %s\n", sqlite3_errmsg(database));
	sqlite3_close(database);
	return r;
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
	return r == 0 ? clients_measure(strtoul(argv[2], NULL, 10), flows, run) : 1;
}
