/* SPDX-License-Identifier: MIT */
/* Whether AWS is seen to refuse what was ended, and what is taken for that. */
#include "tests/proofs_scene.h"

#include "aws/http.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_one_outcome_is_a_proof),
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
		TEST(test_a_session_that_aws_refuses_is_shown_dead),
		TEST(test_the_broker_asks_as_the_session_and_may_do_no_more),
		TEST(test_a_deny_for_everybody_is_no_proof),
		TEST(test_other_words_are_no_proof_and_the_calls_are_bounded),
		TEST(test_a_deny_that_somebody_took_away_is_not_shown),
		TEST(test_a_role_that_sts_does_not_give_is_no_proof),
		TEST(test_a_role_of_its_own_is_shown_gone),
		TEST(test_a_role_of_its_own_must_be_gone_and_refused),
		TEST(test_a_role_that_iam_keeps_is_not_shown_gone),
	};

	if (sodium_init() < 0 || http_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("proofs", tests, NULL, NULL);
}
