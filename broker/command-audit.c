/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/output.h"
#include "base/text.h"
#include "broker/commands.h"
#include "broker/settings.h"

struct printing {
	bool json;
	struct error *error;
};

/* The evidence was JSON when it was written; what is not by now is left out. */
static json_t *entry_json(const struct audit_entry *entry)
{
	char at[TIME_TEXT_SIZE];
	json_t *evidence = entry->evidence
			       ? json_loads(entry->evidence, JSON_REJECT_DUPLICATES, NULL)
			       : NULL;

	return json_pack("{s:I, s:s, s:s, s:s*, s:s*, s:s*, s:s, s:o*}", "sequence",
			 (json_int_t)entry->sequence, "at",
			 time_format(entry->at_seconds, at), "event", entry->event,
			 "user", entry->user, "request", entry->request, "address",
			 entry->address, "text", entry->text, "evidence", evidence);
}

static int print_entry(void *data, const struct audit_entry *entry)
{
	const struct printing *printing = data;
	char at[TIME_TEXT_SIZE];

	if (printing->json)
		return output_json(entry_json(entry), printing->error);
	printf("%s  %-15s %-12s %-10s %s%s%s\n", time_format(entry->at_seconds, at),
	       entry->event, entry->request ? entry->request : "-",
	       entry->user ? TEXT_ESCAPED(entry->user) : "-", TEXT_ESCAPED(entry->text),
	       entry->address ? ", from " : "", entry->address ? entry->address : "");
	return 0;
}

static int print_all(struct transaction *transaction, void *data, struct error *error)
{
	return store_audit_since(transaction, 0, print_entry, data, error);
}

int command_audit(const struct options *options, struct error *error)
{
	scoped(store_freep) struct store *store = NULL;
	struct printing printing = { options->json, error };
	struct settings settings;
	int r = settings_read(options->arguments[0], &settings, error);

	if (r == 0)
		r = settings_open_store(&settings, &store, error);
	return r < 0 ? r : store_read(store, print_all, &printing, error);
}
