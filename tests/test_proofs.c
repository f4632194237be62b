/* SPDX-License-Identifier: MIT */
/* Whether AWS is seen to refuse what was ended, and what is taken for that. */
#include "tests/ends_scene.h"

#include "aws/http.h"
#include "broker/proof.h"
#include "broker/store-proofs.h"

static void test_only_one_outcome_is_a_proof(void **state)
{
	(void)state;
	for (int outcome = 0; outcome < PROOF_OUTCOMES; outcome++)
		for (int64_t tries = 0; tries <= PROOF_TRIES + 1; tries++)
			assert_true((proof_judge((enum proof_outcome)outcome, tries) ==
				     PROOF_DONE) == (outcome == PROOF_SHOWN));
	assert_int_equal(proof_judge(PROOF_LOST, PROOF_TRIES - 1), PROOF_AGAIN);
	assert_int_equal(proof_judge(PROOF_LOST, PROOF_TRIES), PROOF_GIVE_UP);
	assert_int_equal(proof_judge(PROOF_MASKED, 1), PROOF_GIVE_UP);
}

static void test_tries_become_rarer_and_end(void **state)
{
	int64_t whole = 0;

	(void)state;
	assert_int_equal(proof_pause(1), 1);
	for (int64_t tries = 1; tries < PROOF_TRIES; tries++) {
		assert_true(proof_pause(tries) <= proof_pause(tries + 1));
		whole += proof_pause(tries);
	}
	assert_in_range(whole, 120, PROOF_PATIENCE_SECONDS);
}

/* Every duty's work that is due; how many tries of a proof it was. */
static int work(struct scene *scene)
{
	struct error error = { .text = "" };
	int tries = 0, r;

	do {
		r = 0;
		for (const struct duty *duty = duties; r == 0 && duty->name; duty++) {
			r = duty->work(&scene->site, &error);
			if (r < 0)
				fail_msg("%s", error.text);
			tries += r > 0 && duty->crew == CREW_PROOFS;
		}
	} while (r > 0);
	return tries;
}

static void end(struct scene *scene, const char *id)
{
	assert_int_equal(fixture_post(scene->fixture, &scene->ann, id, "end", "{}"), 200);
}

/* The member of the session's JSON that its owner gets; "" for none. */
static const char *member_of(struct scene *scene, const char *id, const char *name)
{
	static char text[64];
	char uri[64];
	json_auto_t *answer = NULL;
	const json_t *member;
	struct call call;

	snprintf(uri, sizeof(uri), "/v1/requests/%.*s", ID_SIZE - 1, id);
	call = fixture_make_call(scene->fixture, &scene->ann, "GET", uri, NULL);
	assert_int_equal(routes_answer(&scene->fixture->broker, &call, &answer), 200);
	member = json_object_get(
	    json_object_get(json_object_get(answer, "request"), "session"), name);
	text[0] = '\0';
	if (json_is_integer(member))
		snprintf(text, sizeof(text), "%lld",
			 (long long)json_integer_value(member));
	else if (member)
		snprintf(text, sizeof(text), "%s", json_string_value(member));
	return text;
}

static void assert_awaited(struct scene *scene, const char *id)
{
	assert_string_equal(member_of(scene, id, "proof"), "awaited");
	assert_string_equal(member_of(scene, id, "dead_after_seconds"), "");
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_PROVEN), 0);
}

static void assert_shown(struct scene *scene, const char *id, const char *seconds)
{
	assert_string_equal(member_of(scene, id, "proof"), "shown");
	assert_string_equal(member_of(scene, id, "dead_after_seconds"), seconds);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_PROVEN), 1);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_UNPROVEN), 0);
}

static void assert_not_shown(struct scene *scene, const char *id)
{
	assert_string_equal(member_of(scene, id, "proof"), "not-shown");
	assert_string_equal(member_of(scene, id, "dead_after_seconds"), "");
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_PROVEN), 0);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_UNPROVEN), 1);
}

/* Until nothing more of it is due; how many tries that were. */
static int give_it_time(struct scene *scene)
{
	int tries = 0;

	for (int second = 0; second < 2 * PROOF_PATIENCE_SECONDS; second++) {
		scene_pass(scene, 1);
		tries += work(scene);
	}
	return tries;
}

static void test_a_session_that_aws_refuses_is_shown_dead(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	begin_session(scene, id);
	scene->fake->blind = 2;
	scene->fixture->now_seconds += 100;
	end(scene, id);
	assert_awaited(scene, id);
	assert_int_equal(work(scene), 0);
	for (int i = 0; i < 4; i++) {
		assert_awaited(scene, id);
		scene->fixture->now_seconds++;
		work(scene);
	}
	assert_shown(scene, id, "4");
	/* Two that saw nothing, one that saw the Deny, one with another tag. */
	assert_int_equal(scene->fake->questions, 4);
	assert_int_equal(give_it_time(scene), 0);
	assert_int_equal(scene->fake->questions, 4);
}

/* The same role and tag as the session's; then another tag, of nobody. */
static void test_the_broker_asks_as_the_session_and_may_do_no_more(void **state)
{
	struct scene *scene = *state;
	const struct fake_session *sessions = scene->fake->sessions;
	char id[ID_SIZE], name[32];

	begin_session(scene, id);
	end(scene, id);
	work(scene);
	scene->fixture->now_seconds++;
	work(scene);
	assert_int_equal(scene->fake->session_count, 2);
	snprintf(name, sizeof(name), "probe-%s", id);
	for (int i = 0; i < 2; i++) {
		assert_string_equal(sessions[i].role, ROLE);
		assert_string_equal(sessions[i].name, name);
		assert_string_equal(
		    sessions[i].policy,
		    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
		    "\"Action\":\"dynamodb:DescribeLimits\",\"Resource\":\"*\"}]}");
	}
	assert_string_equal(sessions[0].tag, id);
	assert_string_not_equal(sessions[1].tag, id);
	assert_int_equal(strncmp(sessions[1].tag, "p-", 2), 0);
}

/* A Deny for everybody, as of the broker's address, would be seen without ours. */
static void test_a_deny_for_everybody_is_no_proof(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	begin_session(scene, id);
	scene->fake->denies_all = true;
	end(scene, id);
	work(scene);
	scene->fixture->now_seconds++;
	assert_int_equal(work(scene), 1);
	assert_not_shown(scene, id);
	assert_int_equal(give_it_time(scene), 0);
}

static void test_other_words_are_no_proof_and_the_calls_are_bounded(void **state)
{
	static const char *const words[] = {
		"with an explicit deny in a service control policy",
		"wegen einer ausdr\xc3\xbc"
		"cklichen Ablehnung in einer Richtlinie",
		"because no identity-based policy allows the dynamodb:DescribeLimits "
		"action",
	};
	struct scene *scene = *state;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char id[ID_SIZE];

		begin_session(scene, id);
		scene->fake->words = words[i];
		scene->fake->questions = 0;
		end(scene, id);
		assert_int_equal(give_it_time(scene), PROOF_TRIES);
		assert_int_equal(scene->fake->questions, PROOF_TRIES);
		assert_string_equal(member_of(scene, id, "proof"), "not-shown");
		assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_PROVEN), 0);
		assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_UNPROVEN),
				 i + 1);
	}
}

/* Somebody took the policy off the role: nothing that the broker knows says so. */
static void test_a_deny_that_somebody_took_away_is_not_shown(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	begin_session(scene, id);
	end(scene, id);
	work(scene);
	pthread_mutex_lock(&scene->fake->lock);
	fake_role_of(scene->fake, ROLE)->document[0] = '\0';
	pthread_mutex_unlock(&scene->fake->lock);
	assert_int_equal(give_it_time(scene), PROOF_TRIES);
	assert_not_shown(scene, id);
}

static void test_a_role_that_sts_does_not_give_is_no_proof(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	begin_session(scene, id);
	scene->fake->refuses_all = "AccessDenied";
	end(scene, id);
	assert_int_equal(give_it_time(scene), PROOF_TRIES);
	assert_int_equal(scene->fake->questions, 0);
	assert_not_shown(scene, id);
}

static void test_an_outage_of_aws_is_waited_out(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	begin_session(scene, id);
	end(scene, id);
	work(scene);
	fake_iam_trouble(scene->fake, FAKE_FORBID, -1);
	scene->fixture->now_seconds += 1;
	assert_int_equal(work(scene), 1);
	assert_awaited(scene, id);
	fake_iam_trouble(scene->fake, FAKE_FINE, 0);
	scene->fixture->now_seconds += 1;
	assert_int_equal(work(scene), 1);
	assert_shown(scene, id, "2");
}

/* A try that nobody finished is on the disk as begun, and as nothing more. */
static void test_a_broker_that_dies_asks_again(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	begin_session(scene, id);
	end(scene, id);
	scene_restart(scene);
	work(scene);
	scene_restart(scene);
	scene->access.is_stopping = true;
	scene->fixture->now_seconds += 1;
	assert_int_equal(work(scene), 1);
	scene_restart(scene);
	assert_awaited(scene, id);
	scene->fixture->now_seconds += 1;
	assert_int_equal(work(scene), 1);
	assert_shown(scene, id, "2");
	scene_restart(scene);
	assert_int_equal(give_it_time(scene), 0);
	assert_shown(scene, id, "2");
}

/* What IAM never took can't be shown; once it is taken after all, it is. */
static void test_what_iam_does_not_take_is_not_shown_before(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	begin_session(scene, id);
	fake_iam_trouble(scene->fake, FAKE_FORBID, -1);
	end(scene, id);
	assert_int_equal(give_it_time(scene), 1);
	assert_int_equal(scene->fake->session_count, 0);
	assert_not_shown(scene, id);
	fake_iam_trouble(scene->fake, FAKE_FINE, 0);
	scene->fixture->now_seconds += ENDS_BACKOFF_MOST;
	work(scene);
	scene->fixture->now_seconds += 1;
	assert_int_equal(work(scene), 1);
	assert_string_equal(member_of(scene, id, "proof"), "shown");
}

/* Its Deny outlives the grants with which the broker asks. */
static void test_the_deny_stays_for_the_grants_of_the_proof(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	begin_session(scene, id);
	scene->fixture->now_seconds += 400;
	end(scene, id);
	work(scene);
	scene->fixture->now_seconds += 1;
	work(scene);
	assert_shown(scene, id, "1");
	/* By the session's own grant it would leave now. */
	scene->fixture->now_seconds = FIXTURE_START + 300 + 3600 + ENDS_MARGIN_SECONDS +
				      ENDS_FORGET_TOGETHER / 2;
	scene->fixture->now_seconds -= scene->fixture->now_seconds % ENDS_FORGET_TOGETHER;
	work(scene);
	assert_true(fake_iam_says(scene->fake, ROLE, id));
	scene->fixture->now_seconds += 2 * ENDS_FORGET_TOGETHER;
	work(scene);
	assert_false(fake_iam_says(scene->fake, ROLE, id));
}

static void test_what_was_never_granted_or_ended_by_time_is_not_asked(void **state)
{
	struct scene *scene = *state;
	char unused[ID_SIZE], over[ID_SIZE];

	scene_approve(scene, "orders-support", "{\"tenant\":\"acme\"}", unused);
	end(scene, unused);
	assert_string_equal(member_of(scene, unused, "proof"), "");
	begin_session(scene, over);
	scene_pass(scene, 1801);
	assert_int_equal(give_it_time(scene), 0);
	assert_string_equal(member_of(scene, over, "proof"), "");
	assert_int_equal(scene->fake->session_count, 0);
}

static void test_with_probe_off_nobody_is_asked(void **state)
{
	struct scene *scene = *state;
	char before[ID_SIZE], after[ID_SIZE];

	begin_session(scene, before);
	begin_session(scene, after);
	end(scene, before);
	assert_string_equal(member_of(scene, before, "proof"), "awaited");
	snprintf(scene->settings.probe, sizeof(scene->settings.probe), "off");
	scene_restart(scene);
	end(scene, after);
	assert_int_equal(give_it_time(scene), 0);
	assert_string_equal(member_of(scene, before, "proof"), "");
	assert_string_equal(member_of(scene, after, "proof"), "");
	assert_int_equal(scene->fake->session_count, 0);
}

/* A role of its own, ready. */
static void begin_own(struct scene *scene, char id[static ID_SIZE])
{
	scene_approve(scene, "provisioned", "{}", id);
	work(scene);
	assert_int_equal(grant_status(scene, id), 200);
}

static void test_a_role_of_its_own_is_shown_gone(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	begin_own(scene, id);
	end(scene, id);
	assert_awaited(scene, id);
	work(scene);
	assert_awaited(scene, id);
	scene->fixture->now_seconds += 1;
	assert_int_equal(work(scene), 1);
	assert_shown(scene, id, "1");
	assert_int_equal(scene->fake->questions, 0);
}

/* STS may refuse for other reasons, and a role that is still there shows nothing. */
static void test_a_role_of_its_own_must_be_gone_and_refused(void **state)
{
	static const char *const codes[] = { "InvalidIdentityToken", "MalformedPolicy" };
	struct scene *scene = *state;

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		char id[ID_SIZE];

		scene->fake->refuses_all = NULL;
		begin_own(scene, id);
		scene->fake->refuses_all = codes[i];
		end(scene, id);
		assert_int_equal(give_it_time(scene), PROOF_TRIES);
		assert_string_equal(member_of(scene, id, "proof"), "not-shown");
	}
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_END_PROVEN), 0);
}

static void test_a_role_that_iam_keeps_is_not_shown_gone(void **state)
{
	struct scene *scene = *state;
	char id[ID_SIZE];

	begin_own(scene, id);
	fake_iam_trouble(scene->fake, FAKE_FORBID, -1);
	end(scene, id);
	assert_int_equal(give_it_time(scene), 1);
	assert_not_shown(scene, id);
	fake_iam_trouble(scene->fake, FAKE_FINE, 0);
	give_it_time(scene);
	assert_string_equal(member_of(scene, id, "proof"), "shown");
}

/* A proof is a change of its session: whoever waits for news hears of it. */
static void test_news_of_the_proof_come_as_news_of_the_session(void **state)
{
	struct scene *scene = *state;
	json_auto_t *before = NULL, *after = NULL;
	struct call call;
	char id[ID_SIZE], uri[64];

	begin_session(scene, id);
	end(scene, id);
	work(scene);
	call = fixture_make_call(scene->fixture, &scene->ann, "GET",
				 "/v1/events?since=0&wait=0", NULL);
	assert_int_equal(routes_answer(&scene->fixture->broker, &call, &before), 200);
	snprintf(uri, sizeof(uri), "/v1/events?since=%lld&wait=55",
		 (long long)json_integer_value(json_object_get(before, "next")));
	call = fixture_make_call(scene->fixture, &scene->ann, "GET", uri, NULL);
	assert_int_equal(routes_answer(&scene->fixture->broker, &call, &after), 0);
	scene->fixture->now_seconds += 1;
	work(scene);
	assert_int_equal(routes_answer(&scene->fixture->broker, &call, &after), 200);
	assert_int_equal(json_array_size(json_object_get(after, "requests")), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_one_outcome_is_a_proof),
		cmocka_unit_test(test_tries_become_rarer_and_end),
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
		TEST(test_a_session_that_aws_refuses_is_shown_dead),
		TEST(test_the_broker_asks_as_the_session_and_may_do_no_more),
		TEST(test_a_deny_for_everybody_is_no_proof),
		TEST(test_other_words_are_no_proof_and_the_calls_are_bounded),
		TEST(test_a_deny_that_somebody_took_away_is_not_shown),
		TEST(test_a_role_that_sts_does_not_give_is_no_proof),
		TEST(test_an_outage_of_aws_is_waited_out),
		TEST(test_a_broker_that_dies_asks_again),
		TEST(test_what_iam_does_not_take_is_not_shown_before),
		TEST(test_the_deny_stays_for_the_grants_of_the_proof),
		TEST(test_what_was_never_granted_or_ended_by_time_is_not_asked),
		TEST(test_with_probe_off_nobody_is_asked),
		TEST(test_a_role_of_its_own_is_shown_gone),
		TEST(test_a_role_of_its_own_must_be_gone_and_refused),
		TEST(test_a_role_that_iam_keeps_is_not_shown_gone),
		TEST(test_news_of_the_proof_come_as_news_of_the_session),
	};

	if (sodium_init() < 0 || http_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("proofs", tests, NULL, NULL);
}
