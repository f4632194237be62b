/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "aws/iam-call.h"
#include "aws/iam.h"
#include "base/clock.h"

/*
 * Each comes with its trust policy, 2,048 characters that percent-encoding can
 * treble: IAM's own 100 may be more than HTTP_ANSWER_MAX.
 */
#define ROLES_OF_A_PAGE "40"

static int copy(char *out, size_t size, const char *text)
{
	size_t length = strlen(text);

	if (length >= size)
		return -EMSGSIZE;
	memcpy(out, text, length + 1);
	return 0;
}

/* "ListRolesResponse/ListRolesResult/Roles/member/Arn" -> "Arn" of "member". */
static const char *name_within(const char *path, const char *element)
{
	const char *name = strrchr(path, '/');
	size_t length = strlen(element);

	if (!name || (size_t)(name - path) < length ||
	    strncmp(name - length, element, length) != 0)
		return NULL;
	return name + 1;
}

static int take_created(struct iam_role *role, const char *text)
{
	return time_parse(text, &role->created_at_seconds);
}

static int take_longest(struct iam_role *role, const char *text)
{
	char *end;

	role->longest_session_seconds = strtoll(text, &end, 10);
	return *end || role->longest_session_seconds < 0 ||
		       role->longest_session_seconds > INT32_MAX
		   ? -EINVAL
		   : 0;
}

#define TEXT_MEMBER(member) \
	NULL, offsetof(struct iam_role, member), sizeof(((struct iam_role *)NULL)->member)

/* clang-format off */
static const struct {
	const char *name;
	int (*take)(struct iam_role *role, const char *text); /* or a text, at: */
	size_t offset;
	size_t size;
} role_members[] = {
	{ "RoleName",               TEXT_MEMBER(name) },
	{ "Path",                   TEXT_MEMBER(path) },
	{ "Arn",                    TEXT_MEMBER(arn) },
	{ "PermissionsBoundaryArn", TEXT_MEMBER(permissions_boundary) },
	{ "CreateDate",             take_created, 0, 0 },
	{ "MaxSessionDuration",     take_longest, 0, 0 },
};
/* clang-format on */

static int take_role_member(struct iam_role *role, const char *name, const char *text)
{
	for (size_t i = 0; i < sizeof(role_members) / sizeof(*role_members); i++) {
		if (strcmp(role_members[i].name, name) != 0)
			continue;
		if (role_members[i].take)
			return role_members[i].take(role, text);
		return copy((char *)role + role_members[i].offset, role_members[i].size,
			    text);
	}
	return 0;
}

struct role_reading {
	struct iam_role role;
	iam_role_fn *on_role;
	void *data;
};

static int on_get_role(void *data, const char *path, const char *text)
{
	const char *name = name_within(path, "GetRoleResult/Role");

	if (!name)
		name = name_within(path, "Role/PermissionsBoundary");
	return name ? take_role_member(data, name, text) : 0;
}

int iam_get_role(struct iam *iam, const char *name, struct iam_role *role,
		 struct error *error)
{
	const struct iam_parameter parameters[] = { { "RoleName", name },
						    { NULL, NULL } };
	struct iam_role found = { .name = "" };
	int r = iam_call_action(iam, "GetRole", parameters, on_get_role, &found, error);

	if (r == 0 && !found.arn[0])
		return error_set(error, ERROR_UNREACHABLE,
				 "the answer of IAM describes no role");
	if (r == 0)
		*role = found;
	return r;
}

static int on_listed_role(void *data, const char *path, const char *text)
{
	struct role_reading *reading = data;
	const char *name = name_within(path, "Roles/member");
	int r;

	if (name)
		return take_role_member(&reading->role, name, text);
	if (!xml_path_ends(path, "Roles/member"))
		return 0;
	r = reading->on_role(reading->data, &reading->role);
	reading->role = (struct iam_role){ .name = "" };
	return r;
}

int iam_list_roles(struct iam *iam, const char *path_prefix, iam_role_fn *on_role,
		   void *data, struct error *error)
{
	const struct iam_parameter parameters[] = { { "PathPrefix", path_prefix },
						    { "MaxItems", ROLES_OF_A_PAGE },
						    { NULL, NULL } };
	struct role_reading reading = { .on_role = on_role, .data = data };

	return iam_call_pages(iam, "ListRoles", parameters, on_listed_role, &reading,
			      error);
}

struct tag_reading {
	char key[IAM_NAME_SIZE];
	char value[257];
	iam_tag_fn *on_tag;
	void *data;
};

static int on_listed_tag(void *data, const char *path, const char *text)
{
	struct tag_reading *reading = data;
	const struct iam_tag tag = { reading->key, reading->value };

	if (xml_path_ends(path, "Tags/member/Key"))
		return copy(reading->key, sizeof(reading->key), text);
	if (xml_path_ends(path, "Tags/member/Value"))
		return copy(reading->value, sizeof(reading->value), text);
	return xml_path_ends(path, "Tags/member") ? reading->on_tag(reading->data, &tag)
						  : 0;
}

int iam_list_role_tags(struct iam *iam, const char *role, iam_tag_fn *on_tag, void *data,
		       struct error *error)
{
	const struct iam_parameter parameters[] = { { "RoleName", role },
						    { NULL, NULL } };
	struct tag_reading reading = { .on_tag = on_tag, .data = data };

	return iam_call_pages(iam, "ListRoleTags", parameters, on_listed_tag, &reading,
			      error);
}

struct name_reading {
	iam_name_fn *on_name;
	void *data;
};

static int on_listed_policy(void *data, const char *path, const char *text)
{
	const struct name_reading *reading = data;

	return xml_path_ends(path, "PolicyNames/member")
		   ? reading->on_name(reading->data, text)
		   : 0;
}

int iam_list_role_policies(struct iam *iam, const char *role, iam_name_fn *on_name,
			   void *data, struct error *error)
{
	const struct iam_parameter parameters[] = { { "RoleName", role },
						    { NULL, NULL } };
	struct name_reading reading = { on_name, data };

	return iam_call_pages(iam, "ListRolePolicies", parameters, on_listed_policy,
			      &reading, error);
}
