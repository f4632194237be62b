/* SPDX-License-Identifier: MIT */
#ifndef POLICY_SCOPE_H
#define POLICY_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "policy/policy.h"
#include "policy/report.h"
#include "policy/value.h"

/*
 * What an `access:` list allows, typed: statements that allow or deny, each
 * of one service (policy/service.h).  A request is allowed when a statement
 * allows it and none denies it, as in AWS.  A scope never changes once made.
 */
struct service;

/* A parameter of the profile, as ${NAME} in texts. */
struct scope_parameter {
	char *name;
	char *pattern; /* POSIX extended, anchored on both ends */
	unsigned int line, pattern_line;
	bool is_used;
};

struct statement {
	const struct service *service;
	bool is_deny;
	unsigned int line;
	void *access; /* of the service's own type */
};

struct scope {
	struct scope_parameter *parameters;
	size_t parameter_count;
	struct statement *statements;
	size_t count;
};

/* An empty scope; NULL when memory is short. */
struct scope *scope_new(void);

/* Adds a parameter (its texts copied), before scope_parse().  0 or -ENOMEM. */
int scope_add_parameter(struct scope *scope, const struct scope_parameter *parameter);

/*
 * Reads an `access:` list into the scope; every mistake goes to the report.
 * Returns report_result(); the scope may be freed either way.
 */
int scope_parse(struct scope *scope, const struct value *access, struct report *report);

void scope_free(struct scope *scope); /* takes NULL */

static inline void scope_freep(struct scope **scope)
{
	scope_free(*scope);
	*scope = NULL;
}

/* The parameter of a name that is length long, or NULL. */
struct scope_parameter *scope_parameter(const struct scope *scope, const char *name,
					size_t length);

/* Where the profile's role stands, for what depends on it. */
struct lint_facts {
	unsigned int line; /* of the profile's access */
	const char *region;
	const char *account_id;
};

/* Tells what is dangerous, and sizes for the longest parameter values. */
void scope_lint(const struct scope *scope, const struct lint_facts *facts,
		struct report *report);

/* A list of words; ends with NULL once there is one. */
struct words {
	char **list;
	size_t count;
};

int words_add(struct words *words, const char *word);
bool words_have(const struct words *words, const char *word);
void words_done(struct words *words);

/* Adds the VPC endpoints that the scope is limited to, each once, sorted.  0 or -ENOMEM.
 */
int scope_endpoints(const struct scope *scope, struct words *endpoints);

/*
 * Whether IAM takes the text (UTF-8) in a policy: U+0020 to U+00FF, and here nothing
 * that shows as something else, as people read it too.
 */
bool text_is_for_iam(const char *text);

/*
 * Finds the next ${NAME} at or after *text.  Returns its parameter name's
 * length with *start at the '$' and *name at the name, 0 when there is none,
 * -EINVAL for one that never ends.
 */
int text_next_variable(const char *text, const char **start, const char **name);

/*
 * A text with parameters and wildcards as a pattern for text_matches(): the
 * values of bindings stand for themselves, whatever is in them.  Returns 1,
 * 0 when a value is missing or empty (a tag without a value matches nothing),
 * -ENOMEM, -EMSGSIZE.
 */
int text_bind_pattern(const char *text, const struct binding *bindings, size_t count,
		      struct buffer *out);

/* AWS's matching: any run and any one character (not byte), '/' too. */
#define ANY_RUN '\1'
#define ANY_ONE '\2'
bool text_matches(const char *pattern, const char *text);

#endif
