/* SPDX-License-Identifier: MIT */
#ifndef BROKER_TERRAFORM_PARTS_H
#define BROKER_TERRAFORM_PARTS_H

#include "broker/terraform.h"
#include "policy/hcl.h"
#include "policy/policy.h"
#include "policy/scope.h"

/*
 * The parts of terraform_make(): what is in the profiles, sorted, and a
 * function for each file.
 */
struct terraform_account {
	const struct account *account;
	struct place place;
	char identifier[HCL_IDENTIFIER_SIZE];
	const struct profile **profiles; /* by name */
	size_t count;
	struct words endpoints;               /* that its profiles name, by name */
	const struct terraform_account *twin; /* the first with that id; NULL: itself */
};

struct terraform_plan {
	const char *issuer;
	const struct profile **profiles; /* of all accounts, by name */
	size_t profile_count;
	struct terraform_account *accounts; /* by name, with a profile each */
	size_t count;
};

/*
 * Fills an empty plan (but its issuer) with what lasts as long as profiles.
 * 0 or -ENOMEM; terraform_plan_done() either way.
 */
int terraform_plan(struct terraform_plan *plan, const struct profiles *profiles);
void terraform_plan_done(struct terraform_plan *plan);

/*
 * Each writes one file after its mark.  account is NULL in the root module.
 * 0, or error_set(); the writer's own failure stays in it.
 */
typedef int terraform_fn(struct hcl *hcl, const struct terraform_plan *plan,
			 const struct terraform_account *account, struct error *error);

terraform_fn terraform_versions;       /* both kinds of module */
terraform_fn terraform_root_providers; /* terraform-root.c */
terraform_fn terraform_root_variables;
terraform_fn terraform_root_main;
terraform_fn terraform_root_outputs;
terraform_fn terraform_account_variables; /* terraform-account.c */
terraform_fn terraform_account_oidc;
terraform_fn terraform_account_outputs;
terraform_fn terraform_account_rights;    /* terraform-rights.c */
terraform_fn terraform_account_endpoints; /* terraform-endpoints.c */
terraform_fn terraform_account_manager;   /* terraform-manager.c */

/* The name of the account's manager; NULL if it has none. */
const char *terraform_manager_name(const struct account *account);

/* Whether its module makes that role: the first of those that name it. */
bool terraform_makes_manager(const struct terraform_plan *plan,
			     const struct terraform_account *account);

/* ARNs of those whom the broker becomes from this account; NULL: no memory. */
json_t *terraform_managers(const struct terraform_plan *plan,
			   const struct terraform_account *account);

/* The role of one profile: terraform-profile.c. */
int terraform_profile(struct hcl *hcl, const struct terraform_account *account,
		      const struct profile *profile, struct error *error);

/*
 * issuer, thumbprints and tags, which both kinds of module have: the root has the
 * plan's issuer as a default; an account's module (NULL) checks what it is given.
 */
void terraform_common_variables(struct hcl *hcl, const struct terraform_plan *root);

/* A variable's block up to its default, which the caller adds with hcl_end(). */
void terraform_variable(struct hcl *hcl, const char *name, const char *description,
			const char *type);

/* Whether the account has a profile with a role made beforehand, or with provision. */
bool terraform_has_roles(const struct terraform_account *account);
bool terraform_has_provision(const struct terraform_account *account);

/* A document of policy_...() as JSON; takes text over.  NULL: no memory. */
json_t *terraform_document(char *text);

/*
 * Reads a file if it has the mark.  1 with its bytes in text, 0 if it is not
 * ours, -errno (-ENOENT: there is none).
 */
int terraform_read_ours(const char *path, struct buffer *text);

/* Removes our files that are not among these; counts them.  0 or error_set(). */
int terraform_sweep(const struct terraform *files, const char *directory,
		    struct terraform_saved *saved, struct error *error);

#endif
