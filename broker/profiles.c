/* SPDX-License-Identifier: MIT */
#include "broker/profiles.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"
#include "broker/profiles-matcher.h"
#include "broker/profiles-reading.h"
#include "policy/scope.h"

void *reading_keep(struct reading *reading, size_t size)
{
	struct profiles *profiles = reading->profiles;
	void *block;

	if (profiles->kept_count == profiles->kept_room) {
		size_t room = profiles->kept_room ? profiles->kept_room * 2 : 256;
		void **list = reallocarray(profiles->kept, room, sizeof(*list));

		if (!list) {
			reading->r = -ENOMEM;
			return NULL;
		}
		profiles->kept = list;
		profiles->kept_room = room;
	}
	block = calloc(1, size);
	if (block)
		profiles->kept[profiles->kept_count++] = block;
	else
		reading->r = -ENOMEM;
	return block;
}

static void profiles_free(struct profiles *profiles)
{
	const struct profile *profile;
	struct matcher *matcher;

	for (size_t i = 0; (profile = index_at(&profiles->profiles, i)); i++)
		scope_free(profile->access);
	for (size_t i = 0; (matcher = index_at(&profiles->matchers, i)); i++)
		matcher_free(matcher);
	for (size_t i = 0; i < profiles->rule_count; i++)
		hours_free(profiles->all_rules[i]->hours);
	for (size_t i = 0; i < profiles->kept_count; i++)
		free(profiles->kept[i]);
	index_done(&profiles->people);
	index_done(&profiles->groups);
	index_done(&profiles->accounts);
	index_done(&profiles->rules);
	index_done(&profiles->customers);
	index_done(&profiles->profiles);
	index_done(&profiles->matchers);
	free(profiles->all_rules);
	free(profiles->kept);
	free(profiles);
}

struct profiles *profiles_ref(struct profiles *profiles)
{
	atomic_fetch_add_explicit(&profiles->references, 1, memory_order_relaxed);
	return profiles;
}

void profiles_unref(struct profiles *profiles)
{
	if (profiles && atomic_fetch_sub_explicit(&profiles->references, 1,
						  memory_order_acq_rel) == 1)
		profiles_free(profiles);
}

static void read_version(struct reading *reading, struct fy_node *value, void *target)
{
	const char *version = yaml_word(reading, value, "the version");

	(void)target;
	if (version && strcmp(version, "1") != 0)
		yaml_error(
		    reading, value, "1",
		    "this is written in version '%s' of the language; version 1 is "
		    "known",
		    TEXT_ESCAPED(version));
}

static void read_tree(struct reading *reading, struct fy_node *root)
{
	static const struct yaml_key sections[] = {
		{ "version", true, read_version, 0 },
		{ "accounts", true, reading_accounts, 0 },
		{ "people", true, reading_people, 0 },
		{ "roles", true, reading_roles, 0 },
		{ "approvals", false, reading_approvals, 0 },
		{ "customers", false, reading_customers, 0 },
		{ "profiles", true, reading_profiles, 0 },
		{ 0 },
	};

	yaml_read_mapping(reading, root, "the file", sections, reading->profiles);
	reading_join_people(reading);
	reading_check(reading);
}

static int read_bytes(struct reading *reading, const struct buffer *buffer)
{
	struct fy_document *document = NULL;
	int r = yaml_parse(buffer->bytes, buffer->used, &document, reading);

	if (r < 0)
		return r;
	read_tree(reading, fy_document_root(document));
	fy_document_destroy(document);
	if (reading->r < 0)
		return reading->r;
	return findings_have_error(reading->findings) ? -EINVAL : 0;
}

/* Returns an error for a person: the first one found, and how many more. */
static int tell(const char *path, const struct findings *findings, struct error *error)
{
	const struct finding *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		if (findings->list[i].is_error && count++ == 0)
			first = &findings->list[i];
	if (!first)
		return error_set(error, ERROR_USAGE, "%s has errors", path);
	return error_set(error, ERROR_USAGE, "%s:%u: %s", path, first->line,
			 first->message);
}

static int refuse_file(const char *path, int r, struct error *error)
{
	if (r == -EMSGSIZE)
		return error_set(error, ERROR_LIMIT, "%s is larger than 1 MiB", path);
	return error_set(error, ERROR_USAGE, "cannot read %s: %s", path, strerror(-r));
}

int profiles_load(const char *path, struct profiles **profiles, struct findings *findings,
		  struct error *error)
{
	scoped(buffer_done) struct buffer buffer = BUFFER_WITH_LIMIT(YAML_FILE_MAX);
	scoped(profiles_unrefp) struct profiles *new = NULL;
	struct reading reading = { .findings = findings };
	int r = file_read(path, &buffer);

	if (r < 0)
		return refuse_file(path, r, error);
	new = calloc(1, sizeof(*new));
	if (!new)
		return error_set(error, ERROR_INTERNAL, "no memory for %s", path);
	atomic_init(&new->references, 1);
	new->people.ignores_case = true;
	reading.profiles = new;
	r = read_bytes(&reading, &buffer);
	findings_sort(findings);
	if (r == -ENOMEM)
		return error_set(error, ERROR_INTERNAL, "no memory for %s", path);
	if (r < 0)
		return tell(path, findings, error);
	*profiles = take(new);
	return 0;
}

const struct person *profiles_person(const struct profiles *profiles, const char *name)
{
	return index_find(&profiles->people, name);
}

const struct profile *profiles_profile(const struct profiles *profiles, const char *name)
{
	return index_find(&profiles->profiles, name);
}

const struct group *profiles_group(const struct profiles *profiles, const char *name)
{
	return index_find(&profiles->groups, name);
}

const struct person *profiles_person_at(const struct profiles *profiles, size_t i)
{
	return index_at(&profiles->people, i);
}

const struct profile *profiles_profile_at(const struct profiles *profiles, size_t i)
{
	return index_at(&profiles->profiles, i);
}

bool person_is_in(const struct person *person, const char *group)
{
	for (char **name = person->groups; name && *name; name++)
		if (strcmp(*name, group) == 0)
			return true;
	return false;
}

bool person_may(const struct person *person, enum capability capability)
{
	return (person->capabilities & (unsigned int)capability) != 0;
}

bool profile_may_be_asked_by(const struct profile *profile, const struct person *person)
{
	if (!person_may(person, CAPABILITY_ASK))
		return false;
	for (char **group = profile->who; group && *group; group++)
		if (person_is_in(person, *group))
			return true;
	return false;
}

const struct account *profiles_account_at(const struct profiles *profiles, size_t i)
{
	return index_at(&profiles->accounts, i);
}
