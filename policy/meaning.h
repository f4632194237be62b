/* SPDX-License-Identifier: MIT */
#ifndef POLICY_MEANING_H
#define POLICY_MEANING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "policy/policy.h"

/*
 * What a scope means for one request, decided from the scope itself and not
 * from the documents made of it: the two are held against each other by
 * tests, with an evaluator of AWS's language that others wrote.
 */
enum resource_kind {
	RESOURCE_NONE, /* an action on the account: ListTables */
	RESOURCE_TABLE,
	RESOURCE_INDEX,
	RESOURCE_STREAM,
	RESOURCE_BACKUP,
	RESOURCE_EXPORT,
	RESOURCE_IMPORT,
	RESOURCE_GLOBAL_TABLE,
	RESOURCE_OTHER, /* of another service: asked.arn */
};

enum answer {
	ANSWER_MISSING, /* the request does not say */
	ANSWER_NO,
	ANSWER_YES,
};

/* A list that may be missing from a request, which is not the same as empty. */
struct asked_list {
	bool is_missing;
	const char *const *list;
	size_t count;
};

struct asked {
	const char *action; /* "dynamodb:GetItem" */
	const char *region, *account_id;
	enum resource_kind resource;
	const char *arn; /* RESOURCE_OTHER: of what it is on, or "*" */
	const char *table;
	const char *child; /* index, stream label, backup: name; else NULL */
	struct asked_list leading_keys;
	struct asked_list attributes;
	const char *select; /* NULL: missing, and so on */
	const char *return_values;
	const char *enclosing_operation;
	enum answer full_table_scan;
	const char *endpoint;       /* the VPC endpoint it came through */
	int64_t at;                 /* seconds since 1970 */
	const struct binding *tags; /* session tags: the parameters' values */
	size_t tag_count;

	/* What only hand-written documents look at. */
	const char *role_arn; /* that asks; NULL: not known, and so on */
	const char *role_account_id;
	const struct binding
	    *context; /* other keys; one with several values is repeated */
	size_t context_count;
};

/*
 * The parts of a request, in the order in which a statement looks at them: the
 * later the first one that does not fit, the nearer it came to allowing it.
 */
enum part {
	PART_SERVICE,
	PART_PLACE, /* region, account */
	PART_TABLE,
	PART_INDEX,
	PART_ACTION,
	PART_RESOURCE, /* of a hand-written statement */
	PART_ENDPOINT,
	PART_ROWS,
	PART_COLUMNS,
	PART_SELECT,
	PART_RETURN_VALUES,
	PART_TRANSACTION,
	PART_FULL_TABLE_SCAN,
	PART_CONDITION, /* of a hand-written statement */
	PART_NONE,      /* all fit */
};

struct statement; /* policy/scope.h; borrowed from the scope below */

struct meaning {
	bool is_allowed;
	bool is_denied; /* by a statement that denies, not for want of one that allows */
	unsigned int line; /* of the statement that decided; 0 if none did */
	bool is_after_end;
	const struct statement *statement; /* the one of line; NULL if none did */

	/* Where no statement speaks of it: the one that came nearest to allow it. */
	const struct statement *nearest; /* NULL if nothing is allowed at all */
	unsigned int nearest_line;
	enum part misfit; /* its first part that does not fit */
};

/* Decides.  ends_at as for policy_role(). */
void scope_judge(const struct scope *scope, const struct place *place, int64_t ends_at,
		 const struct asked *asked, struct meaning *meaning);

/* What meaning->statement says, in words.  0 or -ENOMEM, -EMSGSIZE. */
int meaning_words(const struct meaning *meaning, const struct asked *asked,
		  struct buffer *out);

/*
 * What of the request does not fit meaning->nearest, in words: "the leading key
 * zeta is none of its rows (acme, acme#*)".  0 or -ENOMEM, -EMSGSIZE.
 */
int meaning_misfit_words(const struct meaning *meaning, const struct asked *asked,
			 struct buffer *out);

/* Writes the ARN of what was asked for.  Returns out, cut to size. */
const char *asked_arn(const struct asked *asked, char *out, size_t size);

/* "aws", "aws-cn", "aws-us-gov" (and the isolated ones) by region. */
const char *partition_of(const char *region);

#endif
