/* SPDX-License-Identifier: MIT */
#include "broker/store-sqlite-writer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

/* Work that waits for its commit; it lives on its caller's stack. */
struct job {
	store_work *work;
	void *data;
	struct error *error;
	int result;
	bool is_done;
	bool must_lead; /* its caller is to do the next batch */
	pthread_cond_t is_due;
	struct job *next;
};

struct writer {
	pthread_mutex_t lock;
	struct job *first, **last; /* waiting for the next commit */
	bool has_leader;           /* somebody is using the connection */
	struct transaction transaction;
	store_listener *listener;
	void *listener_data;
};

int writer_open(const char *path, struct writer **writer, struct error *error)
{
	struct writer *new = calloc(1, sizeof(*new));
	int r;

	if (!new)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	pthread_mutex_init(&new->lock, NULL);
	new->last = &new->first;
	r = transaction_open(&new->transaction, path, error);
	if (r == 0)
		r = schema_migrate(&new->transaction, error);
	if (r == 0)
		*writer = new;
	else
		writer_free(new);
	return r;
}

void writer_free(struct writer *writer)
{
	if (!writer)
		return;
	transaction_close(&writer->transaction);
	pthread_mutex_destroy(&writer->lock);
	free(writer);
}

void writer_listen(struct writer *writer, store_listener *listener, void *data)
{
	writer->listener = listener;
	writer->listener_data = data;
}

void writer_limit_pages(struct writer *writer, int pages)
{
	char text[48];

	snprintf(text, sizeof(text), "PRAGMA max_page_count = %d", pages);
	sqlite3_exec(writer->transaction.database, text, NULL, NULL, NULL);
}

/* Does a job's work; fails where SQLite undid everything by itself: a full disk. */
static int run_work(struct transaction *transaction, struct job *job,
		    struct error *broken)
{
	size_t changes = transaction->change_count;

	job->result = job->work(transaction, job->data, job->error);
	if (transaction_was_undone(transaction))
		return transaction_failed(transaction, broken);
	if (job->result < 0)
		transaction->change_count = changes;
	return 0;
}

/* Alone it needs no savepoint, which would copy each page before its change. */
static int run_alone(struct transaction *transaction, struct job *job,
		     struct error *broken)
{
	int r = run_work(transaction, job, broken);

	return r < 0 ? r
		     : statement_run(transaction,
				     job->result < 0 ? STATEMENT_ROLLBACK
						     : STATEMENT_COMMIT,
				     broken, "");
}

static int run_among_others(struct transaction *transaction, struct job *job,
			    struct error *broken)
{
	int r = statement_run(transaction, STATEMENT_SAVEPOINT, broken, "");

	if (r == 0)
		r = run_work(transaction, job, broken);
	if (r == 0 && job->result < 0)
		r = statement_run(transaction, STATEMENT_UNDO, broken, "");
	return r < 0 ? r : statement_run(transaction, STATEMENT_RELEASE, broken, "");
}

static int run_together(struct transaction *transaction, struct job *jobs,
			struct error *broken)
{
	int r = 0;

	for (struct job *job = jobs; r == 0 && job; job = job->next)
		r = run_among_others(transaction, job, broken);
	return r < 0 ? r : statement_run(transaction, STATEMENT_COMMIT, broken, "");
}

/* Everybody's work, then one commit for all of it. */
static int run_batch(struct transaction *transaction, struct job *jobs,
		     struct error *broken)
{
	int r = transaction_begin(transaction, STATEMENT_BEGIN_WRITE, broken);

	transaction->change_count = 0;
	transaction->is_writing = r == 0;
	if (r == 0)
		r = jobs->next ? run_together(transaction, jobs, broken)
			       : run_alone(transaction, jobs, broken);
	transaction->is_writing = false;
	if (r < 0 && !transaction_was_undone(transaction))
		statement_run(transaction, STATEMENT_ROLLBACK, NULL, "");
	return r;
}

static void tell_listener(const struct writer *writer)
{
	const struct transaction *transaction = &writer->transaction;

	for (size_t i = 0; writer->listener && i < transaction->change_count; i++)
		writer->listener(writer->listener_data, transaction->changes[i].user,
				 transaction->changes[i].changed);
}

static void finish(struct job *job, int r, const struct error *broken)
{
	if (r < 0) {
		job->result = r;
		if (job->error)
			*job->error = *broken;
	}
	job->is_done = true;
	pthread_cond_signal(&job->is_due);
}

/* Called with the lock held, and returns so; the next in line leads from then on. */
static void lead(struct writer *writer)
{
	struct job *jobs = writer->first;
	struct error broken = { .kind = ERROR_NONE };
	int r;

	writer->first = NULL;
	writer->last = &writer->first;
	pthread_mutex_unlock(&writer->lock);
	r = run_batch(&writer->transaction, jobs, &broken);
	if (r == 0)
		tell_listener(writer);
	pthread_mutex_lock(&writer->lock);
	for (struct job *job = jobs; job; job = job->next)
		finish(job, r, &broken);
	writer->has_leader = writer->first != NULL;
	if (writer->first) {
		writer->first->must_lead = true;
		pthread_cond_signal(&writer->first->is_due);
	}
}

int writer_run(struct writer *writer, store_work *work, void *data, struct error *error)
{
	struct job job = { .work = work, .data = data, .error = error };

	pthread_cond_init(&job.is_due, NULL);
	pthread_mutex_lock(&writer->lock);
	/* It waits below until the job is done, and so off the list. */
	/* cppcheck-suppress autoVariables */
	*writer->last = &job;
	/* cppcheck-suppress autoVariables */
	writer->last = &job.next;
	if (!writer->has_leader)
		writer->has_leader = job.must_lead = true;
	while (!job.is_done && !job.must_lead)
		pthread_cond_wait(&job.is_due, &writer->lock);
	if (job.must_lead)
		lead(writer);
	pthread_mutex_unlock(&writer->lock);
	pthread_cond_destroy(&job.is_due);
	return job.result;
}
