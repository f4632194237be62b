/* SPDX-License-Identifier: MIT */
#include "broker/provision-session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "broker/enforcer.h"
#include "policy/policy.h"

static int out_of_memory(struct error *error)
{
	return error_set(error, ERROR_INTERNAL, "out of memory");
}

static int fill_place(const struct profile *profile, struct provision_place *place,
		      struct error *error)
{
	const struct account *account = profile->account;
	const char *manager = account->manager ? account->manager : "";

	if (strlen(manager) >= sizeof(place->manager) ||
	    strlen(account->region) >= sizeof(place->region) ||
	    strlen(profile->provision->path) >= sizeof(place->path))
		return error_set(error, ERROR_LIMIT, "the names of %s are too long",
				 account->name);
	snprintf(place->account_id, sizeof(place->account_id), "%s", account->id);
	snprintf(place->region, sizeof(place->region), "%s", account->region);
	snprintf(place->manager, sizeof(place->manager), "%s", manager);
	snprintf(place->path, sizeof(place->path), "%s", profile->provision->path);
	return 0;
}

/* The profile's boundary, else its account's, as an ARN. */
static int fill_boundary(const struct profile *profile, struct provision_row *row,
			 struct error *error)
{
	const struct place place = { profile->account->region, profile->account->id };
	const char *boundary = profile->provision->boundary ? profile->provision->boundary
							    : profile->account->boundary;
	scoped(freep) char *arn = NULL;

	if (!boundary)
		return 0;
	arn = strncmp(boundary, "arn:", 4) == 0 ? strdup(boundary)
						: policy_managed_arn(&place, boundary);
	if (!arn)
		return out_of_memory(error);
	snprintf(row->boundary, sizeof(row->boundary), "%s", arn);
	return 0;
}

int provision_want(struct transaction *transaction, const struct request *request,
		   const struct profile *profile, int64_t now_seconds,
		   struct error *error)
{
	struct provision_row row = { .state = { .step = PROVISION_MAKE_ROLE,
						.due_at = now_seconds } };
	scoped(json_text_freep) char *policy = NULL;
	struct place place;
	int r;

	if (!profile->provision)
		return 0;
	place = (struct place){ profile->account->region, profile->account->id };
	snprintf(row.request, sizeof(row.request), "%s", request->id);
	provision_role_name(request->id, row.role);
	r = fill_place(profile, &row.place, error);
	if (r == 0)
		r = fill_boundary(profile, &row, error);
	/* What was approved is what is made, whatever the profile says a second later. */
	if (r == 0)
		r = policy_role(profile->access, &place, request->ends_at, &policy,
				error);
	if (r == 0)
		r = store_provision_add(transaction, &row, policy, error);
	if (r == 0)
		r = store_provision_path_add(transaction, &row.place,
					     now_seconds + PROVISION_SWEEP_SECONDS,
					     error);
	return r;
}

struct admitting {
	const struct request *request;
	struct provision_row row;
	int64_t changed; /* of the user's requests, as of the same moment */
	bool has_row;
};

static int look_up(struct transaction *transaction, void *data, struct error *error)
{
	struct admitting *admitting = data;
	int r = store_provision_find(transaction, admitting->request->id, &admitting->row,
				     error);

	if (r < 0)
		return r;
	admitting->has_row = r == 1;
	return store_changed_last(transaction, admitting->request->user,
				  &admitting->changed, error);
}

static int not_ready(const struct provision_row *row, struct error *error)
{
	int r;

	if (row->error.kind == ERROR_NONE)
		r = error_set(error, ERROR_PENDING, "waiting for AWS to make the role %s",
			      row->role);
	else
		r = error_set(error, ERROR_PENDING,
			      "waiting for AWS to make the role %s: %.200s", row->role,
			      row->error.text);
	error_next(error, "jitctl status");
	return r;
}

int provision_admit(struct broker *broker, struct call *call,
		    const struct request *request, struct error *error)
{
	struct admitting admitting = { .request = request };
	int64_t now = clock_wall_seconds(broker->clock);
	int r;

	if (!broker->enforcer)
		return error_set(error, ERROR_USAGE,
				 "%s needs a role of its own, and iam = off in "
				 "broker.conf",
				 request->id);
	r = store_read(broker->store, look_up, &admitting, error);
	if (r < 0)
		return r;
	if (!admitting.has_row || provision_is_ending(admitting.row.state.step))
		return error_set(error, ERROR_NO_SESSION, "the role of %s is gone",
				 request->id);
	if (admitting.row.state.step == PROVISION_READY)
		return 1;
	if (call->wait_until == 0) {
		call->wait_until = now + PROVISION_WAIT_SECONDS;
		enforcer_wake(broker->enforcer, request->account_id);
	}
	if (call->cannot_wait || now >= call->wait_until)
		return not_ready(&admitting.row, error);
	/* Its being ready is a change of the session, which wakes the user's calls. */
	call->wait_since = admitting.changed;
	call->wait_seconds = call->wait_until - now;
	return 0;
}

int provision_confirm(struct transaction *transaction, const char *request,
		      struct error *error)
{
	struct provision_row row;
	int r = store_provision_find(transaction, request, &row, error);

	if (r < 0 || (r == 1 && row.state.step == PROVISION_READY))
		return r < 0 ? r : 0;
	return error_set(error, ERROR_NO_SESSION, "the role of %s is gone", request);
}

struct looking {
	const struct profiles *profiles;
	int64_t now_seconds;
};

static int look(struct transaction *transaction, void *data, struct error *error)
{
	const struct looking *looking = data;
	const struct profile *profile;
	int r = 0;

	for (size_t i = 0;
	     r == 0 && (profile = profiles_profile_at(looking->profiles, i)); i++) {
		struct provision_place place;

		if (!profile->provision)
			continue;
		r = fill_place(profile, &place, error);
		if (r == 0)
			r = store_provision_path_add(transaction, &place,
						     looking->now_seconds, error);
	}
	return r < 0 ? r
		     : store_provision_paths_due_at(transaction, looking->now_seconds,
						    error);
}

int provision_look_everywhere(struct store *store, const struct profiles *profiles,
			      int64_t now_seconds, struct error *error)
{
	struct looking looking = { profiles, now_seconds };

	return store_write(store, look, &looking, error);
}
