/* SPDX-License-Identifier: MIT */
#include "broker/provision-iam.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/json.h"
#include "policy/policy.h"

#define SESSION_LEAST 3600 /* of a MaxSessionDuration, as AWS allows it */
#define SESSION_MOST 43200

/* What an answer of IAM comes to; -EEXIST is its caller's. */
static enum provision_outcome outcome_of(int r, const struct error *error)
{
	if (r >= 0)
		return PROVISION_DONE;
	switch (r) {
	case -ENOENT:
		return PROVISION_ABSENT;
	case -EBUSY:
		return PROVISION_HELD;
	case -EAGAIN:
	case -EKEYREJECTED: /* an operator mends that, and sessions can wait */
		return PROVISION_BUSY;
	default:
		break;
	}
	if (error->kind == ERROR_REFUSED_BY_AWS)
		return PROVISION_REFUSED;
	return error->kind == ERROR_UNREACHABLE ? PROVISION_LOST : PROVISION_BUSY;
}

struct owner {
	const char *issuer;
	const char *request;
	bool is_issuer, is_request;
};

static int look_at_tag(void *data, const struct iam_tag *tag)
{
	struct owner *owner = data;

	if (strcmp(tag->key, "jit_broker") == 0)
		owner->is_issuer = strcmp(tag->value, owner->issuer) == 0;
	if (strcmp(tag->key, "jit_request") == 0)
		owner->is_request = strcmp(tag->value, owner->request) == 0;
	return 0;
}

enum provision_outcome provision_iam_owner(struct iam *iam, const char *role,
					   const char *request, const char *issuer,
					   struct error *error)
{
	struct owner owner = { issuer, request, false, false };
	int r = iam_list_role_tags(iam, role, look_at_tag, &owner, error);

	if (r < 0)
		return outcome_of(r, error);
	if (owner.is_issuer && owner.is_request)
		return PROVISION_DONE;
	error_set(error, ERROR_REFUSED_BY_AWS,
		  "there is a role %s already, which this broker has not made", role);
	return PROVISION_STRANGE;
}

/* Nothing is done to a role before it is known to be ours. */
static enum provision_outcome make_sure(struct iam *iam, struct provision_row *row,
					const char *issuer, struct error *error)
{
	enum provision_outcome outcome = PROVISION_DONE;

	if (!row->state.is_ours)
		outcome = provision_iam_owner(iam, row->role, row->request, issuer,
					      error);
	if (outcome == PROVISION_DONE)
		row->state.is_ours = true;
	return outcome;
}

static int64_t session_seconds(const struct request *request)
{
	int64_t seconds = request->duration_seconds;

	if (seconds < SESSION_LEAST)
		return SESSION_LEAST;
	return seconds > SESSION_MOST ? SESSION_MOST : seconds;
}

static int create(struct iam *iam, const struct provision_row *row,
		  const struct provision_terms *terms, const char *trust,
		  struct error *error)
{
	const struct request *request = terms->request;
	const struct iam_tag tags[] = {
		{ "jit_request", request->id },
		{ "jit_profile", request->profile },
		{ "jit_user", request->user },
		{ "jit_broker", terms->issuer },
	};
	char ends_at[TIME_TEXT_SIZE], description[512];
	const struct iam_new_role role = {
		.name = row->role,
		.path = row->place.path,
		.trust_policy = trust,
		.description = description,
		.permissions_boundary = row->boundary[0] ? row->boundary : NULL,
		.longest_session_seconds = session_seconds(request),
		.tags = tags,
		.tag_count = sizeof(tags) / sizeof(tags[0]),
	};

	snprintf(description, sizeof(description), "%s of %s until %s", request->profile,
		 request->user, time_format(request->ends_at, ends_at));
	return iam_create_role(iam, &role, error);
}

static enum provision_outcome make_role(struct iam *iam, struct provision_row *row,
					const struct provision_terms *terms,
					struct error *error)
{
	const struct request *request = terms->request;
	const struct place place = { row->place.region, row->place.account_id };
	const struct trust trust = { terms->issuer, request->profile, request->user,
				     request->id };
	scoped(json_text_freep) char *document = NULL;
	int r = policy_trust(&trust, &place, &document, error);

	if (r < 0)
		return error->kind == ERROR_LIMIT ? PROVISION_REFUSED : PROVISION_BUSY;
	r = create(iam, row, terms, document, error);
	row->state.is_unsure |= iam_may_be_late(iam);
	if (r == -EEXIST)
		return make_sure(iam, row, terms->issuer, error);
	row->state.is_ours |= r == 0;
	return outcome_of(r, error);
}

static enum provision_outcome put_policy(struct iam *iam, struct provision_row *row,
					 const struct provision_terms *terms,
					 struct error *error)
{
	int r = iam_put_role_policy(iam, row->role, PROVISION_POLICY_NAME, terms->policy,
				    error);

	row->state.is_unsure |= iam_may_be_late(iam);
	return outcome_of(r, error);
}

struct emptying {
	struct iam *iam;
	const char *role;
	struct error *error;
};

static int delete_policy(void *data, const char *name)
{
	struct emptying *emptying = data;
	int r = iam_delete_role_policy(emptying->iam, emptying->role, name,
				       emptying->error);

	return r == -ENOENT ? 0 : r;
}

/* Ours; and where IAM has kept the role for one, whatever else somebody put there. */
static enum provision_outcome delete_policies(struct iam *iam, struct provision_row *row,
					      struct error *error)
{
	struct emptying emptying = { iam, row->role, error };
	int r = delete_policy(&emptying, PROVISION_POLICY_NAME);

	if (r == 0 && row->state.tries > 0)
		r = iam_list_role_policies(iam, row->role, delete_policy, &emptying,
					   error);
	return outcome_of(r, error);
}

enum provision_outcome provision_iam(struct iam *iam, struct provision_row *row,
				     const struct provision_terms *terms,
				     struct error *error)
{
	enum provision_outcome outcome;

	if (row->state.step == PROVISION_MAKE_ROLE)
		return make_role(iam, row, terms, error);
	if (row->state.step == PROVISION_PUT_POLICY)
		return put_policy(iam, row, terms, error);
	outcome = make_sure(iam, row, terms->issuer, error);
	if (outcome != PROVISION_DONE)
		return outcome;
	if (row->state.step == PROVISION_DELETE_POLICY)
		return delete_policies(iam, row, error);
	return outcome_of(iam_delete_role(iam, row->role, error), error);
}
