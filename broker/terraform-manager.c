/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/cleanup.h"
#include "broker/terraform-parts.h"

/*
 * Accounts where the broker is somebody else: the role that it becomes there
 * (manager), and what it needs at home to become it.  The manager's name in
 * Terraform begins as no profile's identifier does.
 */
#define MANAGER "_manager"

/* Stands for what only Terraform knows; no name can hold it. */
#define PRINCIPALS_MARK "\x1f_principals"

static int no_memory(struct error *error)
{
	return error_set(error, ERROR_INTERNAL, "out of memory");
}

const char *terraform_manager_name(const struct account *account)
{
	const char *slash = account->manager ? strrchr(account->manager, '/') : NULL;

	return slash ? slash + 1 : account->manager;
}

static bool have_same_manager(const struct account *one, const struct account *other)
{
	return strcmp(one->id, other->id) == 0 && other->manager &&
	       strcasecmp(terraform_manager_name(one), terraform_manager_name(other)) ==
		   0;
}

bool terraform_makes_manager(const struct terraform_plan *plan,
			     const struct terraform_account *account)
{
	const struct terraform_account *first = plan->accounts;

	if (!account->account->manager)
		return false;
	while (!have_same_manager(account->account, first->account))
		first++;
	return first == account;
}

/* "/path/" of an ARN with one; caller frees.  NULL: no memory. */
static char *path_of(const struct account *account)
{
	const char *role = strstr(account->manager, ":role/");
	const char *name = terraform_manager_name(account);

	return role ? strndup(role + 5, (size_t)(name - role) - 5) : strdup("/");
}

static int write_trust(struct hcl *hcl, struct error *error)
{
	static const struct hcl_reference references[] = {
		{ PRINCIPALS_MARK, "var.broker_principals" },
		{ NULL, NULL },
	};
	json_auto_t *json = json_pack("{s:s, s:[{s:s, s:{s:s}, s:s}]}", "Version",
				      "2012-10-17", "Statement", "Effect", "Allow",
				      "Principal", "AWS", PRINCIPALS_MARK, "Action",
				      "sts:AssumeRole");

	if (!json)
		return no_memory(error);
	hcl_json(hcl, "assume_role_policy", json, references);
	return 0;
}

int terraform_account_manager(struct hcl *hcl, const struct terraform_plan *plan,
			      const struct terraform_account *account,
			      struct error *error)
{
	scoped(freep) char *path = path_of(account->account);
	int r;

	(void)plan;
	if (!path)
		return no_memory(error);
	hcl_comment(hcl, "Who the broker is in this account, where it runs in another.");
	hcl_block(hcl, "resource", "aws_iam_role", MANAGER);
	hcl_expression(hcl, "count", "length(var.broker_principals) > 0 ? 1 : 0");
	hcl_string(hcl, "name", terraform_manager_name(account->account));
	hcl_string(hcl, "path", path);
	hcl_string(hcl, "description", "jit-broker becomes it to write to IAM here");
	hcl_expression(hcl, "tags", "var.tags");
	hcl_blank(hcl);
	r = write_trust(hcl, error);
	hcl_end(hcl);
	return r;
}

static int add_manager(json_t *list, const struct account *account)
{
	const struct place place = { account->region, account->id };
	scoped(freep) char *arn = strncmp(account->manager, "arn:", 4) == 0
				      ? strdup(account->manager)
				      : policy_role_arn(&place, account->manager);

	return arn ? json_array_append_new(list, json_string(arn)) : -1;
}

/* The managers of the other accounts; an empty list in an account that has one. */
json_t *terraform_managers(const struct terraform_plan *plan,
			   const struct terraform_account *account)
{
	json_t *list = json_array();

	for (size_t i = 0; list && !account->account->manager && i < plan->count; i++)
		if (terraform_makes_manager(plan, &plan->accounts[i]) &&
		    add_manager(list, plan->accounts[i].account) < 0) {
			json_decref(list);
			return NULL;
		}
	return list;
}
