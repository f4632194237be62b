/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "client/aws-config.h"
#include "client/aws-file.h"
#include "client/call.h"
#include "client/commands.h"
#include "client/output.h"
#include "protocol/address.h"

const struct option_rule options_configure[] = {
	{ "name", "AWS_PROFILE", "the name in the AWS config; else the profile's own" },
	{ "region", "REGION",
	  "the region; else that of the profile's account, if known" },
	{ "file", "FILE", "the file; else $AWS_CONFIG_FILE or ~/.aws/config" },
	{ "remove", NULL, "take out what configure put in" },
	{ NULL, NULL, NULL },
};

struct plan {
	const char *profile;
	const char *name;
	char *file;
	json_t *region; /* a string, or NULL */
	bool region_is_asked;
	struct buffer process;
};

static void plan_done(struct plan *plan)
{
	free(plan->file);
	json_decref(plan->region);
	buffer_done(&plan->process);
}

static const json_t *find_profile(const json_t *list, const char *key, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		if (strcmp(member_text(item, key), name) == 0)
			return item;
	}
	return NULL;
}

/* What can stand in a config line as it is. */
static int check_name(const char *what, const char *name, struct error *error)
{
	if (text_is_name(name))
		return 0;
	return error_set(error, ERROR_USAGE, "'%s' is no %s", TEXT_ESCAPED(name), what);
}

/* The broker says it: what is more than a name could be lines of the config. */
static int take_region(struct plan *plan, const json_t *from, struct error *error)
{
	json_t *region = json_object_get(from, "region");

	if (plan->region || !json_string_length(region))
		return 0;
	if (check_name("region", json_string_value(region), error) < 0) {
		error->kind = ERROR_INTERNAL;
		error_next(error, "jitctl configure %s --region REGION", plan->profile);
		return -EBADMSG;
	}
	plan->region = json_incref(region);
	return 0;
}

/*
 * The region of the account, if the agent knows it from a session or from the
 * broker.  Without an agent the rest of the work can be done all the same.
 */
static int ask_agent(struct plan *plan, struct error *error)
{
	json_auto_t *status = NULL, *known = NULL;
	const json_t *session, *profile;
	int r;

	if (call_agent("Status", json_object(), CALL_SECONDS, &status, NULL) < 0)
		return 0;
	session = find_profile(json_object_get(status, "sessions"), "profile",
			       plan->profile);
	if (session)
		return take_region(plan, session, error);
	if (call_agent("Profiles", json_object(), CALL_SECONDS, &known, NULL) < 0)
		return 0;
	profile = find_profile(json_object_get(known, "profiles"), "name", plan->profile);
	if (profile)
		return take_region(plan, profile, error);
	r = error_set(error, ERROR_NOT_FOUND, "there is no profile %s", plan->profile);
	error_next(error, "jitctl profiles");
	return r;
}

/* The helper is installed next to jitctl. */
static int find_helper(struct plan *plan, struct error *error)
{
	char self[PATH_MAX], helper[PATH_MAX + 32];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (length < 0)
		return error_set(error, ERROR_INTERNAL, "/proc/self/exe: %s",
				 strerror(errno));
	self[length] = '\0';
	snprintf(helper, sizeof(helper), "%s/jit-credentials", dirname(self));
	if (access(helper, X_OK) < 0)
		return error_set(error, ERROR_NOT_FOUND, "%s: %s", TEXT_ESCAPED(helper),
				 strerror(errno));
	return aws_process_value(helper, plan->profile, &plan->process, error);
}

static int make_plan(const struct options *options, struct plan *plan,
		     struct error *error)
{
	const char *region = option_value(options, "region");
	const char *file = option_value(options, "file");
	int r;

	plan->profile = options->arguments[0];
	plan->name = option_value(options, "name");
	plan->name = plan->name ? plan->name : plan->profile;
	plan->region_is_asked = region;
	plan->region = region ? json_string(region) : NULL;
	plan->file = file ? strdup(file) : NULL;
	r = check_name("profile's name", plan->profile, error);
	if (r == 0)
		r = check_name("AWS profile's name", plan->name, error);
	if (r == 0 && region)
		r = check_name("region", region, error);
	if (r == 0 && !plan->file)
		r = address_of_aws_config(&plan->file, error);
	if (r == 0 && (!*plan->file || (options->json && !text_is_utf8(plan->file))))
		r = error_set(error, ERROR_USAGE, "'%s' is no file that %s",
			      TEXT_ESCAPED(plan->file),
			      *plan->file ? "JSON can name" : "can be written");
	return r;
}

static int edit(const struct plan *plan, bool removes, const struct buffer *before,
		struct buffer *after, struct error *error)
{
	const char *text = before->used ? before->bytes : "";
	const struct aws_profile profile = {
		.name = plan->name,
		.process = plan->process.bytes,
		.region = json_string_value(plan->region),
		.region_is_asked = plan->region_is_asked,
	};

	if (removes)
		return aws_config_remove(text, before->used, plan->name, after, error);
	return aws_config_add(text, before->used, &profile, after, error);
}

/* The pure part knows no file, so its name is put before the words here. */
static int name_file(const char *path, int r, struct error *error)
{
	struct error reason = *error;

	(void)error_set(error, reason.kind, "%s: %s", TEXT_ESCAPED(path),
			TEXT_ESCAPED(reason.text));
	if (reason.kind == ERROR_FORBIDDEN)
		error_next(error, "jitctl configure PROFILE --name ANOTHER");
	return r;
}

static int change_file(const struct plan *plan, bool removes, struct error *error)
{
	scoped(buffer_done) struct buffer before = BUFFER_WITH_LIMIT(AWS_CONFIG_MAX);
	scoped(buffer_done) struct buffer after = BUFFER_WITH_LIMIT(AWS_CONFIG_MAX);
	scoped(closep) int lock = -1;
	int r;

	/* To take out of a file that is not there makes no directory for it. */
	if (!removes || access(plan->file, F_OK) == 0) {
		lock = aws_file_lock(plan->file, error);
		if (lock < 0)
			return lock;
	}
	r = aws_file_read(plan->file, &before, error);
	if (r < 0)
		return r;
	r = edit(plan, removes, &before, &after, error);
	if (r < 0)
		return name_file(plan->file, r, error);
	if (before.used == after.used && before.used > 0 &&
	    memcmp(before.bytes, after.bytes, before.used) == 0)
		return 0;
	return aws_file_write(plan->file, &after, error);
}

static bool is_where_aws_looks(const char *file)
{
	scoped(freep) char *usual = NULL;

	return address_of_aws_config(&usual, NULL) == 0 && strcmp(file, usual) == 0;
}

static int show(const struct options *options, const struct plan *plan,
		struct error *error)
{
	json_auto_t *notes = aws_file_rivals(plan->name);
	json_t *note;
	size_t i;

	if (options->json)
		return output_json(json_pack("{s:s, s:s, s:s, s:O?, s:O}", "file",
					     plan->file, "aws_profile", plan->name,
					     "credential_process", plan->process.bytes,
					     "region", plan->region, "warnings", notes),
				   error);
	printf("%s: profile %s; use it with: ", TEXT_ESCAPED(plan->file), plan->name);
	if (!is_where_aws_looks(plan->file))
		printf("AWS_CONFIG_FILE=%s ", TEXT_ESCAPED(plan->file));
	printf("aws --profile %s\n", plan->name);
	json_array_foreach(notes, i, note)
	{
		fprintf(stderr, "jitctl: warning: %s\n", json_string_value(note));
	}
	return 0;
}

static int show_removed(const struct options *options, const struct plan *plan,
			struct error *error)
{
	if (options->json)
		return output_json(
		    json_pack("{s:s, s:s}", "file", plan->file, "removed", plan->name),
		    error);
	printf("%s: profile %s is out again\n", TEXT_ESCAPED(plan->file), plan->name);
	return 0;
}

int command_configure(const struct options *options, struct error *error)
{
	scoped(plan_done) struct plan plan = { .process = BUFFER_WITH_LIMIT(PATH_MAX) };
	bool removes = option_value(options, "remove");
	int r = make_plan(options, &plan, error);

	if (r < 0)
		error_next(error, "jitctl configure --help");
	if (r == 0 && !removes)
		r = find_helper(&plan, error);
	if (r == 0 && !removes)
		r = ask_agent(&plan, error);
	if (r == 0)
		r = change_file(&plan, removes, error);
	if (r != 0)
		return r;
	return removes ? show_removed(options, &plan, error)
		       : show(options, &plan, error);
}
