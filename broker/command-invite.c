/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/output.h"
#include "base/text.h"
#include "broker/approvals-rules.h"
#include "broker/codes.h"
#include "broker/commands.h"
#include "broker/settings.h"

struct inviting {
	const char *user;
	char code[CODE_TEXT_SIZE];
};

static int invite(struct transaction *transaction, void *data, struct error *error)
{
	struct audit_origin origin = { .address = NULL };
	struct inviting *inviting = data;

	return codes_make(transaction, &origin, inviting->user,
			  clock_wall_seconds(&clock_system), inviting->code, error);
}

static int find_person(const struct settings *settings, const char *name, char **user,
		       struct error *error)
{
	scoped(findings_done) struct findings findings = { .count = 0 };
	scoped(profiles_unrefp) struct profiles *profiles = NULL;
	const struct person *person;
	int r = settings_load_profiles(settings, &profiles, &findings, error);

	if (r < 0)
		return r;
	person = profiles_person(profiles, name);
	if (!person)
		return error_set(error, ERROR_NOT_FOUND, "%s is not among `people` in %s",
				 TEXT_ESCAPED(name), settings->profiles);
	*user = name_lower(person->name);
	return *user ? 0 : error_set(error, ERROR_INTERNAL, "out of memory");
}

int command_invite(const struct options *options, struct error *error)
{
	scoped(store_freep) struct store *store = NULL;
	scoped(freep) char *user = NULL;
	struct settings settings;
	struct inviting inviting = { .code = "" };
	int r = settings_read(options->arguments[0], &settings, error);

	if (r == 0)
		r = find_person(&settings, options->arguments[1], &user, error);
	if (r == 0)
		r = settings_open_store(&settings, &store, error);
	inviting.user = user;
	if (r == 0)
		r = store_write(store, invite, &inviting, error);
	if (r < 0)
		return r;
	if (options->json)
		return output_json(json_pack("{s:s, s:s, s:i}", "user", user, "code",
					     inviting.code, "expires_in_seconds",
					     CODE_LIFETIME_SECONDS),
				   error);
	printf("%s\n", inviting.code);
	fflush(stdout); /* before what is said of it, wherever both go */
	fprintf(stderr, "for %s, good for 10 minutes and once\n", user);
	return 0;
}
