/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "broker/audit.h"
#include "broker/duties.h"
#include "broker/proof-ask.h"
#include "broker/store-ends.h"
#include "broker/store-proofs.h"
#include "broker/store-provisions.h"

/*
 * One try: that it begins, and when the next one would, is written down before
 * AWS is asked, so a broker that dies in between tries again and never too
 * often.  What was seen is written down in one transaction with its audit row.
 */
struct turn {
	struct duty_site *site;
	int64_t now_seconds;
	struct proof_row row;
	struct request *request;
	bool may_ask;
	enum proof_outcome outcome;
	struct proof_try try;
};

static void turn_done(struct turn *turn)
{
	request_free(turn->request);
	proof_try_done(&turn->try);
}

static int cannot_ask(struct turn *turn, enum proof_outcome outcome, const char *words)
{
	turn->may_ask = false;
	turn->outcome = outcome;
	error_set(&turn->try.words, ERROR_USAGE, "%s", words);
	return 0;
}

/* The role is gone when IAM has said so, and its row with it, or all but. */
static int look_at_own_role(struct transaction *transaction, struct turn *turn,
			    struct error *error)
{
	struct provision_row role;
	int r = store_provision_find(transaction, turn->row.request, &role, error);

	if (r == 1 && role.state.step != PROVISION_CONFIRM &&
	    role.state.step != PROVISION_GONE)
		return cannot_ask(turn, PROOF_UNWRITTEN,
				  "IAM has not destroyed its role yet");
	return r < 0 ? r : 0;
}

/* No grant is signed but for a session that its role denies for as long as it is good. */
static int look_at_deny(struct transaction *transaction, struct turn *turn,
			struct error *error)
{
	struct end end;
	int r = store_ends_find(transaction, turn->row.request, &end, NULL, error);

	if (r < 0)
		return r;
	if (r == 0)
		return cannot_ask(turn, PROOF_EXPIRED,
				  "its last credentials expired before AWS was asked");
	if (end.denied_from < 0 || end.denied_from > turn->now_seconds)
		return cannot_ask(turn, PROOF_UNWRITTEN,
				  "IAM has not taken the Deny for it yet");
	return store_ends_granted(transaction, turn->row.request,
				  turn->now_seconds + PROOF_GRANT_SECONDS, error);
}

static int begin(struct transaction *transaction, void *data, struct error *error)
{
	struct turn *turn = data;
	struct proof_row *row = &turn->row;
	int r = store_proof_due(transaction, turn->site->account.id, turn->now_seconds,
				row, error);

	if (r <= 0)
		return r;
	r = store_request(transaction, row->request, &turn->request, error);
	if (r <= 0)
		return r < 0 ? r
			     : error_set(error, ERROR_INTERNAL,
					 "the proof of %s is damaged in the store",
					 row->request);
	turn->may_ask = true;
	r = provision_is_own(turn->request) ? look_at_own_role(transaction, turn, error)
					    : look_at_deny(transaction, turn, error);
	if (r < 0 || !turn->may_ask)
		return r < 0 ? r : 1;
	row->tries++;
	row->due_at = turn->now_seconds + proof_pause(row->tries);
	r = store_proof_update(transaction, row, error);
	return r < 0 ? r : 1;
}

static int note_shown(struct transaction *transaction, const struct turn *turn,
		      struct error *error)
{
	static const struct audit_origin nobody = { NULL, NULL, NULL };
	const struct request *request = turn->request;
	long long after = (long long)(turn->now_seconds - turn->row.ended_at);

	if (provision_is_own(request))
		return audit_note(transaction, &nobody, turn->now_seconds,
				  AUDIT_END_PROVEN, request->id, error,
				  "AWS refuses %s since %lld s after its end: STS gives "
				  "its role to nobody any more (%s)",
				  request->id, after, turn->try.grant);
	return audit_note(
	    transaction, &nobody, turn->now_seconds, AUDIT_END_PROVEN, request->id, error,
	    "AWS refuses %s since %lld s after its end: DynamoDB in %s "
	    "sees the Deny for it (%s), and none for another tag (%s)",
	    request->id, after, request->region, turn->try.grant, turn->try.other_grant);
}

static int note_not_shown(struct transaction *transaction, const struct turn *turn,
			  struct error *error)
{
	static const struct audit_origin nobody = { NULL, NULL, NULL };
	const char *why = turn->try.words.text, *advice = proof_advice(turn->outcome);

	log_warning("that AWS refuses %s is not shown: %s; %s", turn->row.request, why,
		    advice);
	return audit_note(transaction, &nobody, turn->now_seconds, AUDIT_END_UNPROVEN,
			  turn->row.request, error,
			  "that AWS refuses it is not shown, %lld s after its end: %s; "
			  "%s%s%s",
			  (long long)(turn->now_seconds - turn->row.ended_at), why,
			  advice, turn->try.grant ? "; last " : "",
			  turn->try.grant ? turn->try.grant : "");
}

/* Whoever waits for news of the session hears of it. */
static int finish(struct transaction *transaction, void *data, struct error *error)
{
	struct turn *turn = data;
	bool is_shown = turn->outcome == PROOF_SHOWN;
	struct request *now = NULL;
	int r;

	turn->row.due_at = PROOF_NEVER;
	turn->row.proven_at = is_shown ? turn->now_seconds : REQUEST_PROOF_FAILED;
	r = store_proof_update(transaction, &turn->row, error);
	if (r == 0)
		r = is_shown ? note_shown(transaction, turn, error)
			     : note_not_shown(transaction, turn, error);
	if (r == 0)
		r = store_request(transaction, turn->row.request, &now, error);
	if (r == 1)
		r = store_request_update(transaction, now, error);
	request_free(now);
	return r < 0 ? r : 0;
}

int proof_duty_work(struct duty_site *site, struct error *error)
{
	scoped(turn_done) struct turn turn = {
		.site = site,
		.now_seconds = clock_wall_seconds(site->clock),
	};
	int r = store_write(site->store, begin, &turn, error);

	if (r <= 0)
		return r;
	if (turn.may_ask)
		turn.outcome = proof_ask(site, turn.request, &turn.try);
	turn.now_seconds = clock_wall_seconds(site->clock);
	if (proof_judge(turn.outcome, turn.row.tries) == PROOF_AGAIN)
		return 1;
	r = store_write(site->store, finish, &turn, error);
	return r < 0 ? r : 1;
}
