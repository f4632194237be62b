/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "broker/store-sqlite.h"

#define READERS 4

/* Work that waits for the writer; it lives on its caller's stack. */
struct job {
	store_work *work;
	void *data;
	struct error *error;
	int result;
	bool is_done;
	struct job *next;
};

struct store {
	pthread_mutex_t lock;
	pthread_cond_t job_is_done;
	pthread_cond_t reader_is_free;
	struct job *first, **last; /* waiting for the next commit */
	bool has_leader;           /* somebody is using the writer */
	struct transaction writer;
	struct transaction readers[READERS];
	bool reader_is_used[READERS];
	store_listener *listener;
	void *listener_data;
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
	int r = make_private_file(path, error);

	if (r < 0)
		return r;
	if (!new)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	pthread_mutex_init(&new->lock, NULL);
	pthread_cond_init(&new->job_is_done, NULL);
	pthread_cond_init(&new->reader_is_free, NULL);
	new->last = &new->first;
	r = transaction_open(&new->writer, path, error);
	if (r == 0)
		r = schema_migrate(&new->writer, error);
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
	transaction_close(&store->writer);
	pthread_cond_destroy(&store->reader_is_free);
	pthread_cond_destroy(&store->job_is_done);
	pthread_mutex_destroy(&store->lock);
	free(store);
}

void store_listen(struct store *store, store_listener *listener, void *data)
{
	store->listener = listener;
	store->listener_data = data;
}

void store_limit_pages(struct store *store, int pages)
{
	char text[48];

	snprintf(text, sizeof(text), "PRAGMA max_page_count = %d", pages);
	sqlite3_exec(store->writer.database, text, NULL, NULL, NULL);
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
	int r = statement_run(reader, STATEMENT_BEGIN_READ, error, "");

	if (r == 0) {
		r = work(reader, data, error);
		statement_run(reader, STATEMENT_ROLLBACK, NULL, "");
	}
	give_back_reader(store, i);
	return r;
}

/* A full disk makes SQLite undo everything by itself. */
static bool was_undone(const struct transaction *writer)
{
	return sqlite3_get_autocommit(writer->database) != 0;
}

/* Runs one job so that its failure undoes it and nobody else. */
static int run_job(struct transaction *writer, struct job *job, struct error *broken)
{
	size_t changes = writer->change_count;
	int r = statement_run(writer, STATEMENT_SAVEPOINT, broken, "");

	if (r < 0)
		return r;
	job->result = job->work(writer, job->data, job->error);
	if (was_undone(writer))
		return transaction_failed(writer, broken);
	if (job->result < 0) {
		writer->change_count = changes;
		r = statement_run(writer, STATEMENT_UNDO, broken, "");
	}
	return r < 0 ? r : statement_run(writer, STATEMENT_RELEASE, broken, "");
}

/* Everybody's work, then one commit for all of it. */
static int run_batch(struct transaction *writer, struct job *jobs, struct error *broken)
{
	int r = statement_run(writer, STATEMENT_BEGIN_WRITE, broken, "");

	writer->change_count = 0;
	for (struct job *job = jobs; r == 0 && job; job = job->next)
		r = run_job(writer, job, broken);
	if (r == 0)
		r = statement_run(writer, STATEMENT_COMMIT, broken, "");
	if (r < 0 && !was_undone(writer))
		statement_run(writer, STATEMENT_ROLLBACK, NULL, "");
	return r;
}

static void tell_listener(struct store *store)
{
	struct transaction *writer = &store->writer;

	for (size_t i = 0; store->listener && i < writer->change_count; i++)
		store->listener(store->listener_data, writer->changes[i].user,
				writer->changes[i].changed);
}

/* Called with the lock held and has_leader set; returns with the lock held. */
static void lead(struct store *store)
{
	struct job *jobs = store->first;
	struct error broken = { .kind = ERROR_NONE };
	int r;

	store->first = NULL;
	store->last = &store->first;
	pthread_mutex_unlock(&store->lock);
	r = run_batch(&store->writer, jobs, &broken);
	if (r == 0)
		tell_listener(store);
	pthread_mutex_lock(&store->lock);
	for (struct job *job = jobs; job; job = job->next) {
		if (r < 0) {
			job->result = r;
			if (job->error)
				*job->error = broken;
		}
		job->is_done = true;
	}
}

int store_write(struct store *store, store_work *work, void *data, struct error *error)
{
	struct job job = { .work = work, .data = data, .error = error };

	pthread_mutex_lock(&store->lock);
	/* It waits below until the job is done, and so off the list. */
	/* cppcheck-suppress autoVariables */
	*store->last = &job;
	/* cppcheck-suppress autoVariables */
	store->last = &job.next;
	while (!job.is_done) {
		if (store->has_leader) {
			pthread_cond_wait(&store->job_is_done, &store->lock);
			continue;
		}
		store->has_leader = true;
		lead(store);
		store->has_leader = false;
		pthread_cond_broadcast(&store->job_is_done);
	}
	pthread_mutex_unlock(&store->lock);
	return job.result;
}
