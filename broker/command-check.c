/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/output.h"
#include "broker/commands.h"
#include "broker/settings.h"

static json_t *finding_json(const struct finding *finding, const char *path)
{
	return json_pack("{s:s, s:I, s:s, s:s*, s:s, s:s*}", "file", path, "line",
			 (json_int_t)finding->line, "level",
			 finding->is_error ? "error" : "warning", "profile",
			 finding->profile, "message", finding->message, "instead",
			 finding->instead);
}

static int print_json(const struct findings *findings, const char *path,
		      struct error *error)
{
	json_auto_t *list = json_array();

	for (size_t i = 0; i < findings->count; i++)
		json_array_append_new(list, finding_json(&findings->list[i], path));
	return output_json(json_pack("{s:O}", "findings", list), error);
}

static void print_finding(const struct finding *finding, const char *path)
{
	printf("%s:%u: %s: %s%s%s\n", path, finding->line,
	       finding->is_error ? "error" : "warning", finding->message,
	       finding->instead ? "; instead: " : "",
	       finding->instead ? finding->instead : "");
}

static size_t count_errors(const struct findings *findings)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += findings->list[i].is_error;
	return count;
}

/* What a person corrects goes to stdout line by line; the verdict is the status. */
static int check_profiles(const struct options *options, const struct settings *settings,
			  struct error *error)
{
	scoped(findings_done) struct findings findings = { .count = 0 };
	scoped(profiles_unrefp) struct profiles *profiles = NULL;
	scoped(freep) char *path = settings_path(settings, settings->profiles);
	int r = settings_load_profiles(settings, &profiles, &findings, error);
	size_t errors = count_errors(&findings);
	int printed = 0;

	if (!path)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	if (options->json)
		printed = print_json(&findings, path, error);
	else
		for (size_t i = 0; i < findings.count; i++)
			print_finding(&findings.list[i], path);
	if (r < 0 && errors > 0)
		return error_set(error, ERROR_USAGE, "%s has %zu error%s", path, errors,
				 errors == 1 ? "" : "s");
	return r < 0 ? r : printed;
}

int command_check(const struct options *options, struct error *error)
{
	scoped(keys_freep) struct keys *keys = NULL;
	struct settings settings;
	int r = settings_read(options->arguments[0], &settings, error);

	if (r == 0)
		r = settings_open_keys(&settings, &keys, error);
	if (r == 0)
		r = check_profiles(options, &settings, error);
	if (r == 0 && !options->json)
		puts("ok");
	return r;
}
