/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "broker/store-sqlite-writer.h"

#define READERS 4

struct store {
	struct writer *writer;
	pthread_mutex_t lock;
	pthread_cond_t reader_is_free;
	struct transaction readers[READERS];
	bool reader_is_used[READERS];
};

/* SQLite would make it as the umask says. */
static int make_private_file(const char *path, struct error *error)
{
	scoped(closep) int fd = open(
	    path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 && errno != EEXIST)
		return error_set(error, ERROR_INTERNAL, "cannot make %s: %s", path,
				 strerror(errno));
	return 0;
}

int store_open(const char *path, struct store **store, struct error *error)
{
	scoped(store_freep) struct store *new = calloc(1, sizeof(*new));
	int r;

	if (!new)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	pthread_mutex_init(&new->lock, NULL);
	pthread_cond_init(&new->reader_is_free, NULL);
	r = make_private_file(path, error);
	if (r == 0)
		r = writer_open(path, &new->writer, error);
	for (size_t i = 0; r == 0 && i < READERS; i++)
		r = transaction_open(&new->readers[i], path, error);
	if (r < 0)
		return r;
	*store = take(new);
	return 0;
}

void store_free(struct store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < READERS; i++)
		transaction_close(&store->readers[i]);
	writer_free(store->writer);
	pthread_cond_destroy(&store->reader_is_free);
	pthread_mutex_destroy(&store->lock);
	free(store);
}

static size_t take_reader(struct store *store)
{
	size_t i = READERS;

	pthread_mutex_lock(&store->lock);
	while (i == READERS) {
		for (i = 0; i < READERS && store->reader_is_used[i];)
			i++;
		if (i == READERS)
			pthread_cond_wait(&store->reader_is_free, &store->lock);
	}
	store->reader_is_used[i] = true;
	pthread_mutex_unlock(&store->lock);
	return i;
}

static void give_back_reader(struct store *store, size_t i)
{
	pthread_mutex_lock(&store->lock);
	store->reader_is_used[i] = false;
	pthread_cond_signal(&store->reader_is_free);
	pthread_mutex_unlock(&store->lock);
}

int store_read(struct store *store, store_work *work, void *data, struct error *error)
{
	size_t i = take_reader(store);
	struct transaction *reader = &store->readers[i];
	int r = transaction_begin(reader, STATEMENT_BEGIN_READ, error);

	if (r == 0) {
		r = work(reader, data, error);
		statement_run(reader, STATEMENT_ROLLBACK, NULL, "");
	}
	give_back_reader(store, i);
	return r;
}

int store_write(struct store *store, store_work *work, void *data, struct error *error)
{
	return writer_run(store->writer, work, data, error);
}

void store_listen(struct store *store, store_listener *listener, void *data)
{
	writer_listen(store->writer, listener, data);
}

void store_limit_pages(struct store *store, int pages)
{
	writer_limit_pages(store->writer, pages);
}
