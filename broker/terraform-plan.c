/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "broker/terraform-parts.h"

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct profile *const *)a)->name,
		      (*(const struct profile *const *)b)->name);
}

static int by_account(const void *a, const void *b)
{
	return strcmp(((const struct terraform_account *)a)->account->name,
		      ((const struct terraform_account *)b)->account->name);
}

static struct terraform_account *account_of(struct terraform_plan *plan,
					    const struct account *account)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->accounts[i].account == account)
			return &plan->accounts[i];
	return NULL;
}

static struct terraform_account *add_account(struct terraform_plan *plan,
					     const struct account *account)
{
	struct terraform_account *found = account_of(plan, account), *list;

	if (found)
		return found;
	list = reallocarray(plan->accounts, plan->count + 1, sizeof(*list));
	if (!list)
		return NULL;
	plan->accounts = list;
	found = &list[plan->count++];
	*found = (struct terraform_account){ .account = account,
					     .place = { account->region, account->id } };
	hcl_identifier(account->name, found->identifier);
	found->profiles = calloc(plan->profile_count, sizeof(struct profile *));
	return found->profiles ? found : NULL;
}

void terraform_plan_done(struct terraform_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		free(plan->accounts[i].profiles);
		words_done(&plan->accounts[i].endpoints);
	}
	free(plan->accounts);
	free(plan->profiles);
}

static int plan_profiles(struct terraform_plan *plan, const struct profiles *profiles)
{
	while (profiles_profile_at(profiles, plan->profile_count))
		plan->profile_count++;
	plan->profiles = calloc(plan->profile_count + 1, sizeof(struct profile *));
	if (!plan->profiles)
		return -ENOMEM;
	for (size_t i = 0; i < plan->profile_count; i++)
		plan->profiles[i] = profiles_profile_at(profiles, i);
	qsort(plan->profiles, plan->profile_count, sizeof(struct profile *), by_name);
	return 0;
}

/* One of AWS's accounts may stand under several names, each with its region. */
static const struct terraform_account *twin_of(const struct terraform_plan *plan,
					       const struct terraform_account *account)
{
	const struct terraform_account *first = plan->accounts;

	while (strcmp(first->account->id, account->account->id) != 0)
		first++;
	return first == account ? NULL : first;
}

static int plan_accounts(struct terraform_plan *plan)
{
	for (size_t i = 0; i < plan->profile_count; i++) {
		const struct profile *profile = plan->profiles[i];
		struct terraform_account *account = add_account(plan, profile->account);

		if (!account)
			return -ENOMEM;
		account->profiles[account->count++] = profile;
		if (scope_endpoints(profile->access, &account->endpoints) < 0)
			return -ENOMEM;
	}
	qsort(plan->accounts, plan->count, sizeof(*plan->accounts), by_account);
	for (size_t i = 0; i < plan->count; i++)
		plan->accounts[i].twin = twin_of(plan, &plan->accounts[i]);
	return 0;
}

bool terraform_has_roles(const struct terraform_account *account)
{
	for (size_t i = 0; i < account->count; i++)
		if (account->profiles[i]->role)
			return true;
	return false;
}

bool terraform_has_provision(const struct terraform_account *account)
{
	for (size_t i = 0; i < account->count; i++)
		if (account->profiles[i]->provision)
			return true;
	return false;
}

int terraform_plan(struct terraform_plan *plan, const struct profiles *profiles)
{
	int r = plan_profiles(plan, profiles);

	return r < 0 ? r : plan_accounts(plan);
}
