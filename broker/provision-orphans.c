/* SPDX-License-Identifier: MIT */
#include "broker/provision-orphans.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "broker/audit.h"
#include "broker/provision-iam.h"
#include "broker/provision-session.h"

#define FOUND_MAX 100000 /* of one path; IAM has 5,000 roles by itself */
#define AGAIN_FIRST_SECONDS 60
#define AGAIN_MOST_SECONDS 3600

struct looking {
	struct duty_site *site;
	int64_t now_seconds;
	struct provision_place place;
	int64_t failures;
	char (*found)[ID_SIZE]; /* by name; then those without a row */
	size_t count, room;
	const char *orphan; /* the one that is to get a row */
};

static void looking_done(struct looking *looking)
{
	free(looking->found);
}

static int make_room(struct looking *looking)
{
	size_t room = looking->room ? looking->room * 2 : 64;
	void *more;

	if (looking->count < looking->room)
		return 0;
	if (looking->count >= FOUND_MAX)
		return -ENOSPC;
	more = reallocarray(looking->found, room, ID_SIZE);
	if (!more)
		return -ENOMEM;
	looking->found = more;
	looking->room = room;
	return 0;
}

static int collect(void *data, const struct iam_role *role)
{
	struct looking *looking = data;
	int r;

	if (strncmp(role->name, "jit-", 4) != 0 || !id_is_valid('r', role->name + 4))
		return 0;
	r = make_room(looking);
	if (r == 0)
		memcpy(looking->found[looking->count++], role->name + 4, ID_SIZE);
	return r;
}

static int is_known(struct transaction *transaction, const struct looking *looking,
		    const char *id, struct error *error)
{
	scoped(request_freep) struct request *request = NULL;
	struct provision_row row;
	int r = store_provision_find(transaction, id, &row, error);

	if (r != 0)
		return r;
	r = store_request(transaction, id, &request, error);
	if (r <= 0)
		return r;
	return request_state_at(request, looking->now_seconds) == REQUEST_APPROVED;
}

/* A role has its row before it is made, so what is known after the listing was so then.
 */
static int drop_known(struct transaction *transaction, void *data, struct error *error)
{
	struct looking *looking = data;
	size_t kept = 0;

	for (size_t i = 0; i < looking->count; i++) {
		int r = is_known(transaction, looking, looking->found[i], error);

		if (r < 0)
			return r;
		if (r == 0)
			memmove(looking->found[kept++], looking->found[i], ID_SIZE);
	}
	looking->count = kept;
	return 0;
}

static int adopt(struct transaction *transaction, void *data, struct error *error)
{
	static const struct audit_origin nobody = { NULL, NULL, NULL };
	struct looking *looking = data;
	struct provision_row row = { .place = looking->place,
				     .is_orphan = true,
				     .state = { .step = PROVISION_DELETE_POLICY,
						.due_at = looking->now_seconds,
						.is_ours = true } };
	int r = is_known(transaction, looking, looking->orphan, error);

	if (r != 0)
		return r < 0 ? r : 0;
	snprintf(row.request, sizeof(row.request), "%s", looking->orphan);
	provision_role_name(looking->orphan, row.role);
	r = store_provision_add(transaction, &row, "", error);
	return r < 0 ? r
		     : audit_note(transaction, &nobody, looking->now_seconds,
				  AUDIT_ROLE_FOUND, looking->orphan, error,
				  "%s%s is ours and of no session that is known: it is "
				  "destroyed",
				  looking->place.path, row.role);
}

/* IAM's failure goes to *failure, the store's is the result. */
static int judge(struct looking *looking, struct iam *iam, struct error *failure,
		 struct error *error)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < looking->count; i++) {
		char role[PROVISION_ROLE_SIZE];
		enum provision_outcome outcome;

		looking->orphan = looking->found[i];
		provision_role_name(looking->orphan, role);
		outcome = provision_iam_owner(iam, role, looking->orphan,
					      looking->site->issuer, failure);
		if (outcome == PROVISION_DONE)
			r = store_write(looking->site->store, adopt, looking, error);
		else if (outcome != PROVISION_ABSENT && outcome != PROVISION_STRANGE)
			return 0;
		failure->kind = ERROR_NONE;
	}
	return r;
}

static int look(struct looking *looking, struct error *failure, struct error *error)
{
	struct duty_site *site = looking->site;
	struct iam *iam = NULL;
	int r;

	if (iam_account_open(&site->account, looking->place.region,
			     looking->place.manager, &iam, failure) < 0)
		return 0;
	r = iam_list_roles(iam, looking->place.path, collect, looking, failure);
	if (r < 0 && r != -ENOENT) /* some say so where there is none */
		return 0;
	failure->kind = ERROR_NONE;
	r = store_read(site->store, drop_known, looking, error);
	return r < 0 ? r : judge(looking, iam, failure, error);
}

static int find_path(struct transaction *transaction, void *data, struct error *error)
{
	struct looking *looking = data;

	return store_provision_path_due(transaction, looking->site->account.id,
					looking->now_seconds, &looking->place,
					&looking->failures, error);
}

static int64_t again_after(int64_t failures)
{
	int64_t pause = AGAIN_FIRST_SECONDS;

	for (; failures > 1 && pause < AGAIN_MOST_SECONDS; failures--)
		pause *= 2;
	return pause < AGAIN_MOST_SECONDS ? pause : AGAIN_MOST_SECONDS;
}

static int write_down(struct transaction *transaction, void *data, struct error *error)
{
	struct looking *looking = data;
	int64_t pause = looking->failures ? again_after(looking->failures)
					  : PROVISION_SWEEP_SECONDS;

	return store_provision_path_update(transaction, &looking->place,
					   looking->now_seconds + pause,
					   looking->failures, error);
}

int provision_orphans_look(struct duty_site *site, struct error *error)
{
	scoped(looking_done) struct looking looking = {
		.site = site, .now_seconds = clock_wall_seconds(site->clock)
	};
	struct error failure = { .kind = ERROR_NONE };
	int r = store_read(site->store, find_path, &looking, error);

	if (r <= 0)
		return r;
	r = look(&looking, &failure, error);
	if (r < 0)
		return r;
	looking.failures = failure.kind == ERROR_NONE ? 0 : looking.failures + 1;
	if (looking.failures == 1)
		log_warning("%s of account %s was not looked at for roles that are left "
			    "over: %s",
			    looking.place.path, site->account.id, failure.text);
	r = store_write(site->store, write_down, &looking, error);
	return r < 0 ? r : 1;
}
