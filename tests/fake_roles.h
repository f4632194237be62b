/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAKE_ROLES_H
#define TESTS_FAKE_ROLES_H

#include "tests/fake_limits.h"

/*
 * The calls of fake_iam.h that make and destroy roles; a role that nobody made is there
 * all the same for all the others.
 */
static int fake_create(struct fake_iam *fake, struct fake_role *role, const char *body,
		       char *out, size_t size)
{
	char name[48];

	fake->made++;
	if (role->is_made)
		return fake_refuse(out, size, 409, "EntityAlreadyExists");
	role->is_made = true;
	fake_form_value(body, "Path", role->path, sizeof(role->path));
	for (int i = 0; i < 8; i++) {
		snprintf(name, sizeof(name), "Tags.member.%d.Key", i + 1);
		fake_form_value(body, name, role->tags[i][0], sizeof(role->tags[i][0]));
		snprintf(name, sizeof(name), "Tags.member.%d.Value", i + 1);
		fake_form_value(body, name, role->tags[i][1], sizeof(role->tags[i][1]));
	}
	return 200;
}

static int fake_destroy(struct fake_iam *fake, struct fake_role *role, char *out,
			size_t size)
{
	fake->destroyed++;
	if (!role->is_made)
		return fake_refuse(out, size, 404, "NoSuchEntity");
	if (role->document[0])
		return fake_refuse(out, size, 409, "DeleteConflict");
	role->is_made = false;
	return 200;
}

static int fake_tags(const struct fake_role *role, char *out, size_t size)
{
	size_t used = 0;

	if (!role->is_made)
		return fake_refuse(out, size, 404, "NoSuchEntity");
	used += (size_t)snprintf(out, size, "<r><ListRoleTagsResult><Tags>");
	for (int i = 0; i < 8 && role->tags[i][0][0]; i++)
		used += (size_t)snprintf(
		    out + used, size - used,
		    "<member><Key>%s</Key><Value>%s</Value></member>", role->tags[i][0],
		    role->tags[i][1]);
	snprintf(out + used, size - used,
		 "</Tags><IsTruncated>false</IsTruncated></ListRoleTagsResult></r>");
	return 200;
}

static int fake_list(const struct fake_iam *fake, char *out, size_t size)
{
	size_t used = (size_t)snprintf(out, size, "<r><ListRolesResult><Roles>");

	for (int i = 0; i < FAKE_ROLES; i++)
		if (fake->roles[i].is_made)
			used += (size_t)snprintf(
			    out + used, size - used,
			    "<member><RoleName>%s</RoleName></member>",
			    fake->roles[i].name);
	snprintf(out + used, size - used,
		 "</Roles><IsTruncated>false</IsTruncated></ListRolesResult></r>");
	return 200;
}

static int fake_probe(struct fake_iam *fake, const char *body, char *out, size_t size)
{
	fake->probes++;
	if (fake->not_yet > 0) {
		fake->not_yet--;
		return fake_refuse(out, size, 403, "AccessDenied");
	}
	return fake_assume(fake, body, out, size);
}

/* The status; 0 for an action of others. */
static int fake_roles_do(struct fake_iam *fake, const char *action,
			 struct fake_role *role, const char *body, char *out, size_t size)
{
	snprintf(out, size, "<r/>");
	if (strcmp(action, "CreateRole") == 0)
		return fake_create(fake, role, body, out, size);
	if (strcmp(action, "DeleteRole") == 0)
		return fake_destroy(fake, role, out, size);
	if (strcmp(action, "ListRoleTags") == 0)
		return fake_tags(role, out, size);
	if (strcmp(action, "ListRoles") == 0)
		return fake_list(fake, out, size);
	if (strcmp(action, "AssumeRoleWithWebIdentity") == 0)
		return fake_probe(fake, body, out, size);
	return 0;
}

#endif
