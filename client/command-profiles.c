/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "client/call.h"
#include "client/commands.h"
#include "client/output.h"
#include "client/table.h"
#include "client/words.h"

static char *parameter_names(const json_t *profile)
{
	json_auto_t *names = json_array();
	size_t i;
	json_t *parameter;

	json_array_foreach(json_object_get(profile, "parameters"), i, parameter)
	{
		json_array_append(names, json_object_get(parameter, "name"));
	}
	return words_list(names, " ");
}

static void add_row(struct table *table, const json_t *profile)
{
	json_int_t longest = json_integer_value(
	    json_object_get(profile, "longest_seconds"));
	bool may_ask = json_is_true(json_object_get(profile, "may_ask"));

	table_add(table, (char *[]){ escaped_copy(member_text(profile, "name")),
				     parameter_names(profile), words_span(longest),
				     strdup(may_ask ? "yes" : "no"),
				     escaped_copy(member_text(profile, "approval")),
				     escaped_copy(member_text(profile, "summary")) });
}

int command_profiles(const struct options *options, struct error *error)
{
	static const char *const headings[] = { "PROFILE", "PARAMETERS", "LONGEST",
						"MAY ASK", "APPROVAL",   "SUMMARY",
						NULL };
	scoped(table_done) struct table table = table_new(headings);
	json_auto_t *reply = NULL;
	json_t *profile;
	size_t i;
	int r = call_agent("Profiles", json_object(), CALL_SECONDS, &reply, error);

	if (r < 0)
		return r;
	if (options->json)
		return output_json(json_incref(reply), error);
	json_array_foreach(json_object_get(reply, "profiles"), i, profile)
	{
		add_row(&table, profile);
	}
	table_print(&table, stdout);
	if (table.rows == 0)
		puts("the broker has no profile");
	return 0;
}
