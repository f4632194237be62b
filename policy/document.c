/* SPDX-License-Identifier: MIT */
#include "policy/document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "policy/document-access.h"
#include "policy/document-lint.h"
#include "policy/service.h"

/*
 * The escape: a hand-written IAM policy document for what no service here
 * has words for.  It goes out as it came in, with ${NAME} of the profile's
 * parameters as session tags; AWS's own ${aws:...} stay.
 */
struct translator {
	struct scope *scope;
	struct report *report;
	unsigned int line;
};

#define TEXT_MAX (8U << 20) /* of a file of 1 MiB, each ${a} as a session tag */

/* ${aws:...} and ${*} are AWS's; a bare name must be a parameter. */
static bool is_of_aws(const char *name, int length)
{
	return memchr(name, ':', (size_t)length) || (length == 1 && strchr("*?$", *name));
}

/* A variable of AWS's is a condition key; a default may stand behind it. */
static void check_key(const struct translator *translator, const char *name, int length)
{
	char key[160];

	snprintf(key, sizeof(key), "%.*s", length, name);
	key[strcspn(key, ",")] = '\0';
	if (length > 1 && !document_knows_key(key))
		report_error(translator->report, translator->line,
			     "a condition key that exists",
			     "there is no condition key \"%s\": ${%s} never has a value",
			     TEXT_ESCAPED(key), TEXT_ESCAPED(key));
}

static int translate_text(const struct translator *translator, const char *text,
			  struct buffer *out)
{
	const char *start, *name;
	int length, r = 0;

	while (r == 0 && (length = text_next_variable(text, &start, &name)) > 0) {
		struct scope_parameter *parameter = scope_parameter(translator->scope,
								    name, (size_t)length);

		if (parameter)
			parameter->is_used = true;
		else if (is_of_aws(name, length))
			check_key(translator, name, length);
		else
			report_unknown_parameter(translator->report, translator->line,
						 name, length);
		r = buffer_print(out, "%.*s${%s%.*s}", (int)(start - text), text,
				 parameter ? "aws:PrincipalTag/" : "", length, name);
		text = name + length + 1;
	}
	return r < 0 ? r : buffer_add(out, text, strlen(text));
}

static void check_characters(const struct translator *translator, const char *text)
{
	if (!text_is_for_iam(text))
		report_error(translator->report, translator->line,
			     "characters from space to U+00FF",
			     "\"%s\" has a character that IAM takes in no policy",
			     TEXT_ESCAPED(text));
}

static json_t *translate(const struct translator *translator, const struct value *value)
{
	struct buffer out = BUFFER_WITH_LIMIT(TEXT_MAX);
	struct translator here = *translator;
	json_t *json = NULL;
	int r = 0;

	here.line = value->line;
	if (value->kind == VALUE_TEXT)
		check_characters(&here, value->text);
	if (value->kind == VALUE_TEXT && !strstr(value->text, "${"))
		return value_json(value);
	if (value->kind == VALUE_TEXT) {
		if (translate_text(&here, value->text, &out) == 0)
			json = json_string(out.bytes);
		buffer_done(&out);
		return json;
	}
	json = value->kind == VALUE_LIST ? json_array() : json_object();
	for (size_t i = 0; json && r == 0 && i < value->count; i++) {
		json_t *item = translate(&here, value->items[i]);

		if (value->kind == VALUE_MAP)
			check_characters(&here, value->keys[i]);
		r = value->kind == VALUE_LIST
			? json_array_append_new(json, item)
			: json_object_set_new(json, value->keys[i], item);
	}
	if (r < 0) {
		json_decref(json);
		return NULL;
	}
	return json;
}

static void document_free(void *pointer)
{
	struct document_access *access = pointer;

	if (access) {
		json_decref(access->statements);
		free(access->lines);
	}
	free(access);
}

/* The statements of a whole document, a list of them, or one alone. */
static const struct value *find_statements(const struct value *value,
					   struct report *report)
{
	const struct value *version, *statements;

	if (value->kind != VALUE_MAP || value_get(value, "Effect"))
		return value;
	version = value_get(value, "Version");
	statements = value_get(value, "Statement");
	if (!statements)
		report_error(report, value->line, "Statement: [...]",
			     "a policy document without a Statement");
	if (version && !value_is_text(version, "2012-10-17"))
		report_error(report, version->line, "Version: \"2012-10-17\"",
			     "in any other version ${...} is no variable but a text");
	for (size_t i = 0; i < value->count; i++)
		if (strcmp(value->keys[i], "Version") != 0 &&
		    strcmp(value->keys[i], "Statement") != 0 &&
		    strcmp(value->keys[i], "Id") != 0)
			report_error(report, value->items[i]->line,
				     "Version, Id, Statement",
				     "a policy document has no key \"%s\"",
				     TEXT_ESCAPED(value->keys[i]));
	return statements;
}

static int add_statement(struct scope *scope, const struct value *all,
			 const struct value *value, struct document_access *access,
			 struct report *report)
{
	const struct translator translator = { scope, report, value->line };
	size_t count = json_array_size(access->statements);
	unsigned int *lines;
	json_t *statement;

	if (!document_lint_statement(scope, all, value, report))
		return 0;
	lines = reallocarray(access->lines, count + 1, sizeof(*lines));
	if (!lines)
		return -ENOMEM;
	lines[count] = value->line;
	access->lines = lines;
	statement = translate(&translator, value);
	return json_array_append_new(access->statements, statement) < 0 ? -ENOMEM : 0;
}

static void *document_parse(struct scope *scope, bool is_deny, const struct value *value,
			    struct report *report)
{
	const struct value *statements = find_statements(value, report), *each;
	struct document_access *access;
	int r = 0;

	if (is_deny)
		report_error(report, value->line, "Effect: Deny in the document",
			     "a document says itself what it denies");
	if (statements && statements->kind == VALUE_LIST && statements->count == 0)
		report_error(report, statements->line, "Statement: [...]",
			     "a policy document without a Statement");
	if (!statements || is_deny)
		return NULL;
	access = calloc(1, sizeof(*access));
	if (access)
		access->statements = json_array();
	if (!access || !access->statements) {
		document_free(access);
		report_failure(report, -ENOMEM);
		return NULL;
	}
	for (size_t i = 0; r == 0 && (each = value_at(statements, i)); i++)
		r = add_statement(scope, statements, each, access, report);
	if (r < 0)
		report_failure(report, r);
	return access;
}

static int document_compile(const struct statement *statement, const struct place *place,
			    enum detail detail, json_t *out)
{
	const struct document_access *access = statement->access;
	json_t *item;
	size_t i;

	(void)place;
	json_array_foreach(access->statements, i, item)
	{
		const char *effect = json_string_value(json_object_get(item, "Effect"));
		json_t *copy;

		if (detail != DETAIL_ALL && effect && strcmp(effect, "Deny") == 0)
			continue;
		copy = json_deep_copy(item);
		if (copy && detail != DETAIL_ALL)
			json_object_del(copy, "Condition");
		if (json_array_append_new(out, copy) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Adds the Sids of a document to those seen; tells of those seen before if is_told. */
static void see_sids(const struct document_access *access, json_t *seen,
		     struct report *report, bool is_told)
{
	json_t *item;
	size_t i;

	json_array_foreach(access->statements, i, item)
	{
		const char *sid = json_string_value(json_object_get(item, "Sid"));

		if (is_told && sid && json_object_get(seen, sid))
			report_error(report, access->lines[i], "another Sid",
				     "the Sid %s is that of two statements", sid);
		if (sid && json_object_set(seen, sid, item) < 0)
			report_failure(report, -ENOMEM);
	}
}

/* IAM takes a Sid once in a policy.  The rest of the lint is done while reading. */
static void document_lint(const struct scope *scope, const struct statement *statement,
			  struct report *report)
{
	json_auto_t *seen = json_object();
	bool is_this = false;

	for (size_t i = 0; i < scope->count && !is_this; i++) {
		is_this = scope->statements[i].access == statement->access;
		if (scope->statements[i].service == statement->service)
			see_sids(scope->statements[i].access, seen, report, is_this);
	}
}

static bool document_allows(const struct statement *statement)
{
	const struct document_access *access = statement->access;
	json_t *item;
	size_t i;

	json_array_foreach(access->statements, i, item)
	{
		if (!document_statement_denies(item))
			return true;
	}
	return false;
}

const struct service service_document = {
	.name = "document",
	.parse = document_parse,
	.free = document_free,
	.compile = document_compile,
	.words = document_words,
	.covers = document_covers,
	.decided_words = document_decided_words,
	.misfit = document_misfit,
	.misfit_words = document_misfit_words,
	.lint = document_lint,
	.allows = document_allows,
	.endpoints = NULL,
};
