/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "broker/enforcer.h"
#include "broker/routes.h"
#include "broker/terms.h"

static int read_asking(struct call *call, json_t *body, struct asking *asking,
		       struct error *error)
{
	json_int_t duration = 0;
	const char *profile;
	int r = json_read(body, error, "{s:s, s:o, s:s, s?I, s:s !}", "profile", &profile,
			  "parameters", &asking->parameters, "reason", &asking->reason,
			  "duration_seconds", &duration, "key", &asking->key);

	if (r < 0)
		return r;
	if (!json_is_object(asking->parameters))
		return error_set(error, ERROR_USAGE, "parameters is not an object");
	if (strlen(asking->key) != REQUEST_KEY_SIZE - 1 ||
	    asking->key[strspn(asking->key, "0123456789abcdef")])
		return error_set(error, ERROR_USAGE, "key is not 32 hex digits");
	if (json_object_get(body, "duration_seconds") && duration < 1)
		return error_set(error, ERROR_USAGE, "the duration is not a time");
	asking->person = call->person;
	asking->duration_seconds = duration;
	asking->profile = profiles_profile(call->profiles, profile);
	if (!asking->profile) {
		r = error_set(error, ERROR_NOT_FOUND, "there is no profile %s",
			      TEXT_ESCAPED(profile));
		error_next(error, "jitctl profiles");
	}
	return r;
}

static int prepare_asking(struct call *call, json_t *body, struct asking *asking,
			  struct error *error)
{
	int r = body ? read_asking(call, body, asking, error) : -EINVAL;

	if (r == 0)
		r = approvals_check(asking, error);
	if (r == 0)
		r = terms_access(asking->profile, asking->parameters, &asking->access,
				 error);
	return r;
}

/* What a session needs of IAM is begun at once; the tick would only see it in a second.
 */
static void wake_enforcer(struct broker *broker, json_t *answer)
{
	const char *account_id = NULL;

	if (broker->enforcer && json_unpack(answer, "{s:{s:{s:s}}}", "request", "session",
					    "account_id", &account_id) == 0)
		enforcer_wake(broker->enforcer, account_id);
}

static int ask(struct transaction *transaction, struct change *change,
	       struct error *error)
{
	return approvals_ask(transaction, &change->acting, change->data, &change->request,
			     error);
}

int handle_ask(struct broker *broker, struct call *call, json_t **answer,
	       struct error *error)
{
	json_auto_t *body = call_body(call, error);
	json_auto_t *access = NULL;
	struct asking asking = { .has_iam = broker->enforcer != NULL };
	struct change change = { .work = ask, .data = &asking };
	int r;

	change.prepared = prepare_asking(call, body, &asking, error);
	access = asking.access;
	r = call_change(broker, call, &change, answer, error);
	if (r == 0)
		wake_enforcer(broker, *answer);
	return r;
}

struct listing {
	struct call *call;
	const char *id;
	int64_t now_seconds;
	json_t *list;
	size_t bytes;
};

/* As many as fit an answer, those that lapse first; the rest comes when these are
 * decided. */
static int add_pending(void *data, const struct request *request)
{
	struct listing *listing = data;
	struct call *call = listing->call;
	json_t *shown;

	if (!approvals_may_decide(call->profiles, call->person, request,
				  listing->now_seconds))
		return 0;
	shown = approvals_show(call->profiles, request, listing->now_seconds);
	listing->bytes += json_dumpb(shown, NULL, 0, JSON_COMPACT) + 1;
	if (listing->bytes > CALL_ANSWER_MAX - 1024) {
		json_decref(shown);
		return 1;
	}
	return json_array_append_new(listing->list, shown) < 0 ? -ENOMEM : 0;
}

static int list_pending(struct transaction *transaction, void *data, struct error *error)
{
	struct listing *listing = data;

	return store_requests_pending(transaction, listing->now_seconds, add_pending,
				      listing, error);
}

int handle_pending(struct broker *broker, struct call *call, json_t **answer,
		   struct error *error)
{
	json_auto_t *list = json_array();
	struct listing listing = { .call = call,
				   .now_seconds = clock_wall_seconds(broker->clock),
				   .list = list };
	int64_t pending;
	int r = call_query_number(call, "pending", 1, &pending, error);

	if (r < 0)
		return r;
	r = store_read(broker->store, list_pending, &listing, error);
	if (r < 0)
		return r;
	return call_answered(answer, json_pack("{s:O}", "requests", list), error);
}

static int show_one(struct transaction *transaction, void *data, struct error *error)
{
	struct listing *listing = data;
	struct call *call = listing->call;
	scoped(request_freep) struct request *request = NULL;
	int r = store_request(transaction, call->id, &request, error);

	if (r < 0)
		return r;
	if (r == 0)
		return error_set(error, ERROR_NOT_FOUND, "there is no request %s",
				 call->id);
	if (!approvals_may_see(call->profiles, call->person, request,
			       listing->now_seconds))
		return error_set(error, ERROR_FORBIDDEN, "%s is not yours to see",
				 call->id);
	listing->list = approvals_show(call->profiles, request, listing->now_seconds);
	return 0;
}

int handle_request(struct broker *broker, struct call *call, json_t **answer,
		   struct error *error)
{
	struct listing listing = { .call = call,
				   .now_seconds = clock_wall_seconds(broker->clock) };
	int r = store_read(broker->store, show_one, &listing, error);

	if (r < 0)
		return r;
	return call_answered(answer, json_pack("{s:o}", "request", listing.list), error);
}

struct deciding {
	const char *id;
	enum verdict verdict;
	const char *reason;
};

static int check_reason(const char *reason, struct error *error)
{
	if (reason && strlen(reason) > REQUEST_REASON_MAX)
		return error_set(error, ERROR_LIMIT, "the reason is longer than %d bytes",
				 REQUEST_REASON_MAX);
	return 0;
}

static int read_decision(json_t *body, struct deciding *deciding, struct error *error)
{
	const char *verdict;
	int r = body ? json_read(body, error, "{s:s, s?s !}", "verdict", &verdict,
				 "reason", &deciding->reason)
		     : -EINVAL;

	if (r < 0)
		return r;
	if (strcmp(verdict, "approve") != 0 && strcmp(verdict, "deny") != 0)
		return error_set(error, ERROR_USAGE, "a verdict is approve or deny");
	deciding->verdict = strcmp(verdict, "approve") == 0 ? VERDICT_APPROVE
							    : VERDICT_DENY;
	return check_reason(deciding->reason, error);
}

static int decide(struct transaction *transaction, struct change *change,
		  struct error *error)
{
	const struct deciding *deciding = change->data;

	return approvals_decide(transaction, &change->acting, deciding->id,
				deciding->verdict, deciding->reason, &change->request,
				error);
}

int handle_decision(struct broker *broker, struct call *call, json_t **answer,
		    struct error *error)
{
	json_auto_t *body = call_body(call, error);
	struct deciding deciding = { .id = call->id };
	struct change change = { .work = decide, .data = &deciding };
	int r;

	change.prepared = read_decision(body, &deciding, error);
	r = call_change(broker, call, &change, answer, error);
	if (r == 0)
		wake_enforcer(broker, *answer);
	return r;
}

static int end(struct transaction *transaction, struct change *change,
	       struct error *error)
{
	const struct deciding *ending = change->data;

	return approvals_end(transaction, &change->acting, ending->id, ending->reason,
			     &change->request, error);
}

int handle_end(struct broker *broker, struct call *call, json_t **answer,
	       struct error *error)
{
	json_auto_t *body = call_body(call, error);
	struct deciding ending = { .id = call->id };
	struct change change = { .work = end, .data = &ending };
	int r;

	change.prepared = body ? json_read(body, error, "{s?s !}", "reason",
					   &ending.reason)
			       : -EINVAL;
	if (change.prepared == 0)
		change.prepared = check_reason(ending.reason, error);
	r = call_change(broker, call, &change, answer, error);
	if (r == 0)
		wake_enforcer(broker, *answer);
	return r;
}
