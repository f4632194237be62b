/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "policy/document-access.h"

/* Where the words go and what stands for the parameters. */
struct sayer {
	const struct binding *bindings;
	size_t count;
	struct buffer *out;
};

static int say_texts(const struct sayer *sayer, const json_t *texts)
{
	int r = 0;

	if (json_is_string(texts))
		return bind_text(json_string_value(texts), sayer->bindings, sayer->count,
				 sayer->out);
	for (size_t i = 0; r == 0 && i < json_array_size(texts); i++) {
		if (i > 0)
			r = buffer_add(sayer->out, ", ", 2);
		if (r == 0)
			r = say_texts(sayer, json_array_get(texts, i));
	}
	return r;
}

static int say_statement(const struct sayer *sayer, const json_t *statement)
{
	struct buffer *out = sayer->out;

	const char *effect = json_string_value(json_object_get(statement, "Effect"));
	const json_t *action = json_object_get(statement, "Action");
	const json_t *resource = json_object_get(statement, "Resource");
	int r = buffer_print(out, "%s%s",
			     strcmp(effect, "Deny") == 0 ? "deny " : "allow ",
			     action ? "" : "all but ");

	if (r == 0)
		r = say_texts(sayer,
			      action ? action : json_object_get(statement, "NotAction"));
	if (r == 0)
		r = buffer_print(out, " on %s", resource ? "" : "all but ");
	if (r == 0)
		r = say_texts(sayer, resource
					 ? resource
					 : json_object_get(statement, "NotResource"));
	if (r == 0 && json_object_get(statement, "Condition"))
		r = buffer_print(out, " under conditions");
	return r;
}

int document_words(const struct statement *statement, const struct binding *bindings,
		   size_t count, struct buffer *out)
{
	const struct document_access *access = statement->access;
	const struct sayer sayer = { bindings, count, out };
	int r = buffer_print(out, "by a hand-written policy: ");

	for (size_t i = 0; r == 0 && i < json_array_size(access->statements); i++) {
		if (i > 0)
			r = buffer_print(out, "; ");
		if (r == 0)
			r = say_statement(&sayer, json_array_get(access->statements, i));
	}
	return r;
}

static int say_absent(const struct context_variable *absent, struct buffer *out)
{
	return absent->length == 0 ? 0
				   : buffer_print(out, "; the request carries no %.*s",
						  absent->length, absent->key);
}

int document_decided_words(const struct statement *statement, bool is_deny,
			   const struct asked *asked, struct buffer *out)
{
	const struct sayer sayer = { asked->tags, asked->tag_count, out };
	unsigned int line;
	const json_t *decider = document_decider(statement->access, is_deny, asked,
						 &line);
	struct condition_note note;
	int r = buffer_print(out, "by a hand-written policy: ");

	document_statement_misfit(decider, asked, &note);
	if (r == 0)
		r = say_statement(&sayer, decider);
	return r < 0 ? r : say_absent(&note.absent, out);
}

/* What of the two the statement has, after how it says it: "none of its actions". */
static int say_named(const struct sayer *sayer, const json_t *statement, const char *name,
		     const char *words)
{
	char other[16] = "Not";
	const json_t *texts = json_object_get(statement, name);
	int r;

	strncat(other, name, sizeof(other) - sizeof("Not"));
	r = buffer_print(sayer->out, " is %s its %s (", texts ? "none of" : "left out of",
			 words);
	if (r == 0)
		r = say_texts(sayer, texts ? texts : json_object_get(statement, other));
	return r < 0 ? r : buffer_add(sayer->out, ")", 1);
}

static int say_value(const struct asked *asked, const struct condition_note *note,
		     struct buffer *out)
{
	struct context_values values;
	int r = 0;

	if (!context_find(asked, note->key, &values))
		return 0;
	r = buffer_print(out, ", which is ");
	for (size_t i = 0; r == 0 && i < values.count; i++)
		r = buffer_print(out, "%s%s", i > 0 ? ", " : "", values.list[i]);
	if (r == 0 && note->is_list)
		r = buffer_print(out, "; a key of several values needs ForAllValues or "
				      "ForAnyValue");
	return r;
}

static int say_condition(const struct asked *asked, const struct condition_note *note,
			 struct buffer *out)
{
	int r = buffer_print(out, "its condition %s does not hold of %s", note->op,
			     note->key);

	if (r == 0)
		r = say_value(asked, note, out);
	return r < 0 ? r : say_absent(&note->absent, out);
}

int document_misfit_words(const struct statement *statement, const struct asked *asked,
			  enum part part, struct buffer *out)
{
	const struct sayer sayer = { asked->tags, asked->tag_count, out };
	struct condition_note note;
	unsigned int line;
	enum part again;
	const json_t *nearest = document_nearest(statement->access, asked, &again, &line);
	char arn[2048];
	int r;

	document_statement_misfit(nearest, asked, &note);
	if (part == PART_CONDITION)
		return say_condition(asked, &note, out);
	if (part == PART_RESOURCE) {
		r = buffer_print(out, "%s", asked_arn(asked, arn, sizeof(arn)));
		if (r == 0)
			r = say_named(&sayer, nearest, "Resource", "resources");
		return r < 0 ? r : say_absent(&note.absent, out);
	}
	r = buffer_print(out, "the action %s", asked->action);
	return r < 0 ? r : say_named(&sayer, nearest, "Action", "actions");
}
