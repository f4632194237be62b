/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "policy/dynamodb.h"

/*
 * Why a request is not what a statement allows, for the person who made it:
 * what was asked for, then what the statement has instead.
 */
struct misfit {
	const struct dynamodb_access *access;
	const struct asked *asked;
	struct buffer *out;
	int r; /* the first failure; later writes do nothing */
};

static void say(struct misfit *misfit, const char *text)
{
	if (misfit->r == 0)
		misfit->r = buffer_add(misfit->out, text, strlen(text));
}

static void say_list(struct misfit *misfit, const struct words *words)
{
	for (size_t i = 0; i < words->count; i++) {
		say(misfit, i > 0 ? ", " : "");
		if (misfit->r == 0)
			misfit->r = bind_text(words->list[i], misfit->asked->tags,
					      misfit->asked->tag_count, misfit->out);
	}
}

/* "the table payments is none of its tables (orders, orders-*)". */
static void say_none_of(struct misfit *misfit, const char *what, const char *name,
			const char *whose, const struct words *words)
{
	say(misfit, what);
	say(misfit, " ");
	say(misfit, name);
	say(misfit, " is none of its ");
	say(misfit, whose);
	say(misfit, words->count > 0 ? " (" : ": it has none");
	say_list(misfit, words);
	say(misfit, words->count > 0 ? ")" : "");
}

static void say_place(struct misfit *misfit)
{
	say(misfit, "it is in ");
	say(misfit, misfit->asked->region);
	say(misfit, " of account ");
	say(misfit, misfit->asked->account_id);
	say(misfit, ", not in the profile's own");
}

static void say_table(struct misfit *misfit)
{
	if (misfit->asked->table)
		say_none_of(misfit, "the table", misfit->asked->table, "tables",
			    &misfit->access->tables);
	else
		say(misfit, "it is about the whole account, not about a table");
}

static void say_index(struct misfit *misfit)
{
	if (misfit->asked->resource == RESOURCE_INDEX)
		say_none_of(misfit, "the index", misfit->asked->child, "indexes",
			    &misfit->access->indexes);
	else
		say(misfit, "it is about the table, not about one of its indexes");
}

static void say_action(struct misfit *misfit)
{
	const char *name = strchr(misfit->asked->action, ':');

	say_none_of(misfit, "the action", name ? name + 1 : misfit->asked->action,
		    "actions", &misfit->access->actions);
}

static void say_endpoint(struct misfit *misfit)
{
	if (misfit->asked->endpoint) {
		say_none_of(misfit, "the endpoint", misfit->asked->endpoint, "endpoints",
			    &misfit->access->endpoints);
		return;
	}
	say(misfit, "it came through no VPC endpoint, which has to be ");
	say_list(misfit, &misfit->access->endpoints);
}

static void say_rows(struct misfit *misfit)
{
	const struct words *rows = &misfit->access->leading_keys;
	const struct asked_list *keys = &misfit->asked->leading_keys;

	for (size_t i = 0; !keys->is_missing && i < keys->count; i++) {
		if (dynamodb_is_one_of(rows, misfit->asked, keys->list[i]))
			continue;
		say_none_of(misfit, "the leading key", keys->list[i], "rows", rows);
		return;
	}
	say(misfit, "it names no leading key, and its rows are ");
	say_list(misfit, rows);
}

static void say_columns(struct misfit *misfit)
{
	const struct dynamodb_access *access = misfit->access;
	const struct asked_list *names = &misfit->asked->attributes;
	bool has_list = access->attributes.count > 0;

	for (size_t i = 0; !names->is_missing && i < names->count; i++) {
		if (has_list && !words_have(&access->attributes, names->list[i])) {
			say_none_of(misfit, "the attribute", names->list[i], "attributes",
				    &access->attributes);
			return;
		}
		if (words_have(&access->except_attributes, names->list[i])) {
			say(misfit, "the attribute ");
			say(misfit, names->list[i]);
			say(misfit, " is left out");
			return;
		}
	}
	say(misfit, "it names no attributes, which asks for all; ");
	say(misfit, has_list ? "its attributes are " : "left out are ");
	say_list(misfit, has_list ? &access->attributes : &access->except_attributes);
}

static void say_select(struct misfit *misfit)
{
	if (!misfit->asked->select) {
		say(misfit, "it carries no Select, and SELECT * would ask for all; "
			    "SPECIFIC_ATTRIBUTES keeps to attributes");
		return;
	}
	say(misfit, "Select ");
	say(misfit, misfit->asked->select);
	say(misfit, " does not keep to attributes; SPECIFIC_ATTRIBUTES does");
}

static void say_return_values(struct misfit *misfit)
{
	say(misfit, "ReturnValues ");
	say(misfit, misfit->asked->return_values);
	say(misfit, " gives back every attribute");
}

static void say_transaction(struct misfit *misfit)
{
	say(misfit, "it is part of ");
	say(misfit, misfit->asked->enclosing_operation);
	say(misfit, ", and transactions are closed");
}

static void say_full_table_scan(struct misfit *misfit)
{
	say(misfit, "its PartiQL reads the whole table");
}

static void say_service(struct misfit *misfit)
{
	say(misfit, misfit->asked->action);
	say(misfit, " is none of DynamoDB's actions");
}

int dynamodb_misfit_words(const struct statement *statement, const struct asked *asked,
			  enum part part, struct buffer *out)
{
	static void (*const sayers[])(struct misfit *) = {
		[PART_SERVICE] = say_service,
		[PART_PLACE] = say_place,
		[PART_TABLE] = say_table,
		[PART_INDEX] = say_index,
		[PART_ACTION] = say_action,
		[PART_ENDPOINT] = say_endpoint,
		[PART_ROWS] = say_rows,
		[PART_COLUMNS] = say_columns,
		[PART_SELECT] = say_select,
		[PART_RETURN_VALUES] = say_return_values,
		[PART_TRANSACTION] = say_transaction,
		[PART_FULL_TABLE_SCAN] = say_full_table_scan,
	};
	struct misfit misfit = { statement->access, asked, out, 0 };

	if (part < PART_NONE && sayers[part])
		sayers[part](&misfit);
	return misfit.r;
}
