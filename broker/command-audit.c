/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/output.h"
#include "base/text.h"
#include "broker/commands.h"
#include "broker/settings.h"

/* A page is one transaction: a reader who takes long holds none open. */
#define PAGE_MAX 1000

#define SHOWN_MAX 8192 /* of a text with its escapes; rows hold a kilobyte */

struct printing {
	bool json;
	int64_t since; /* the last row that was printed */
	size_t count;  /* on this page */
	struct error *error;
};

/* One row that holds what is no text must not hide those behind it. */
static json_t *text_json(const char *text)
{
	char shown[SHOWN_MAX];
	json_t *json = json_string(text);

	return json ? json : json_string(text_escape(text, shown, sizeof(shown)));
}

/* The evidence was JSON when it was written; what is not by now is left out. */
static json_t *entry_json(const struct audit_entry *entry)
{
	char at[TIME_TEXT_SIZE];
	json_t *evidence = entry->evidence
			       ? json_loads(entry->evidence, JSON_REJECT_DUPLICATES, NULL)
			       : NULL;

	return json_pack("{s:I, s:s, s:s, s:s*, s:s*, s:s*, s:o, s:o*}", "sequence",
			 (json_int_t)entry->sequence, "at",
			 time_format(entry->at_seconds, at), "event", entry->event,
			 "user", entry->user, "request", entry->request, "address",
			 entry->address, "text", text_json(entry->text), "evidence",
			 evidence);
}

static void print_line(const struct audit_entry *entry)
{
	char at[TIME_TEXT_SIZE], shown[SHOWN_MAX];

	printf("%s  %-15s %-12s %-10s %s%s%s\n", time_format(entry->at_seconds, at),
	       entry->event, entry->request ? entry->request : "-",
	       entry->user ? TEXT_ESCAPED(entry->user) : "-",
	       text_escape(entry->text, shown, sizeof(shown)),
	       entry->address ? ", from " : "", entry->address ? entry->address : "");
}

static int print_json(const struct audit_entry *entry, struct error *error)
{
	json_t *json = entry_json(entry);

	if (!json)
		return error_set(error, ERROR_INTERNAL,
				 "row %lld of the audit trail cannot be shown: it is "
				 "damaged, or memory is short",
				 (long long)entry->sequence);
	return output_json_item(json, error);
}

static int print_entry(void *data, const struct audit_entry *entry)
{
	struct printing *printing = data;
	int r = 0;

	if (printing->json)
		r = print_json(entry, printing->error);
	else
		print_line(entry);
	if (r < 0 || ferror(stdout))
		return r < 0 ? r : output_finish(printing->error);
	printing->since = entry->sequence;
	return ++printing->count == PAGE_MAX;
}

static int print_page(struct transaction *transaction, void *data, struct error *error)
{
	struct printing *printing = data;

	printing->count = 0;
	return store_audit_since(transaction, printing->since, print_entry, printing,
				 error);
}

static int print_all(struct store *store, struct printing *printing, struct error *error)
{
	int r;

	do
		r = store_read(store, print_page, printing, error);
	while (r > 0);
	return r < 0 ? r : output_finish(error);
}

int command_audit(const struct options *options, struct error *error)
{
	scoped(store_freep) struct store *store = NULL;
	struct printing printing = { .json = options->json, .error = error };
	struct settings settings;
	int r = settings_read(options->arguments[0], &settings, error);

	if (r == 0)
		r = settings_open_store(&settings, &store, error);
	return r < 0 ? r : print_all(store, &printing, error);
}
