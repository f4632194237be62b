/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/output.h"
#include "broker/commands.h"
#include "broker/listen.h"
#include "broker/settings.h"
#include "broker/terraform.h"

/* AWS fetches the keys over https:// alone, and not from here: then it is not known. */
static const char *issuer_of(const struct settings *settings)
{
	bool is_reachable = strncmp(settings->url, "https://", 8) == 0 &&
			    !listen_url_is_loopback(settings->url);

	return is_reachable ? settings->url : NULL;
}

static int make_files(const struct settings *settings, struct terraform *files,
		      struct error *error)
{
	scoped(findings_done) struct findings findings = { .count = 0 };
	scoped(profiles_unrefp) struct profiles *profiles = NULL;
	int r = settings_load_profiles(settings, &profiles, &findings, error);

	return r < 0 ? r : terraform_make(profiles, issuer_of(settings), files, error);
}

static int print(const struct options *options, const struct settings *settings,
		 const struct terraform_saved *saved, struct error *error)
{
	const char *directory = options->arguments[1];
	const char *issuer = issuer_of(settings);

	if (options->json)
		return output_json(json_pack("{s:s, s:s?, s:I, s:I, s:I}", "directory",
					     directory, "issuer", issuer, "written",
					     (json_int_t)saved->written, "unchanged",
					     (json_int_t)saved->unchanged, "removed",
					     (json_int_t)saved->removed),
				   error);
	printf("%s: %zu files written, %zu unchanged, %zu removed\n", directory,
	       saved->written, saved->unchanged, saved->removed);
	if (!issuer)
		printf("%s/%s has no url that AWS could fetch, so Terraform will "
		       "ask for it as 'issuer'\n",
		       settings->directory, SETTINGS_FILE);
	return 0;
}

int command_terraform(const struct options *options, struct error *error)
{
	struct terraform files = { NULL, 0 };
	struct terraform_saved saved = { 0 };
	struct settings settings;
	int r = settings_read(options->arguments[0], &settings, error);

	umask(022); /* no secret in it, and it is there to be reviewed */
	if (r == 0)
		r = make_files(&settings, &files, error);
	if (r == 0)
		r = terraform_save(&files, options->arguments[1], &saved, error);
	terraform_done(&files);
	return r < 0 ? r : print(options, &settings, &saved, error);
}
