/* SPDX-License-Identifier: MIT */
#ifndef BROKER_STORE_SQLITE_WRITER_H
#define BROKER_STORE_SQLITE_WRITER_H

#include "broker/store-sqlite.h"

/*
 * The one connection that writes.  Whoever comes while it is idle is served at once;
 * what comes while it waits for the disk is one commit together, each with a
 * savepoint of its own, so that nobody pays for another's failure.
 */
struct writer;

/* Opens the database and brings its tables up to date.  0 or error_set(). */
int writer_open(const char *path, struct writer **writer, struct error *error);
void writer_free(struct writer *writer); /* takes NULL */

/* As store_write(), store_listen() and store_limit_pages() say. */
int writer_run(struct writer *writer, store_work *work, void *data, struct error *error);
void writer_listen(struct writer *writer, store_listener *listener, void *data);
void writer_limit_pages(struct writer *writer, int pages);

#endif
