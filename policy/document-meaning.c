/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/document-access.h"

#define ARN_MAX 2048
#define ARN_COLONS 5

/* A text, or each of a list, in turn: NULL past the last. */
static const char *text_at(const json_t *texts, size_t i)
{
	if (!json_is_array(texts))
		return i == 0 ? json_string_value(texts) : NULL;
	return json_string_value(json_array_get(texts, i));
}

bool document_statement_denies(const json_t *statement)
{
	const char *effect = json_string_value(json_object_get(statement, "Effect"));

	return effect && strcmp(effect, "Deny") == 0;
}

static bool is_same_service(const char *pattern, const char *action)
{
	size_t length = strcspn(action, ":");

	return strcmp(pattern, "*") == 0 ||
	       (strncasecmp(pattern, action, length) == 0 && pattern[length] == ':');
}

bool document_action_matches(const char *pattern, const char *action)
{
	char wanted[256], given[256];
	size_t i;

	if (strcmp(pattern, "*") == 0)
		return true;
	if (!is_same_service(pattern, action) || strlen(pattern) >= sizeof(wanted) ||
	    strlen(action) >= sizeof(given))
		return false;
	for (i = 0; pattern[i]; i++) {
		wanted[i] = (char)tolower((unsigned char)pattern[i]);
		if (pattern[i] == '*')
			wanted[i] = ANY_RUN;
		else if (pattern[i] == '?')
			wanted[i] = ANY_ONE;
	}
	wanted[i] = '\0';
	for (i = 0; action[i]; i++)
		given[i] = (char)tolower((unsigned char)action[i]);
	given[i] = '\0';
	return text_matches(wanted, given);
}

static enum part misfit_of_actions(const json_t *statement, const char *action)
{
	const json_t *actions = json_object_get(statement, "Action");
	const json_t *texts = actions ? actions : json_object_get(statement, "NotAction");
	bool is_named = false, is_service = false;
	const char *pattern;

	for (size_t i = 0; (pattern = text_at(texts, i)); i++) {
		is_named = is_named || document_action_matches(pattern, action);
		is_service = is_service || is_same_service(pattern, action);
	}
	if (is_named == (actions != NULL))
		return PART_NONE;
	return actions && !is_service ? PART_SERVICE : PART_ACTION;
}

/* An ARN with fewer than six parts is one whose last ones are "*". */
static bool resource_matches(const char *pattern, const struct asked *asked,
			     const char *arn, struct context_variable *absent)
{
	scoped(buffer_done) struct buffer whole = BUFFER_WITH_LIMIT(CONTEXT_TEXT_MAX);
	int colons = 0;

	if (strcmp(pattern, "*") == 0)
		return true;
	if (buffer_print(&whole, "%s", pattern) < 0)
		return false;
	for (const char *at = pattern; *at && colons < ARN_COLONS; at++)
		if (at[0] == '$' && at[1] == '{' && strchr(at, '}'))
			at = strchr(at, '}');
		else
			colons += *at == ':';
	for (; colons < ARN_COLONS; colons++)
		if (buffer_add(&whole, ":*", 2) < 0)
			return false;
	return context_arn_matches(asked, whole.bytes, arn, absent);
}

static bool names_resource(const json_t *statement, const struct asked *asked,
			   struct context_variable *absent)
{
	const json_t *resources = json_object_get(statement, "Resource");
	const json_t *texts = resources ? resources
					: json_object_get(statement, "NotResource");
	char arn[ARN_MAX];
	const char *pattern;
	bool is_named = false;

	asked_arn(asked, arn, sizeof(arn));
	for (size_t i = 0; !is_named && (pattern = text_at(texts, i)); i++)
		is_named = resource_matches(pattern, asked, arn, absent);
	return is_named == (resources != NULL);
}

enum part document_statement_misfit(const json_t *statement, const struct asked *asked,
				    struct condition_note *note)
{
	enum part actions = misfit_of_actions(statement, asked->action);
	struct context_variable absent = { NULL, 0 };

	*note = (struct condition_note){ .op = NULL };
	if (actions != PART_NONE)
		return actions;
	if (!names_resource(statement, asked, &note->absent))
		return PART_RESOURCE;
	absent = json_object_get(statement, "NotResource") ? note->absent : absent;
	if (!conditions_hold(json_object_get(statement, "Condition"), asked, note))
		return PART_CONDITION;
	if (absent.length > 0)
		note->absent = absent;
	return PART_NONE;
}

const json_t *document_decider(const struct document_access *access, bool is_deny,
			       const struct asked *asked, unsigned int *line)
{
	struct condition_note note;
	json_t *item;
	size_t i;

	json_array_foreach(access->statements, i, item)
	{
		if (document_statement_denies(item) != is_deny ||
		    document_statement_misfit(item, asked, &note) != PART_NONE)
			continue;
		*line = access->lines[i];
		return item;
	}
	return NULL;
}

const json_t *document_nearest(const struct document_access *access,
			       const struct asked *asked, enum part *part,
			       unsigned int *line)
{
	const json_t *nearest = NULL;
	struct condition_note note;
	json_t *item;
	size_t i;

	json_array_foreach(access->statements, i, item)
	{
		enum part misfit = document_statement_misfit(item, asked, &note);

		if (document_statement_denies(item) || (nearest && misfit <= *part))
			continue;
		nearest = item;
		*part = misfit;
		*line = access->lines[i];
	}
	return nearest;
}

unsigned int document_covers(const struct statement *statement, bool is_deny,
			     const struct place *place, const struct asked *asked)
{
	unsigned int line = 0;

	(void)place;
	document_decider(statement->access, is_deny, asked, &line);
	return line;
}

enum part document_misfit(const struct statement *statement, const struct place *place,
			  const struct asked *asked, unsigned int *line)
{
	enum part part = PART_SERVICE;

	(void)place;
	*line = 0;
	document_nearest(statement->access, asked, &part, line);
	return part;
}
