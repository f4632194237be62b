/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "broker/approvals.h"
#include "broker/audit.h"
#include "broker/provision-iam.h"
#include "broker/provision-orphans.h"
#include "broker/provision-session.h"
#include "broker/store-proofs.h"

/*
 * One turn at one role: its step is marked as begun in one transaction, the
 * call is made, and what came of it is written down in another.  A broker that
 * dies in between finds the mark and does the same step again.
 */
struct turn {
	struct duty_site *site;
	int64_t now_seconds;
	struct provision_row row;
	struct request *request; /* NULL: an orphan */
	char *policy;
	char *proof; /* of the probe, for the audit */
	bool has_call;
	enum provision_outcome outcome;
	struct error failure; /* ERROR_NONE when it went well */
};

static void turn_done(struct turn *turn)
{
	request_free(turn->request);
	free(turn->policy);
	free(turn->proof);
}

static const struct audit_origin the_broker = { NULL, NULL, NULL };

static bool is_live(const struct turn *turn)
{
	return turn->request && !turn->row.is_orphan &&
	       request_state_at(turn->request, turn->now_seconds) == REQUEST_APPROVED;
}

static int64_t end_of(const struct turn *turn)
{
	return turn->request ? turn->request->ends_at : turn->now_seconds;
}

static int begin(struct transaction *transaction, void *data, struct error *error)
{
	struct turn *turn = data;
	struct provision_row *row = &turn->row;
	int r = store_provision_due(transaction, turn->site->account.id,
				    turn->now_seconds, row, error);

	if (r <= 0)
		return r;
	r = store_request(transaction, row->request, &turn->request, error);
	if (r >= 0)
		turn->has_call = provision_begin(&row->state, is_live(turn),
						 end_of(turn));
	if (r >= 0 && turn->has_call && row->state.step == PROVISION_PUT_POLICY)
		r = store_provision_policy(transaction, row->request, &turn->policy,
					   error);
	if (r >= 0)
		r = store_provision_update(transaction, row, error);
	return r < 0 ? r : 1;
}

static void call_aws(struct turn *turn)
{
	struct duty_site *site = turn->site;
	const struct provision_place *place = &turn->row.place;
	const struct provision_terms terms = { site->issuer, turn->request,
					       turn->policy };
	struct iam *iam = NULL;

	if (turn->row.state.step == PROVISION_PROBE) {
		turn->outcome = provision_probe(site, turn->request, &turn->proof,
						&turn->failure);
	} else if (iam_account_open(&site->account, place->region, place->manager, &iam,
				    &turn->failure) < 0) {
		turn->outcome = PROVISION_BUSY;
	} else {
		turn->outcome = provision_iam(iam, &turn->row, &terms, &turn->failure);
	}
	if (turn->outcome == PROVISION_DONE)
		turn->failure.kind = ERROR_NONE;
	turn->now_seconds = clock_wall_seconds(site->clock);
}

/* "IAM refused: LimitExceeded: ..." without its first words. */
static const char *reason_of(const struct error *failure)
{
	static const char words[] = "IAM refused: ";
	size_t length = sizeof(words) - 1;

	return strncmp(failure->text, words, length) == 0 ? failure->text + length
							  : failure->text;
}

/* AWS will never have the role: whoever waits for it is told, and asks again. */
static int give_up(struct transaction *transaction, struct turn *turn,
		   struct error *error)
{
	char reason[180];

	snprintf(reason, sizeof(reason), APPROVALS_REFUSED_BY_AWS ": %.140s",
		 reason_of(&turn->failure));
	text_cut(reason);
	return approvals_break_off(transaction, turn->request, turn->now_seconds, reason,
				   error);
}

/* From now on AWS has something to show. */
static int note_destroyed(struct transaction *transaction, const struct turn *turn,
			  struct error *error)
{
	const struct provision_row *row = &turn->row;
	int64_t now = turn->now_seconds;
	int r = store_proof_hasten(transaction, row->request, now + 1, error);

	return r < 0
		   ? r
		   : audit_note(transaction, &the_broker, now, AUDIT_ROLE_DESTROYED,
				row->request, error, "%s%s", row->place.path, row->role);
}

/* What a step that went well says in the audit. */
static int note_step(struct transaction *transaction, const struct turn *turn,
		     enum provision_step step, struct error *error)
{
	const struct provision_row *row = &turn->row;
	const char *path = row->place.path, *id = row->request;
	int64_t now = turn->now_seconds;

	switch (step) {
	case PROVISION_MAKE_ROLE:
		return audit_note(transaction, &the_broker, now, AUDIT_ROLE_MADE, id,
				  error, "the role %s%s", path, row->role);
	case PROVISION_PROBE:
		return audit_note(
		    transaction, &the_broker, now, AUDIT_ROLE_READY, id, error,
		    "%s%s can be assumed, %lld s after the approval (%s)", path,
		    row->role, (long long)(now - turn->request->approved_at),
		    turn->proof);
	case PROVISION_DELETE_POLICY:
		return audit_note(transaction, &the_broker, now, AUDIT_ROLE_CLOSED, id,
				  error, "%s%s allows nothing any more", path, row->role);
	case PROVISION_DELETE_ROLE:
		return note_destroyed(transaction, turn, error);
	default:
		return 0;
	}
}

/* What went wrong, each thing once. */
static int note_failure(struct transaction *transaction, const struct turn *turn,
			enum provision_step step, bool is_new, struct error *error)
{
	const struct provision_row *row = &turn->row;

	if (!is_new)
		return 0;
	log_warning("%s: %s: %s", row->role, provision_step_name(step),
		    turn->failure.text);
	return audit_note(transaction, &the_broker, turn->now_seconds, AUDIT_ROLE_FAILED,
			  row->request, error, "%s%s: %s: %s", row->place.path, row->role,
			  provision_step_name(step), turn->failure.text);
}

static bool went_well(enum provision_step step, enum provision_outcome outcome)
{
	return outcome == PROVISION_DONE ||
	       (outcome == PROVISION_ABSENT && provision_is_ending(step));
}

/* A probe in vain is the usual thing for some seconds, and no failure. */
static bool is_failure(enum provision_step step, enum provision_outcome outcome)
{
	return !went_well(step, outcome) &&
	       (step != PROVISION_PROBE || outcome != PROVISION_NOT_YET);
}

static int note(struct transaction *transaction, struct turn *turn,
		enum provision_step step, struct error *error)
{
	struct provision_row *row = &turn->row;
	bool is_new = row->error.kind != turn->failure.kind ||
		      strcmp(row->error.text, turn->failure.text) != 0;

	if (went_well(step, turn->outcome))
		turn->failure = (struct error){ .kind = ERROR_NONE };
	row->error = turn->failure;
	if (is_failure(step, turn->outcome))
		return note_failure(transaction, turn, step, is_new, error);
	return went_well(step, turn->outcome) ? note_step(transaction, turn, step, error)
					      : 0;
}

/* The session as it is by now: it may have ended during the call. */
static int reload(struct transaction *transaction, struct turn *turn, struct error *error)
{
	struct request *now = NULL;
	int r = store_request(transaction, turn->row.request, &now, error);

	if (r < 0)
		return r;
	request_free(turn->request);
	turn->request = now;
	return 0;
}

/* The row as it now is; a session whose role is ready hears of it. */
static int settle(struct transaction *transaction, struct turn *turn, struct error *error)
{
	struct provision_row *row = &turn->row;
	int r = 0;

	if (row->state.step == PROVISION_GONE)
		return store_provision_remove(transaction, row->request, error);
	if (!provision_is_ending(row->state.step) && !is_live(turn))
		row->state.due_at = turn->now_seconds;
	if (row->state.step == PROVISION_READY && is_live(turn))
		r = store_request_update(transaction, turn->request, error);
	return r < 0 ? r : store_provision_update(transaction, row, error);
}

static int finish(struct transaction *transaction, void *data, struct error *error)
{
	struct turn *turn = data;
	enum provision_step step = turn->row.state.step;
	bool gives_up = provision_finish(&turn->row.state, turn->outcome,
					 turn->now_seconds, end_of(turn));
	int r = reload(transaction, turn, error);

	if (r == 0)
		r = note(transaction, turn, step, error);
	if (r == 0 && gives_up && is_live(turn))
		r = give_up(transaction, turn, error);
	return r < 0 ? r : settle(transaction, turn, error);
}

int provision_duty_work(struct duty_site *site, struct error *error)
{
	scoped(turn_done) struct turn turn = {
		.site = site,
		.now_seconds = clock_wall_seconds(site->clock),
		.failure = { .kind = ERROR_NONE },
	};
	int r = store_write(site->store, begin, &turn, error);

	if (r == 0)
		return provision_orphans_look(site, error);
	if (r < 0 || !turn.has_call)
		return r;
	call_aws(&turn);
	r = store_write(site->store, finish, &turn, error);
	return r < 0 ? r : 1;
}
