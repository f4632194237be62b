/* SPDX-License-Identifier: MIT */
/* The Deny for ends, against an IAM that fails in all its ways. */
#include "tests/broker_fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "aws/http.h"
#include "broker/ends-grant.h"
#include "broker/ends-plan.h"
#include "broker/enforcer.h"
#include "tests/fake_iam.h"

#define ROLE "jit-orders-support"
#define ROLE_ARN "arn:aws:iam::123456789012:role/" ROLE

/* What a process that is killed leaves behind, beside the store. */
struct left {
	pid_t pid;
	int64_t now_seconds;
};

static struct left *left;

struct scene {
	struct fixture *fixture;
	struct fake_iam *fake;
	struct settings settings;
	struct iam_access access;
	struct duty_site site; /* a worker's, run by the test itself */
	struct device_key ann, bob;
};

static void scene_enforce(struct scene *scene)
{
	struct broker *broker = &scene->fixture->broker;
	struct error error = { .text = "" };

	assert_int_equal(iam_access_open(&scene->settings, &scene->fixture->clock,
					 &scene->access, &error),
			 0);
	if (broker_enforce(broker, &scene->access, &error) < 0)
		fail_msg("%s", error.text);
	scene->site = (struct duty_site){ .store = broker->store,
					  .hub = broker->hub,
					  .clock = &scene->fixture->clock };
	iam_account_init(&scene->site.account, &scene->access, "123456789012");
}

/* The worker's own threads do nothing: the test takes their turns. */
static void scene_hold_workers(struct scene *scene)
{
	enforcer_stop(scene->fixture->broker.enforcer);
	scene->access.is_stopping = false;
}

static int setup(void **state)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	fixture_setup((void **)&scene->fixture);
	setenv("AWS_ACCESS_KEY_ID", "AKIDBROKER000000", 1);
	setenv("AWS_SECRET_ACCESS_KEY", "brokerbrokerbroker", 1);
	scene->fake = fake_iam_start();
	snprintf(scene->settings.iam_url, sizeof(scene->settings.iam_url), "%s",
		 scene->fake->url);
	snprintf(scene->settings.sts_url, sizeof(scene->settings.sts_url), "%s",
		 scene->fake->url);
	scene->ann = fixture_enroll(scene->fixture, "ann");
	scene->bob = fixture_enroll(scene->fixture, "bob");
	scene_enforce(scene);
	scene_hold_workers(scene);
	*state = scene;
	return 0;
}

static int teardown(void **state)
{
	struct scene *scene = *state;

	/* A child whose assertion failed must not go on with the next test. */
	if (left && left->pid == getpid())
		_exit(3);
	iam_account_done(&scene->site.account);
	fixture_teardown((void **)&scene->fixture);
	iam_access_done(&scene->access);
	fake_iam_stop(scene->fake);
	free(scene);
	return 0;
}

/* As after kill -9: only what is in the store is left. */
static void scene_restart(struct scene *scene)
{
	iam_account_done(&scene->site.account);
	broker_done(&scene->fixture->broker);
	iam_access_done(&scene->access);
	fixture_open(scene->fixture);
	scene_enforce(scene);
	scene_hold_workers(scene);
}

/* A worker's whole turn: everything that is due.  How many pieces it was. */
static int scene_work(struct scene *scene)
{
	struct error error = { .text = "" };
	int count = 0, r;

	while ((r = ends_duty_work(&scene->site, &error)) > 0)
		assert_true(++count < 1000);
	if (r < 0)
		fail_msg("%s", error.text);
	return count;
}

static void scene_pass(struct scene *scene, int64_t seconds)
{
	struct error error;

	scene->fixture->now_seconds += seconds;
	assert_int_equal(broker_tick(&scene->fixture->broker, &error), 0);
}

static void approve(struct scene *scene, const char *profile, const char *parameters,
		    char id[static ID_SIZE])
{
	assert_int_equal(
	    fixture_ask(scene->fixture, &scene->ann, profile, parameters, id), 200);
	assert_int_equal(fixture_post(scene->fixture, &scene->bob, id, "decision",
				      "{\"verdict\":\"approve\"}"),
			 200);
}

/* A call for a grant that can be made again after it was told to wait. */
struct waiting {
	struct call call;
	char uri[64];
	json_t *answer;
	int status; /* 0: it waits */
};

static void waiting_done(struct waiting *waiting)
{
	json_decref(waiting->answer);
}

static void call_again(struct scene *scene, struct waiting *waiting)
{
	json_decref(waiting->answer);
	waiting->status = routes_answer(&scene->fixture->broker, &waiting->call,
					&waiting->answer);
}

static void call_grant(struct scene *scene, const char *id, struct waiting *waiting)
{
	*waiting = (struct waiting){ .status = 0 };
	snprintf(waiting->uri, sizeof(waiting->uri), "/v1/requests/%s/grant", id);
	waiting->call = fixture_make_call(scene->fixture, &scene->ann, "POST",
					  waiting->uri, "{}");
	call_again(scene, waiting);
}

static const char *message_of(const struct waiting *waiting)
{
	const char *text = json_string_value(
	    json_object_get(json_object_get(waiting->answer, "error"), "message"));

	return text ? text : "";
}

/* A session with its grant, all in force. */
static void begin_session(struct scene *scene, char id[static ID_SIZE])
{
	scoped(waiting_done) struct waiting waiting;

	approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &waiting);
	scene_work(scene);
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 200);
}

static int grant_status(struct scene *scene, const char *id)
{
	scoped(waiting_done) struct waiting waiting;

	call_grant(scene, id, &waiting);
	return waiting.status;
}

static void test_a_grant_is_signed_only_after_the_deny_is_in_force(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting;
	char id[ID_SIZE], at[TIME_TEXT_SIZE];

	approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &waiting);
	assert_int_equal(waiting.status, 0);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_GRANTED), 0);
	assert_int_equal(scene->fake->puts, 0);
	assert_int_equal(scene_work(scene), 1);
	assert_true(fake_iam_says(scene->fake, ROLE, id));
	assert_true(
	    fake_iam_says(scene->fake, ROLE, time_format(FIXTURE_START + 1800, at)));
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 200);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_WRITTEN), 1);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_GRANTED), 1);
	/* A renewal asks IAM nothing: one identity, one Put, and that was all. */
	assert_int_equal(grant_status(scene, id), 200);
	assert_int_equal(scene_work(scene), 0);
	assert_int_equal(scene->fake->calls, 2);
}

static void test_many_at_once_on_one_role_are_one_call(void **state)
{
	struct scene *scene = *state;
	struct waiting waiting[20];
	char ids[20][ID_SIZE];

	for (int i = 0; i < 20; i++) {
		approve(scene, "orders-support", "{\"tenant\":\"acme\"}", ids[i]);
		call_grant(scene, ids[i], &waiting[i]);
	}
	scene_work(scene);
	assert_int_equal(scene->fake->puts, 1);
	for (int i = 0; i < 20; i++) {
		assert_true(fake_iam_says(scene->fake, ROLE, ids[i]));
		call_again(scene, &waiting[i]);
		assert_int_equal(waiting[i].status, 200);
		waiting_done(&waiting[i]);
	}
}

static void test_the_hub_wakes_who_waits(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting;
	char id[ID_SIZE], topic[CALL_TOPIC_SIZE];
	struct waiter waiter = { .wake = NULL };

	approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &waiting);
	ends_topic(ROLE_ARN, topic);
	assert_string_equal(waiting.call.wait_topic, topic);
	scene_work(scene);
	assert_int_equal(hub_wait(scene->fixture->broker.hub, topic,
				  waiting.call.wait_since, 5, &waiter),
			 -EALREADY);
}

static void test_a_revoked_session_is_denied_without_a_date(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	begin_session(scene, id);
	scene->fixture->now_seconds += 100;
	assert_int_equal(fixture_post(scene->fixture, &scene->ann, id, "end", "{}"), 200);
	scene->fixture->now_seconds += 3;
	assert_int_equal(scene_work(scene), 1);
	assert_true(fake_iam_says(scene->fake, ROLE, id));
	assert_false(fake_iam_says(scene->fake, ROLE, "DateGreaterThanEquals"));
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_EXACT), 1);
	assert_int_equal(scene->fake->puts, 2);
}

static void test_a_revocation_is_tried_until_iam_takes_it(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	begin_session(scene, id);
	assert_int_equal(fixture_post(scene->fixture, &scene->ann, id, "end", "{}"), 200);
	fake_iam_trouble(scene->fake, FAKE_DOWN, -1);
	for (int i = 0; i < 3; i++) {
		scene_work(scene);
		scene->fixture->now_seconds += ENDS_BACKOFF_MOST;
	}
	assert_true(fake_iam_says(scene->fake, ROLE, "DateGreaterThanEquals"));
	/* Told once, however often it was tried. */
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_FAILED), 1);
	fake_iam_trouble(scene->fake, FAKE_FINE, 0);
	scene_work(scene);
	assert_false(fake_iam_says(scene->fake, ROLE, "DateGreaterThanEquals"));
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_EXACT), 1);
}

static void test_without_iam_old_sessions_go_on_and_new_ones_are_told(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting, again;
	char old[ID_SIZE], new[ID_SIZE];

	begin_session(scene, old);
	fake_iam_trouble(scene->fake, FAKE_DOWN, -1);
	approve(scene, "orders-support", "{\"tenant\":\"zeta\"}", new);
	call_grant(scene, new, &waiting);
	assert_int_equal(waiting.status, 0);
	scene->fixture->now_seconds++;
	scene_work(scene);
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 503);
	assert_non_null(strstr(message_of(&waiting), "no grant before AWS has the Deny"));
	assert_int_equal(grant_status(scene, old), 200);
	fake_iam_trouble(scene->fake, FAKE_FINE, 0);
	call_grant(scene, new, &again);
	assert_int_equal(again.status, 0);
	scene->fixture->now_seconds += ENDS_BACKOFF_MOST;
	scene_work(scene);
	call_again(scene, &again);
	assert_int_equal(again.status, 200);
	assert_true(fake_iam_says(scene->fake, ROLE, old));
}

static void test_a_grant_waits_so_long_and_no_longer(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting;
	char id[ID_SIZE];

	approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &waiting);
	assert_int_equal(waiting.call.wait_seconds, ENDS_WAIT_SECONDS);
	scene->fixture->now_seconds += ENDS_WAIT_SECONDS - 1;
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 0);
	assert_int_equal(waiting.call.wait_seconds, 1);
	scene->fixture->now_seconds++;
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 503);
}

static void test_a_stopping_server_does_not_let_a_grant_spin(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting;
	char id[ID_SIZE];

	approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &waiting);
	waiting.call.cannot_wait = true;
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 503);
}

static void test_what_aws_refuses_is_told_with_its_code(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting;
	char id[ID_SIZE];

	approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &waiting);
	/* The first call is STS's, which is not refused. */
	scene->site.account.access = &scene->access;
	fake_iam_trouble(scene->fake, FAKE_FORBID, -1);
	scene->fixture->now_seconds++;
	scene_work(scene);
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 502);
	assert_non_null(strstr(message_of(&waiting), "AccessDenied"));
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_GRANTED), 0);
}

static void test_throttling_and_outages_are_ridden_out(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting, other;
	char id[ID_SIZE];

	approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &waiting);
	fake_iam_trouble(scene->fake, FAKE_THROTTLE, 3);
	scene_work(scene);
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 200);
	approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &other);
	fake_iam_trouble(scene->fake, FAKE_BROKEN, 3);
	scene_work(scene);
	call_again(scene, &other);
	assert_int_equal(other.status, 200);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_FAILED), 0);
}

/* IAM did it, nobody heard of it, and the broker is gone. */
static void test_after_a_kill_the_document_is_written_whole_and_looked_at(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting;
	char first[ID_SIZE], second[ID_SIZE];

	begin_session(scene, first);
	approve(scene, "orders-support", "{\"tenant\":\"acme\"}", second);
	call_grant(scene, second, &waiting);
	fake_iam_trouble(scene->fake, FAKE_DEAF, -1);
	scene_work(scene);
	assert_true(fake_iam_says(scene->fake, ROLE, second));
	scene_restart(scene);
	fake_iam_trouble(scene->fake, FAKE_FINE, 0);
	/* Old sessions are served meanwhile: both documents deny them. */
	assert_int_equal(grant_status(scene, first), 200);
	scene->fixture->now_seconds += ENDS_BACKOFF_MOST;
	/* Somebody's late write of the old document arrives. */
	scene_work(scene);
	assert_true(fake_iam_says(scene->fake, ROLE, first));
	assert_true(fake_iam_says(scene->fake, ROLE, second));
	assert_int_equal(grant_status(scene, second), 200);
	pthread_mutex_lock(&scene->fake->lock);
	snprintf(fake_role_of(scene->fake, ROLE)->document, FAKE_BODY / 2,
		 "{\"Version\":\"2012-10-17\",\"Statement\":[]}");
	pthread_mutex_unlock(&scene->fake->lock);
	scene->fixture->now_seconds += ENDS_CHECK_SECONDS;
	scene_work(scene);
	assert_true(fake_iam_says(scene->fake, ROLE, first));
	assert_true(fake_iam_says(scene->fake, ROLE, second));
	/* What is as it should be is looked at once and then left alone. */
	scene->fixture->now_seconds += ENDS_CHECK_SECONDS;
	scene_work(scene);
	scene->fake->calls = 0;
	scene->fixture->now_seconds += 60;
	assert_int_equal(scene_work(scene), 0);
	assert_int_equal(scene->fake->calls, 0);
}

static void test_a_deny_leaves_when_the_credentials_are_dead(void **state)
{
	struct scene *scene = *state;
	struct error error;
	char id[ID_SIZE];

	begin_session(scene, id);
	scene->fake->longest_seconds = 7200;
	/* The grant is good for 300 s, its credentials for two hours from then. */
	scene_pass(scene, 300 + 7200 + ENDS_MARGIN_SECONDS - 1);
	scene_work(scene);
	assert_true(fake_iam_says(scene->fake, ROLE, id));
	assert_int_equal(scene->fake->get_roles, 1);
	scene_pass(scene, ENDS_FORGET_TOGETHER + 1);
	scene_work(scene);
	assert_false(fake_iam_says(scene->fake, ROLE, "{"));
	assert_int_equal(scene->fake->deletes, 1);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_REMOVED), 1);
	/* Nothing is left of the role, and nothing is done about it. */
	scene->fake->calls = 0;
	scene_pass(scene, 100000);
	assert_int_equal(scene_work(scene), 0);
	assert_int_equal(scene->fake->calls, 0);
	assert_int_equal(store_read(scene->fixture->broker.store, fixture_count_all,
				    &(struct fixture_audit){ .event = "x" }, &error),
			 0);
}

static void test_a_full_role_refuses_with_words_and_keeps_what_it_has(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting;
	char first[ID_SIZE], second[ID_SIZE];

	begin_session(scene, first);
	/* Somebody gives the role another long policy. */
	scene->fake->others = 9900;
	scene->fixture->now_seconds += 7;
	approve(scene, "orders-support", "{\"tenant\":\"acme\"}", second);
	call_grant(scene, second, &waiting);
	scene->fixture->now_seconds++;
	scene_work(scene);
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 429);
	assert_non_null(strstr(message_of(&waiting), "2 sessions on one role"));
	assert_non_null(strstr(message_of(&waiting), "provision:"));
	assert_true(fake_iam_says(scene->fake, ROLE, first));
	assert_false(fake_iam_says(scene->fake, ROLE, second));
	assert_int_equal(grant_status(scene, first), 200);
	/* There is room again: the next one looks, and gets in. */
	scene->fake->others = 100;
	scene->fixture->now_seconds += ENDS_LOOK_AGAIN_SECONDS;
	waiting_done(&waiting);
	call_grant(scene, second, &waiting);
	scene_work(scene);
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 200);
}

/* Little room: ends are put off, and each is made exact once it has come. */
static void test_ends_that_were_put_off_become_exact(void **state)
{
	struct scene *scene = *state;
	char ids[8][ID_SIZE];
	int puts;

	scene->fake->others = 9000;
	for (int i = 0; i < 8; i++) {
		begin_session(scene, ids[i]);
		scene->fixture->now_seconds += 70;
	}
	for (int i = 0; i < 8; i++)
		assert_true(fake_iam_says(scene->fake, ROLE, ids[i]));
	assert_int_equal(scene->fake->gets, 1);
	puts = scene->fake->puts;
	/* The first one's end: it alone is denied without a date, the rest as before. */
	scene->fixture->now_seconds = FIXTURE_START + 1800;
	assert_int_equal(scene_work(scene), 1);
	assert_int_equal(scene->fake->puts, puts + 1);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_EXACT), 1);
	assert_true(fake_iam_says(scene->fake, ROLE, "DateGreaterThanEquals"));
	scene->fixture->now_seconds += 8 * 70;
	scene_work(scene);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_EXACT), 8);
	assert_false(fake_iam_says(scene->fake, ROLE, "DateGreaterThanEquals"));
	for (int i = 0; i < 8; i++)
		assert_true(fake_iam_says(scene->fake, ROLE, ids[i]));
}

static void test_keys_of_another_account_write_nothing(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting waiting;
	char id[ID_SIZE];

	scene->fake->account = "210987654321";
	approve(scene, "orders-support", "{\"tenant\":\"acme\"}", id);
	call_grant(scene, id, &waiting);
	scene->fixture->now_seconds++;
	scene_work(scene);
	call_again(scene, &waiting);
	assert_int_equal(waiting.status, 500);
	assert_non_null(strstr(message_of(&waiting), "of account 210987654321"));
	assert_int_equal(scene->fake->puts, 0);
}

static const char managed[] =
    "version: 1\n"
    "accounts:\n"
    "  production: { id: \"123456789012\", region: eu-west-1, manager: jit-manager }\n";

static void test_a_manager_writes_in_its_account(void **state)
{
	struct scene *scene = *state;
	const char *rest = strstr(fixture_profiles, "people:");
	char text[8192], id[ID_SIZE];

	snprintf(text, sizeof(text), "%s%s", managed, rest);
	fixture_reload(scene->fixture, text);
	begin_session(scene, id);
	assert_int_equal(scene->fake->assumes, 1);
	assert_string_equal(scene->fake->assumed,
			    "arn:aws:iam::123456789012:role/jit-manager");
	assert_string_equal(scene->fake->key_id, "ASIAMANAGER000000");
	begin_session(scene, id);
	assert_int_equal(scene->fake->assumes, 1);
}

/* The sessions that are live when `iam = on` is set get their Deny, too. */
static void test_sessions_from_before_are_adopted(void **state)
{
	struct scene *scene = *state;
	struct enforcer *enforcer = take(scene->fixture->broker.enforcer);
	char live[ID_SIZE], over[ID_SIZE];

	approve(scene, "orders-support", "{\"tenant\":\"acme\"}", live);
	approve(scene, "orders-support", "{\"tenant\":\"acme\"}", over);
	assert_int_equal(grant_status(scene, live), 200);
	assert_int_equal(grant_status(scene, over), 200);
	assert_int_equal(fixture_post(scene->fixture, &scene->ann, over, "end", "{}"),
			 200);
	scene->fixture->broker.enforcer = enforcer;
	assert_int_equal(ends_leave(scene->fixture->broker.store, NULL), 0);
	scene_restart(scene);
	scene_work(scene);
	assert_true(fake_iam_says(scene->fake, ROLE, live));
	assert_true(fake_iam_says(scene->fake, ROLE, over));
	assert_int_equal(grant_status(scene, live), 200);
	/* Once; at the next start nothing of it is due. */
	scene->fake->calls = 0;
	scene_restart(scene);
	assert_int_equal(scene_work(scene), 0);
	assert_int_equal(scene->fake->calls, 0);
}

/* A Deny from before is kept for the grants that were signed while it was off. */
static void test_a_time_without_iam_shortens_no_deny(void **state)
{
	struct scene *scene = *state;
	struct enforcer *enforcer;
	char id[ID_SIZE];

	begin_session(scene, id);
	enforcer = take(scene->fixture->broker.enforcer);
	assert_int_equal(ends_leave(scene->fixture->broker.store, NULL), 0);
	scene->fixture->now_seconds += 1500;
	assert_int_equal(grant_status(scene, id), 200);
	scene->fixture->broker.enforcer = enforcer;
	scene_restart(scene);
	scene_work(scene);
	/* By the first grant alone it would be gone now. */
	scene->fixture->now_seconds = FIXTURE_START + 300 + 3600 + ENDS_MARGIN_SECONDS +
				      ENDS_FORGET_TOGETHER + 1;
	scene_work(scene);
	assert_true(fake_iam_says(scene->fake, ROLE, id));
	scene->fixture->now_seconds += 1500;
	scene_work(scene);
	assert_false(fake_iam_says(scene->fake, ROLE, id));
}

static void test_the_calls_are_as_many_as_the_changes(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	for (int i = 0; i < 20; i++)
		begin_session(scene, id);
	scene->fake->calls = 0;
	/* An hour of ticks in which 20 sessions end by time: nothing to be written. */
	for (int i = 0; i < 60; i++) {
		scene_pass(scene, 60);
		scene_work(scene);
	}
	assert_int_equal(scene->fake->calls, 0);
	/* Then all of them leave together: the role is looked at, the policy goes. */
	for (int i = 0; i < 60; i++) {
		scene_pass(scene, 60);
		scene_work(scene);
	}
	assert_in_range(scene->fake->calls, 1, 5);
	assert_int_equal(scene->fake->deletes, 1);
}

/* --- kill -9 -------------------------------------------------------------- */

static void pass_for_all(struct scene *scene, int64_t seconds)
{
	scene->fixture->now_seconds += seconds;
	left->now_seconds = scene->fixture->now_seconds;
}

/* A life with all the calls that there are; in a process of its own. */
static void live(struct scene *scene)
{
	char first[ID_SIZE], second[ID_SIZE];

	begin_session(scene, first);
	pass_for_all(scene, 5);
	begin_session(scene, second);
	pass_for_all(scene, 5);
	assert_int_equal(fixture_post(scene->fixture, &scene->ann, first, "end", "{}"),
			 200);
	scene_work(scene);
	pass_for_all(scene, 300 + 3600 + ENDS_MARGIN_SECONDS + ENDS_FORGET_TOGETHER + 1);
	scene_work(scene);
	begin_session(scene, first);
}

static void close_broker(struct scene *scene)
{
	iam_account_done(&scene->site.account);
	broker_done(&scene->fixture->broker);
	iam_access_done(&scene->access);
}

static void open_broker(struct scene *scene)
{
	fixture_open(scene->fixture);
	scene_enforce(scene);
	scene_hold_workers(scene);
}

/* Whether it was killed. */
static bool live_and_die(struct scene *scene)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		left->pid = getpid();
		open_broker(scene);
		live(scene);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		return true;
	assert_int_equal(status, 0);
	return false;
}

struct agreement {
	struct scene *scene;
	size_t rows;
	struct error *error;
	struct transaction *transaction;
};

static int check_row(void *data, const struct end *end)
{
	struct agreement *agreement = data;

	agreement->rows++;
	assert_true(end->denied_from >= 0);
	assert_true(end->ends_at > agreement->scene->fixture->now_seconds ||
		    end->denied_from <= end->ends_at);
	assert_true(fake_iam_says(agreement->scene->fake, ROLE, end->request));
	return 0;
}

/* What was granted and may still be alive has a row. */
static int check_granted(void *data, const struct audit_entry *entry)
{
	const struct agreement *agreement = data;
	struct end end;

	if (strcmp(entry->event, "granted") == 0 &&
	    entry->at_seconds + 300 + 3600 > agreement->scene->fixture->now_seconds)
		assert_int_equal(store_ends_find(agreement->transaction, entry->request,
						 &end, NULL, NULL),
				 1);
	return 0;
}

static int check_all(struct transaction *transaction, void *data, struct error *error)
{
	struct agreement *agreement = data;
	struct ends_role role = { .is_unknown = false };

	agreement->transaction = transaction;
	agreement->error = error;
	assert_true(store_ends_role(transaction, ROLE_ARN, &role, error) >= 0);
	assert_false(role.is_unknown);
	assert_int_equal(
	    store_ends_of_role(transaction, ROLE_ARN, check_row, agreement, error), 0);
	return store_audit_since(transaction, 0, check_granted, agreement, error);
}

static size_t count_requests(struct fake_iam *fake)
{
	const char *at = fake_role_of(fake, ROLE)->document;
	size_t count = 0;

	while ((at = strstr(at, "\"r-"))) {
		count++;
		at++;
	}
	return count;
}

/* After the next start store and IAM say the same, and nobody was let off. */
static void check_agreement(struct scene *scene)
{
	struct agreement agreement = { .scene = scene };
	struct error error;

	assert_int_equal(
	    store_read(scene->fixture->broker.store, check_all, &agreement, &error), 0);
	assert_int_equal(count_requests(scene->fake), agreement.rows);
}

static void test_a_kill_in_any_call_leaves_nobody_with_too_much(void **state)
{
	struct scene *scene = *state;
	bool was_killed = true;
	int at;

	left = mmap(NULL, sizeof(*left), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(left != MAP_FAILED);
	scene->fake->kill_pid = &left->pid;
	for (at = 0; was_killed; at++) {
		left->now_seconds = scene->fixture->now_seconds;
		close_broker(scene);
		scene->fake->calls = 0;
		scene->fake->kill_at = at / 2 + 1;
		scene->fake->kills_after = at % 2;
		was_killed = live_and_die(scene);
		scene->fake->kill_at = 0;
		scene->fixture->now_seconds = left->now_seconds;
		open_broker(scene);
		scene_work(scene);
		check_agreement(scene);
		/* Out of the way of the next life. */
		scene_pass(scene, 20000);
		scene_work(scene);
		check_agreement(scene);
	}
	munmap(left, sizeof(*left));
	left = NULL;
	assert_in_range(at, 12, 60);
}

/* --- with the workers' own threads ---------------------------------------- */

static const char two_accounts[] =
    "version: 1\n"
    "accounts:\n"
    "  slow: { id: \"123456789012\", region: eu-west-1 }\n"
    "  fast: { id: \"123456789013\", region: eu-west-1, manager: m }\n"
    "people: { ann: { groups: [support] }, bob: { groups: [support] } }\n"
    "roles: { support: [ask, approve] }\n"
    "approvals: { one: { peer: { group: support, count: 1 } } }\n"
    "profiles:\n"
    "  slow: { summary: s, account: slow, role: jit-slow, who: [support], longest: 1h,\n"
    "    approval: one, access: [{ dynamodb: { table: orders, actions: read } }] }\n"
    "  fast: { summary: s, account: fast, role: jit-fast, who: [support], longest: 1h,\n"
    "    approval: one, access: [{ dynamodb: { table: orders, actions: read } }] }\n";

static bool comes_true(struct fake_iam *fake, const char *role, const char *text)
{
	for (int i = 0; i < 2000; i++) {
		if (fake_iam_says(fake, role, text))
			return true;
		usleep(10000);
	}
	return false;
}

/* The fake says for every key that it is of the account that was asked last. */
static void test_a_slow_account_delays_no_other_and_no_stop(void **state)
{
	struct scene *scene = *state;
	scoped(waiting_done) struct waiting slow, fast;
	char slow_id[ID_SIZE], fast_id[ID_SIZE];
	struct instant begun;

	fixture_reload(scene->fixture, two_accounts);
	scene->fake->slow = "jit-slow";
	approve(scene, "slow", "{}", slow_id);
	approve(scene, "fast", "{}", fast_id);
	enforcer_free(scene->fixture->broker.enforcer);
	scene->access.is_stopping = false;
	scene->fixture->broker.enforcer = enforcer_new(&scene->access,
						       &scene->fixture->broker);
	assert_non_null(scene->fixture->broker.enforcer);
	call_grant(scene, slow_id, &slow);
	/* It hangs in the Put, after it has said whose keys it has. */
	for (int i = 0; i < 2000 && scene->fake->calls < 2; i++)
		usleep(10000);
	pthread_mutex_lock(&scene->fake->lock);
	scene->fake->account = "123456789013";
	pthread_mutex_unlock(&scene->fake->lock);
	call_grant(scene, fast_id, &fast);
	assert_true(comes_true(scene->fake, "jit-fast", fast_id));
	assert_false(fake_iam_says(scene->fake, "jit-slow", slow_id));
	begun = clock_now(&clock_system);
	enforcer_stop(scene->fixture->broker.enforcer);
	assert_true(clock_now(&clock_system).boot_usec - begun.boot_usec <
		    5 * USEC_PER_SEC);
	fake_iam_slow(scene->fake, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(test_a_grant_is_signed_only_after_the_deny_is_in_force),
		TEST(test_many_at_once_on_one_role_are_one_call),
		TEST(test_the_hub_wakes_who_waits),
		TEST(test_a_revoked_session_is_denied_without_a_date),
		TEST(test_a_revocation_is_tried_until_iam_takes_it),
		TEST(test_without_iam_old_sessions_go_on_and_new_ones_are_told),
		TEST(test_a_grant_waits_so_long_and_no_longer),
		TEST(test_a_stopping_server_does_not_let_a_grant_spin),
		TEST(test_what_aws_refuses_is_told_with_its_code),
		TEST(test_throttling_and_outages_are_ridden_out),
		TEST(test_after_a_kill_the_document_is_written_whole_and_looked_at),
		TEST(test_a_deny_leaves_when_the_credentials_are_dead),
		TEST(test_a_full_role_refuses_with_words_and_keeps_what_it_has),
		TEST(test_ends_that_were_put_off_become_exact),
		TEST(test_keys_of_another_account_write_nothing),
		TEST(test_a_manager_writes_in_its_account),
		TEST(test_sessions_from_before_are_adopted),
		TEST(test_a_time_without_iam_shortens_no_deny),
		TEST(test_the_calls_are_as_many_as_the_changes),
		TEST(test_a_kill_in_any_call_leaves_nobody_with_too_much),
		TEST(test_a_slow_account_delays_no_other_and_no_stop),
	};

	if (sodium_init() < 0 || http_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("enforcer", tests, NULL, NULL);
}
