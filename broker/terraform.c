/* SPDX-License-Identifier: MIT */
#include "broker/terraform.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "broker/terraform-parts.h"

static int out_of_memory(struct error *error)
{
	return error_set(error, ERROR_INTERNAL, "out of memory");
}

json_t *terraform_document(char *text)
{
	json_t *json = text ? json_loads(text, 0, NULL) : NULL;

	json_text_free(text);
	return json;
}

/* Takes the text over. */
static int add_file(struct terraform *files, char *path, struct hcl *hcl)
{
	struct terraform_file *list = reallocarray(files->list, files->count + 1,
						   sizeof(*list));

	if (list)
		files->list = list;
	if (!list || !path || hcl->r < 0)
		return hcl->r < 0 ? hcl->r : -ENOMEM;
	list[files->count++] = (struct terraform_file){ path, hcl->out };
	hcl->out = (struct buffer)BUFFER_WITH_LIMIT(HCL_FILE_MAX);
	return 0;
}

static char *path_of(const struct terraform_account *account, const char *name)
{
	char *path;

	if (asprintf(&path, "%s%s%s.tf", account ? account->identifier : "",
		     account ? "/" : "", name) < 0)
		return NULL;
	return path;
}

static int finish(struct terraform *files, const struct terraform_account *account,
		  const char *name, struct hcl *hcl, struct error *error)
{
	scoped(freep) char *path = path_of(account, name);
	int r;

	hcl_finish(hcl);
	r = add_file(files, path, hcl);
	if (r == 0)
		path = NULL;
	hcl_done(hcl);
	if (r == -EMSGSIZE)
		return error_set(error, ERROR_LIMIT, "%s.tf would be too large", name);
	return r < 0 ? out_of_memory(error) : 0;
}

static void begin(struct hcl *hcl)
{
	hcl_comment(hcl, TERRAFORM_MARK + 2);
	hcl_blank(hcl);
}

static bool share_role(const struct profile *one, const struct profile *other)
{
	return one->role && other->role && strcasecmp(one->role, other->role) == 0 &&
	       strcmp(one->account->id, other->account->id) == 0;
}

/* A role has one trust policy, and what is on it goes to everyone who may become it. */
static int refuse_shared_roles(const struct terraform_plan *plan, struct error *error)
{
	for (size_t i = 0; i < plan->profile_count; i++)
		for (size_t j = i + 1; j < plan->profile_count; j++)
			if (share_role(plan->profiles[i], plan->profiles[j]))
				return error_set(
				    error, ERROR_USAGE,
				    "%s and %s share the role %s, so each would get "
				    "what the other may; give each a role of its own",
				    plan->profiles[i]->name, plan->profiles[j]->name,
				    plan->profiles[i]->role);
	return 0;
}

struct part {
	const char *name;
	terraform_fn *write;
};

static int make_parts(struct terraform *files, const struct terraform_plan *plan,
		      const struct terraform_account *account, const struct part *parts,
		      struct error *error)
{
	int r = 0;

	for (; r == 0 && parts->name; parts++) {
		struct hcl hcl = HCL_EMPTY;

		begin(&hcl);
		r = parts->write(&hcl, plan, account, error);
		if (r < 0)
			hcl_done(&hcl);
		else
			r = finish(files, account, parts->name, &hcl, error);
	}
	return r;
}

static int make_profile(struct terraform *files, const struct terraform_account *account,
			const struct profile *profile, struct error *error)
{
	char name[HCL_IDENTIFIER_SIZE + 16], identifier[HCL_IDENTIFIER_SIZE];
	struct hcl hcl = HCL_EMPTY;
	int r;

	snprintf(name, sizeof(name), "profile-%s",
		 hcl_identifier(profile->name, identifier));
	begin(&hcl);
	r = terraform_profile(&hcl, account, profile, error);
	if (r < 0) {
		hcl_done(&hcl);
		return r;
	}
	return finish(files, account, name, &hcl, error);
}

static int make_account(struct terraform *files, const struct terraform_plan *plan,
			const struct terraform_account *account, struct error *error)
{
	static const struct part parts[] = {
		{ "versions", terraform_versions },
		{ "variables", terraform_account_variables },
		{ "oidc", terraform_account_oidc },
		{ "broker", terraform_account_rights },
		{ "outputs", terraform_account_outputs },
		{ NULL, NULL },
	};
	static const struct part endpoints[] = {
		{ "endpoints", terraform_account_endpoints },
		{ NULL, NULL },
	};
	static const struct part manager[] = {
		{ "manager", terraform_account_manager },
		{ NULL, NULL },
	};
	int r = make_parts(files, plan, account, parts, error);

	if (r == 0 && terraform_makes_manager(plan, account))
		r = make_parts(files, plan, account, manager, error);
	if (r == 0 && account->endpoints.count > 0)
		r = make_parts(files, plan, account, endpoints, error);
	for (size_t i = 0; r == 0 && i < account->count; i++)
		if (account->profiles[i]->role)
			r = make_profile(files, account, account->profiles[i], error);
	return r;
}

static int make_all(struct terraform *files, const struct terraform_plan *plan,
		    struct error *error)
{
	static const struct part parts[] = {
		{ "versions", terraform_versions },
		{ "providers", terraform_root_providers },
		{ "variables", terraform_root_variables },
		{ "main", terraform_root_main },
		{ "outputs", terraform_root_outputs },
		{ NULL, NULL },
	};
	int r = refuse_shared_roles(plan, error);

	if (r == 0)
		r = make_parts(files, plan, NULL, parts, error);
	for (size_t i = 0; r == 0 && i < plan->count; i++)
		r = make_account(files, plan, &plan->accounts[i], error);
	return r;
}

int terraform_make(const struct profiles *profiles, const char *issuer,
		   struct terraform *files, struct error *error)
{
	struct terraform_plan plan = { .issuer = issuer };
	struct terraform made = { NULL, 0 };
	int r = terraform_plan(&plan, profiles);

	r = r < 0 ? out_of_memory(error) : make_all(&made, &plan, error);
	terraform_plan_done(&plan);
	if (r < 0)
		terraform_done(&made);
	else
		*files = made;
	return r;
}

void terraform_done(struct terraform *files)
{
	for (size_t i = 0; i < files->count; i++) {
		free(files->list[i].path);
		buffer_done(&files->list[i].text);
	}
	free(files->list);
	*files = (struct terraform){ NULL, 0 };
}
