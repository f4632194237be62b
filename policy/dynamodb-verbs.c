/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "policy/dynamodb-words.h"

void writer_say(struct writer *writer, const char *text)
{
	if (writer->r == 0)
		writer->r = buffer_add(writer->out, text, strlen(text));
}

const char *writer_between(size_t i, size_t count, const char *last)
{
	if (i + 1 == count)
		return "";
	return i + 2 == count ? last : ", ";
}

static bool is_of_account(const char *name)
{
	const struct dynamodb_action *action = dynamodb_action(
	    strcmp(name, "list") == 0 ? "ListTables" : name);

	return action && action->resources == 0;
}

/* "read, put and update items of", for all sets that are about items. */
static void say_item_verbs(struct writer *writer, unsigned int verbs)
{
	static const char *const words[] = { "read", "put", "update", "delete" };
	size_t count = 0, said = 0;

	for (size_t i = 0; i < 4; i++)
		count += (verbs >> i) & 1;
	for (size_t i = 0; i < 4; i++) {
		if (!((verbs >> i) & 1))
			continue;
		writer_say(writer, words[i]);
		writer_say(writer, writer_between(said++, count, " and "));
	}
	writer_say(writer, " items of");
}

/* "call GetItem and Query on": DynamoDB's own names. */
static void say_calls(struct writer *writer, bool of_account, size_t count)
{
	const struct words *names = &writer->access->names;
	size_t said = 0;

	writer_say(writer, "call ");
	for (size_t i = 0; i < names->count; i++) {
		if (is_of_account(names->list[i]) != of_account ||
		    action_set(names->list[i]))
			continue;
		writer_say(writer, names->list[i]);
		writer_say(writer, writer_between(said++, count, " and "));
	}
	writer_say(writer, of_account ? " on the whole account" : " on");
}

void writer_say_verbs(struct writer *writer, bool of_account)
{
	const struct words *names = &writer->access->names;
	const char *before = "";
	unsigned int verbs = 0;
	size_t calls = 0;

	for (size_t i = 0; i < names->count; i++) {
		const struct action_set *set = action_set(names->list[i]);

		if (is_of_account(names->list[i]) != of_account)
			continue;
		calls += !set;
		verbs |= set ? set->verbs : 0;
	}
	if (verbs) {
		say_item_verbs(writer, verbs);
		before = " and ";
	}
	for (size_t i = 0; i < names->count; i++) {
		const struct action_set *set = action_set(names->list[i]);

		if (!set || !set->summary || is_of_account(names->list[i]) != of_account)
			continue;
		writer_say(writer, before);
		writer_say(writer, set->summary);
		before = " and ";
	}
	if (calls == 0)
		return;
	writer_say(writer, before);
	say_calls(writer, of_account, calls);
}

size_t names_of_account(const struct words *names)
{
	size_t count = 0;

	for (size_t i = 0; i < names->count; i++)
		count += is_of_account(names->list[i]);
	return count;
}

bool names_have_calls(const struct words *names)
{
	for (size_t i = 0; i < names->count; i++)
		if (!action_set(names->list[i]))
			return true;
	return false;
}
