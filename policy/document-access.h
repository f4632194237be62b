/* SPDX-License-Identifier: MIT */
#ifndef POLICY_DOCUMENT_ACCESS_H
#define POLICY_DOCUMENT_ACCESS_H

#include <jansson.h>

#include "policy/condition.h"
#include "policy/service.h"

/*
 * A hand-written document as it was read: what of it allows or denies a request,
 * and the words of that.  Its functions are those of struct service.
 */
struct document_access {
	json_t *statements;
	unsigned int *lines; /* of each statement */
};

/*
 * How far a statement fits a request; PART_NONE: it speaks of it.  The note says
 * why its conditions hold or not.  IAM User Guide, "IAM JSON policy elements"
 * Action, NotAction, Resource, NotResource; variables as in context_bind().
 */
enum part document_statement_misfit(const json_t *statement, const struct asked *asked,
				    struct condition_note *note);

/* Whether an Action is like a pattern: without regard to case, and without variables. */
bool document_action_matches(const char *pattern, const char *action);

bool document_statement_denies(const json_t *statement);

/* The statement that decides as covers() says, or that misfit() is about; or NULL. */
const json_t *document_decider(const struct document_access *access, bool is_deny,
			       const struct asked *asked, unsigned int *line);
const json_t *document_nearest(const struct document_access *access,
			       const struct asked *asked, enum part *part,
			       unsigned int *line);

unsigned int document_covers(const struct statement *statement, bool is_deny,
			     const struct place *place, const struct asked *asked);
enum part document_misfit(const struct statement *statement, const struct place *place,
			  const struct asked *asked, unsigned int *line);

int document_words(const struct statement *statement, const struct binding *bindings,
		   size_t count, struct buffer *out);
int document_decided_words(const struct statement *statement, bool is_deny,
			   const struct asked *asked, struct buffer *out);
int document_misfit_words(const struct statement *statement, const struct asked *asked,
			  enum part part, struct buffer *out);

#endif
