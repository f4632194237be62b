/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/output.h"
#include "broker/commands.h"
#include "broker/ends-check.h"
#include "broker/settings.h"

static json_t *finding_json(const struct finding *finding, const char *path)
{
	return json_pack("{s:s, s:I, s:s, s:s*, s:s, s:s*}", "file", path, "line",
			 (json_int_t)finding->line, "level",
			 finding->is_error ? "error" : "warning", "profile",
			 finding->profile, "message", finding->message, "instead",
			 finding->instead);
}

static void print_finding(const struct finding *finding, const char *path)
{
	printf("%s:%u: %s: %s%s%s\n", path, finding->line,
	       finding->is_error ? "error" : "warning", finding->message,
	       finding->instead ? "; instead: " : "",
	       finding->instead ? finding->instead : "");
}

/* What a person corrects goes to stdout line by line; the verdict is the status. */
struct checking {
	bool json;
	json_t *list; /* of all findings; with --json */
	size_t errors;
};

static void tell(struct checking *checking, const struct findings *findings,
		 const char *path)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		checking->errors += finding->is_error;
		if (checking->json)
			json_array_append_new(checking->list,
					      finding_json(finding, path));
		else
			print_finding(finding, path);
	}
	/* Those past FINDINGS_MAX are not in the list. */
	if (findings_have_error(findings) && checking->errors == 0)
		checking->errors = 1;
}

/* A file that broker.conf names, which serve will want. */
static int check_file(const struct settings *settings, const char *key, const char *name,
		      struct findings *findings)
{
	scoped(freep) char *path = settings_path(settings, name);
	scoped(freep) char *conf = path_join(settings->directory, SETTINGS_FILE, "");

	if (!path || !conf)
		return -ENOMEM;
	if (!name[0] || access(path, R_OK) == 0)
		return 0;
	return findings_add(findings, true, (unsigned int)config_line(conf, key), NULL,
			    NULL, "cannot read %s: %s", path, strerror(errno));
}

static int check_settings(struct checking *checking, const char *directory,
			  struct settings *settings, struct error *error)
{
	scoped(findings_done) struct findings findings = { .count = 0 };
	scoped(freep) char *path = path_join(directory, SETTINGS_FILE, "");
	int r = settings_check(directory, settings, &findings, error);

	if (r < 0)
		return r;
	if (!path ||
	    check_file(settings, "tls_certificate", settings->tls_certificate,
		       &findings) < 0 ||
	    check_file(settings, "tls_key", settings->tls_key, &findings) < 0)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	findings_sort(&findings);
	tell(checking, &findings, path);
	return 0;
}

static int check_keys(struct checking *checking, const struct settings *settings,
		      struct error *error)
{
	scoped(findings_done) struct findings findings = { .count = 0 };
	scoped(freep) char *path = settings_path(settings, KEYS_FILE);
	scoped(keys_freep) struct keys *keys = NULL;
	struct stat status;
	struct error why;

	if (!path)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	if (settings_open_keys(settings, &keys, &why) < 0)
		findings_add(&findings, true, 1, NULL, NULL, "%s", why.text);
	else if (stat(path, &status) == 0 && (status.st_mode & 077) != 0)
		findings_add(&findings, true, 1, NULL, "chmod 600",
			     "others can read the signing keys");
	tell(checking, &findings, path);
	return 0;
}

/* With iam = on AWS is asked; of_profiles is told of later, with the rest. */
static int check_ends(struct checking *checking, const struct settings *settings,
		      const struct profiles *profiles, struct findings *of_profiles,
		      struct error *error)
{
	scoped(findings_done) struct findings findings = { .count = 0 };
	scoped(freep) char *path = path_join(settings->directory, SETTINGS_FILE, "");
	int line = path ? config_line(path, "iam") : 0;
	struct error why = { .kind = ERROR_NONE };
	int r = ends_check(settings, profiles, of_profiles, &why);

	if (!path || (r < 0 && why.kind == ERROR_INTERNAL))
		return error_set(error, ERROR_INTERNAL, "out of memory");
	if (r < 0)
		findings_add(&findings, true, (unsigned int)line, NULL, NULL, "%s",
			     why.text);
	findings_sort(of_profiles);
	tell(checking, &findings, path);
	return 0;
}

static int check_profiles(struct checking *checking, const struct settings *settings,
			  struct error *error)
{
	scoped(findings_done) struct findings findings = { .count = 0 };
	scoped(profiles_unrefp) struct profiles *profiles = NULL;
	scoped(freep) char *path = settings_path(settings, settings->profiles);
	struct error why;
	int r = 0;

	if (!path)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	if (settings_load_profiles(settings, &profiles, &findings, &why) < 0 &&
	    !findings_have_error(&findings))
		findings_add(&findings, true, 1, NULL, NULL, "%s", why.text);
	if (profiles)
		r = check_ends(checking, settings, profiles, &findings, error);
	tell(checking, &findings, path);
	return r;
}

int command_check(const struct options *options, struct error *error)
{
	json_auto_t *list = json_array();
	struct checking checking = { .json = options->json, .list = list };
	const char *directory = options->arguments[0];
	struct settings settings;
	int r = check_settings(&checking, directory, &settings, error);

	if (r == 0)
		r = check_keys(&checking, &settings, error);
	if (r == 0)
		r = check_profiles(&checking, &settings, error);
	if (r == 0 && options->json)
		r = output_json(json_pack("{s:O}", "findings", list), error);
	if (r < 0)
		return r;
	if (checking.errors > 0)
		return error_set(error, ERROR_USAGE, "%s has %zu error%s", directory,
				 checking.errors, checking.errors == 1 ? "" : "s");
	if (!options->json)
		puts("ok");
	return 0;
}
