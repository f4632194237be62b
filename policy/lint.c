/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "policy/pattern.h"
#include "policy/policy.h"
#include "policy/scope.h"
#include "policy/service.h"

#define TAG_NAME_MAX 128 /* STS: session tags */
#define TAGS_MAX 47      /* 50, less the broker's own three */

/* A time with as many digits as any other. */
#define SOME_TIME ((int64_t)1800000000)

/* [\p{L}\p{Z}\p{N}_.:/=+\-@]*, of which ASCII is looked at here. */
static bool is_of_tags(unsigned char c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || (c && strchr(" _.:/=+-@", c));
}

static void lint_characters(const struct scope_parameter *parameter,
			    const struct pattern_facts *facts, struct report *report)
{
	static const char wild[] = "*?$";
	unsigned int line = parameter->pattern_line;

	for (const char *c = wild; *c; c++)
		if (facts->characters[(unsigned char)*c]) {
			report_error(
			    report, line, "a pattern like [a-z0-9-]{3,32}",
			    "the pattern of %s allows '%c': where it stands in a "
			    "pattern, a value could mean more than itself",
			    parameter->name, *c);
			return;
		}
	for (int c = 1; c < 0x80; c++)
		if (facts->characters[c] && !is_of_tags((unsigned char)c)) {
			report_warning(
			    report, line, "letters, digits, space and _ . : / = + - @",
			    "a value may hold '%c', which AWS does not take in "
			    "a session tag: such a session would be refused",
			    c);
			return;
		}
}

static void lint_parameter(const struct scope_parameter *parameter, struct report *report)
{
	struct error error = { .text = "" };
	struct pattern_facts facts;

	if (strlen(parameter->name) > TAG_NAME_MAX)
		report_error(report, parameter->line, "a shorter name",
			     "the name of %s is too long for a session tag",
			     parameter->name);
	if (pattern_inspect(parameter->pattern, &facts, &error) < 0) {
		report_error(report, parameter->pattern_line, "\"[a-z0-9-]{3,32}\"",
			     "the pattern '%s': %s", TEXT_ESCAPED(parameter->pattern),
			     error.text);
		return;
	}
	lint_characters(parameter, &facts, report);
	if (facts.shortest == 0)
		report_error(
		    report, parameter->pattern_line,
		    "a pattern that wants one character at least",
		    "the pattern of %s allows an empty value: \"${%s}#*\" would then "
		    "mean \"#*\"",
		    parameter->name, parameter->name);
}

static size_t longest_value(const struct scope_parameter *parameter)
{
	struct pattern_facts facts;

	return pattern_inspect(parameter->pattern, &facts, NULL) < 0 ? PATTERN_MATCH_MAX
								     : facts.longest;
}

/* STS packs the session policy and all tags into one limit of its own. */
static size_t packed_tags(const struct scope *scope)
{
	size_t total = strlen("jit_request") + 12 + strlen("jit_profile") + 64 +
		       strlen("jit_user") + 64;

	for (size_t i = 0; i < scope->parameter_count; i++)
		total += strlen(scope->parameters[i].name) +
			 longest_value(&scope->parameters[i]);
	return total;
}

static size_t session_length(const struct scope *scope, const struct place *place)
{
	char *session = NULL;
	size_t length = 0;

	if (policy_session(scope, place, SOME_TIME, &session, NULL) == 0)
		length = strlen(session);
	json_text_free(session);
	return length;
}

static void lint_sizes(const struct scope *scope, const struct lint_facts *facts,
		       struct report *report)
{
	const struct place place = { facts->region, facts->account_id };
	size_t tags = packed_tags(scope), length;

	if (policy_role_length(scope, &place, SOME_TIME, &length) < 0) {
		report_failure(report, -ENOMEM);
		return;
	}
	if (length > POLICY_ROLE_MAX) {
		report_error(
		    report, facts->line, "fewer entries, or two profiles",
		    "the role's policy is longer than the %d characters that AWS "
		    "takes inline",
		    POLICY_ROLE_MAX);
		return;
	}
	if (length > POLICY_MANAGED_MAX)
		report_warning(
		    report, facts->line, "fewer entries, or two profiles",
		    "the role's policy has %zu characters: it fits inline (%d), where "
		    "the Deny that ends sessions needs room too, not as a managed "
		    "policy (%d)",
		    length, POLICY_ROLE_MAX, POLICY_MANAGED_MAX);
	/* As long as it fits, the session policy is the same text. */
	if (length > POLICY_SESSION_MAX) {
		report_warning(
		    report, facts->line, "fewer entries, or two profiles",
		    "the session policy would have %zu characters of %d: it leaves "
		    "the conditions to the role's policy",
		    length, POLICY_SESSION_MAX);
		length = session_length(scope, &place);
	}
	if (length + tags > (size_t)2 * POLICY_SESSION_MAX)
		report_warning(
		    report, facts->line, "shorter patterns, fewer parameters",
		    "session policy and tags come to %zu characters for the "
		    "longest values: STS may refuse them as too large when packed",
		    length + tags);
}

static bool allows_anything(const struct scope *scope)
{
	for (size_t i = 0; i < scope->count; i++) {
		const struct statement *statement = &scope->statements[i];

		if (statement->service->allows ? statement->service->allows(statement)
					       : !statement->is_deny)
			return true;
	}
	return false;
}

void scope_lint(const struct scope *scope, const struct lint_facts *facts,
		struct report *report)
{
	if (scope->parameter_count > TAGS_MAX)
		report_error(
		    report, facts->line, "fewer parameters",
		    "%zu parameters; a session takes %d tags beside the broker's",
		    scope->parameter_count, TAGS_MAX);
	for (size_t i = 0; i < scope->parameter_count; i++)
		lint_parameter(&scope->parameters[i], report);
	for (size_t i = 0; i < scope->count; i++)
		scope->statements[i].service->lint(scope, &scope->statements[i], report);
	if (scope->count > 0 && !allows_anything(scope))
		report_warning(report, facts->line, "an entry that allows something",
			       "there are denies alone: nothing is allowed to anybody");
	if (facts->region && facts->account_id)
		lint_sizes(scope, facts, report);
}
