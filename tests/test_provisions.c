/* SPDX-License-Identifier: MIT */
/* Roles made for one session, from the approval on, against an IAM that fails. */
#include "tests/iam_scene.h"

#include "aws/http.h"

/* One turn: whether there was something to do. */
static bool scene_turn(struct scene *scene)
{
	struct error error = { .text = "" };
	int r = provision_duty_work(&scene->site, &error);

	if (r < 0)
		fail_msg("%s", error.text);
	return r > 0;
}

static void scene_work(struct scene *scene)
{
	for (int count = 0; scene_turn(scene); count++)
		assert_true(count < 1000);
}

static void approve(struct scene *scene)
{
	scene_approve(scene, "provisioned", "{}", scene->id);
	provision_role_name(scene->id, scene->role);
}

struct finding_row {
	const char *id;
	struct provision_row row;
	char *policy;
	int found;
};

static int find_row(struct transaction *transaction, void *data, struct error *error)
{
	struct finding_row *finding = data;

	finding->found = store_provision_find(transaction, finding->id, &finding->row,
					      error);
	return store_provision_policy(transaction, finding->id, &finding->policy, error);
}

/* Its step; PROVISION_GONE where there is no row. */
static enum provision_step step_of(struct scene *scene, struct finding_row *out)
{
	struct finding_row finding = { .id = scene->id };
	struct error error;

	store_read(scene->fixture->broker.store, find_row, &finding, &error);
	assert_true(finding.found >= 0);
	if (out)
		*out = finding;
	else
		free(finding.policy);
	return finding.found ? finding.row.state.step : PROVISION_GONE;
}

/* A call for a grant that may be told to wait: its status, 0 then. */
static int grant(struct scene *scene, struct call *call, json_t **answer)
{
	static char uri[64];

	snprintf(uri, sizeof(uri), "/v1/requests/%s/grant", scene->id);
	if (!call->method)
		*call = fixture_make_call(scene->fixture, &scene->ann, "POST", uri, "{}");
	return routes_answer(&scene->fixture->broker, call, answer);
}

static void test_an_approval_writes_down_what_is_to_be_made(void **state)
{
	struct scene *scene = *state;
	struct finding_row finding;

	approve(scene);
	assert_int_equal(step_of(scene, &finding), PROVISION_MAKE_ROLE);
	assert_string_equal(finding.row.role, scene->role);
	assert_string_equal(finding.row.place.path, "/jit/");
	assert_string_equal(finding.row.place.account_id, "123456789012");
	assert_int_equal(finding.row.state.due_at, FIXTURE_START);
	assert_non_null(strstr(finding.policy, "DateGreaterThanEquals"));
	free(finding.policy);
	assert_int_equal(scene->fake->calls, 0);
}

static void test_a_grant_waits_until_sts_gives_the_role(void **state)
{
	struct scene *scene = *state;
	struct call call = { .method = NULL };
	json_t *answer = NULL;

	approve(scene);
	scene->fake->not_yet = 2;
	assert_int_equal(grant(scene, &call, &answer), 0);
	assert_int_equal(call.wait_seconds, PROVISION_WAIT_SECONDS);
	scene_work(scene);
	assert_int_equal(step_of(scene, NULL), PROVISION_PROBE);
	scene_pass(scene, 1);
	scene_work(scene);
	assert_int_equal(step_of(scene, NULL), PROVISION_PROBE);
	assert_int_equal(grant(scene, &call, &answer), 0);
	scene_pass(scene, 2);
	scene_work(scene);
	assert_int_equal(step_of(scene, NULL), PROVISION_READY);
	assert_int_equal(grant(scene, &call, &answer), 200);
	assert_non_null(strstr(json_string_value(json_object_get(answer, "role_arn")),
			       ":role/jit/jit-r-"));
	json_decref(answer);
	assert_int_equal(scene->fake->probes, 3);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_ROLE_MADE), 1);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_ROLE_READY), 1);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_ROLE_FAILED), 0);
}

static void test_a_grant_that_waited_too_long_hears_for_what(void **state)
{
	struct scene *scene = *state;
	struct call call = { .method = NULL };
	json_t *answer = NULL;
	const char *message, *kind;

	approve(scene);
	scene->fake->not_yet = 100;
	assert_int_equal(grant(scene, &call, &answer), 0);
	scene_work(scene);
	scene_pass(scene, PROVISION_WAIT_SECONDS);
	assert_int_equal(grant(scene, &call, &answer), 409);
	assert_int_equal(json_unpack(answer, "{s:{s:s, s:s}}", "error", "kind", &kind,
				     "message", &message),
			 0);
	assert_string_equal(kind, "pending");
	assert_non_null(strstr(message, "waiting for AWS to make the role jit-r-"));
	assert_non_null(strstr(message, "AccessDenied"));
	json_decref(answer);
}

static void live(struct scene *scene)
{
	approve(scene);
	scene_work(scene);
	assert_int_equal(step_of(scene, NULL), PROVISION_READY);
}

/* Whatever the end is, the policy goes first, then the role, then the row. */
static void assert_gone(struct scene *scene)
{
	scene_work(scene);
	assert_int_equal(step_of(scene, NULL), PROVISION_GONE);
	assert_false(fake_role_of(scene->fake, scene->role)->is_made);
	assert_false(fake_role_of(scene->fake, scene->role)->document[0]);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_ROLE_CLOSED), 1);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_ROLE_DESTROYED), 1);
}

static void test_it_is_destroyed_when_somebody_ends_the_session(void **state)
{
	struct scene *scene = *state;

	live(scene);
	assert_int_equal(
	    fixture_post(scene->fixture, &scene->ann, scene->id, "end", "{}"), 200);
	assert_gone(scene);
}

static void test_it_is_destroyed_when_its_time_is_over(void **state)
{
	struct scene *scene = *state;

	live(scene);
	scene_pass(scene, 3599);
	scene_work(scene);
	assert_int_equal(step_of(scene, NULL), PROVISION_READY);
	scene_pass(scene, 1);
	assert_gone(scene);
}

static void test_it_is_destroyed_after_a_crash(void **state)
{
	struct scene *scene = *state;

	live(scene);
	assert_int_equal(
	    fixture_post(scene->fixture, &scene->ann, scene->id, "end", "{}"), 200);
	assert_true(scene_turn(scene));
	assert_int_equal(step_of(scene, NULL), PROVISION_DELETE_ROLE);
	scene_restart(scene);
	assert_gone(scene);
}

static void test_an_end_before_it_was_made_makes_nothing(void **state)
{
	struct scene *scene = *state;

	approve(scene);
	assert_int_equal(
	    fixture_post(scene->fixture, &scene->ann, scene->id, "end", "{}"), 200);
	scene_work(scene);
	assert_int_equal(scene->fake->made, 0);
	/* Nobody knows yet that no call is on its way. */
	assert_int_equal(step_of(scene, NULL), PROVISION_CONFIRM);
	scene_pass(scene, PROVISION_CONFIRM_SECONDS);
	scene_work(scene);
	assert_int_equal(step_of(scene, NULL), PROVISION_GONE);
}

static void assert_end_reason(struct scene *scene, const char *expected)
{
	json_t *answer = NULL;
	const char *reason = NULL;
	char uri[64];

	snprintf(uri, sizeof(uri), "/v1/requests/%s", scene->id);
	assert_int_equal(
	    fixture_call(scene->fixture, &scene->ann, "GET", uri, NULL, &answer), 200);
	json_unpack(answer, "{s:{s:{s:s}}}", "request", "session", "end_reason", &reason);
	assert_non_null(reason);
	assert_string_equal(reason, expected);
	json_decref(answer);
}

static void test_a_refusal_ends_the_session_with_its_words(void **state)
{
	struct scene *scene = *state;

	approve(scene);
	assert_true(scene_turn(scene));
	fake_iam_trouble(scene->fake, FAKE_FORBID, 1);
	assert_true(scene_turn(scene));
	fixture_assert_state(scene->fixture, &scene->ann, scene->id, "ended");
	assert_end_reason(scene, "AWS refused to make the role: AccessDenied: no");
	scene_work(scene);
	assert_false(fake_role_of(scene->fake, scene->role)->is_made);
	assert_int_equal(step_of(scene, NULL), PROVISION_GONE);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_ROLE_FAILED), 1);
}

/* "AccessDenied: " and 125 letters of 140 bytes leave room for half a character. */
static void test_a_refusal_is_not_cut_within_a_character(void **state)
{
	struct scene *scene = *state;
	char letters[126], message[140], expected[200];

	memset(letters, 'a', sizeof(letters) - 1);
	letters[sizeof(letters) - 1] = '\0';
	snprintf(message, sizeof(message), "%s\u00e9\u00e9", letters);
	snprintf(expected, sizeof(expected),
		 "AWS refused to make the role: AccessDenied: %s", letters);
	scene->fake->forbids_saying = message;
	approve(scene);
	assert_true(scene_turn(scene));
	fake_iam_trouble(scene->fake, FAKE_FORBID, 1);
	assert_true(scene_turn(scene));
	scene->fake->forbids_saying = NULL;
	assert_end_reason(scene, expected);
}

/* As a store that was lost leaves them. */
static void leave_role(struct scene *scene, const char *id, const char *issuer,
		       const char *request)
{
	char name[PROVISION_ROLE_SIZE];
	struct fake_role *role;

	provision_role_name(id, name);
	role = fake_role_of(scene->fake, name);
	role->is_made = true;
	snprintf(role->document, sizeof(role->document), "left");
	snprintf(role->tags[0][0], sizeof(role->tags[0][0]), "jit_broker");
	snprintf(role->tags[0][1], sizeof(role->tags[0][1]), "%s", issuer);
	snprintf(role->tags[1][0], sizeof(role->tags[1][0]), "jit_request");
	snprintf(role->tags[1][1], sizeof(role->tags[1][1]), "%s", request);
}

static void test_a_call_that_was_lost_is_looked_for_at_the_end(void **state)
{
	struct scene *scene = *state;

	/* The first one has the account's keys looked at. */
	live(scene);
	approve(scene);
	fake_iam_trouble(scene->fake, FAKE_DEAF, 1);
	scene_work(scene);
	assert_int_equal(step_of(scene, NULL), PROVISION_READY);
	assert_int_equal(scene->fake->made, 3);
	assert_int_equal(
	    fixture_post(scene->fixture, &scene->ann, scene->id, "end", "{}"), 200);
	scene_work(scene);
	assert_false(fake_role_of(scene->fake, scene->role)->is_made);
	assert_int_equal(step_of(scene, NULL), PROVISION_CONFIRM);
	/* It comes in after all. */
	leave_role(scene, scene->id, FIXTURE_ISSUER, scene->id);
	scene_pass(scene, PROVISION_CONFIRM_SECONDS);
	for (int i = 0; i < 5; i++) {
		scene_work(scene);
		scene_pass(scene, 1);
	}
	assert_false(fake_role_of(scene->fake, scene->role)->is_made);
	assert_false(fake_role_of(scene->fake, scene->role)->document[0]);
}

static void test_a_role_of_others_is_not_touched(void **state)
{
	struct scene *scene = *state;
	struct fake_role *role;
	int deletes;

	approve(scene);
	role = fake_role_of(scene->fake, scene->role);
	role->is_made = true;
	snprintf(role->document, sizeof(role->document), "theirs");
	deletes = scene->fake->deletes;
	scene_work(scene);
	fixture_assert_state(scene->fixture, &scene->ann, scene->id, "ended");
	assert_int_equal(step_of(scene, NULL), PROVISION_GONE);
	assert_true(role->is_made);
	assert_string_equal(role->document, "theirs");
	assert_int_equal(scene->fake->deletes, deletes);
	assert_int_equal(scene->fake->destroyed, 0);
}

static void test_what_is_left_over_is_found_once_a_day(void **state)
{
	struct scene *scene = *state;

	live(scene);
	leave_role(scene, "r-0000000001", FIXTURE_ISSUER, "r-0000000001");
	leave_role(scene, "r-0000000002", "https://other.example", "r-0000000002");
	leave_role(scene, "r-0000000003", FIXTURE_ISSUER, "r-0000000001");
	scene_work(scene);
	assert_true(fake_role_of(scene->fake, "jit-r-0000000001")->is_made);
	scene_pass(scene, PROVISION_SWEEP_SECONDS);
	scene_work(scene);
	assert_false(fake_role_of(scene->fake, "jit-r-0000000001")->is_made);
	assert_true(fake_role_of(scene->fake, "jit-r-0000000002")->is_made);
	assert_true(fake_role_of(scene->fake, "jit-r-0000000003")->is_made);
	assert_int_equal(fixture_audited(scene->fixture, AUDIT_ROLE_FOUND), 1);
}

static void test_what_is_live_costs_no_call(void **state)
{
	struct scene *scene = *state;
	int calls;

	for (int i = 0; i < 90; i++)
		approve(scene);
	scene_work(scene);
	assert_int_equal(step_of(scene, NULL), PROVISION_READY);
	calls = scene->fake->calls;
	for (int i = 0; i < 100; i++) {
		scene_pass(scene, 1);
		assert_false(scene_turn(scene));
	}
	assert_int_equal(scene->fake->calls, calls);
	assert_int_equal(
	    fixture_post(scene->fixture, &scene->ann, scene->id, "end", "{}"), 200);
	scene_work(scene);
	assert_int_equal(scene->fake->calls, calls + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)
		TEST(test_an_approval_writes_down_what_is_to_be_made),
		TEST(test_a_grant_waits_until_sts_gives_the_role),
		TEST(test_a_grant_that_waited_too_long_hears_for_what),
		TEST(test_it_is_destroyed_when_somebody_ends_the_session),
		TEST(test_it_is_destroyed_when_its_time_is_over),
		TEST(test_it_is_destroyed_after_a_crash),
		TEST(test_an_end_before_it_was_made_makes_nothing),
		TEST(test_a_refusal_ends_the_session_with_its_words),
		TEST(test_a_refusal_is_not_cut_within_a_character),
		TEST(test_a_call_that_was_lost_is_looked_for_at_the_end),
		TEST(test_a_role_of_others_is_not_touched),
		TEST(test_what_is_left_over_is_found_once_a_day),
		TEST(test_what_is_live_costs_no_call),
	};

	if (sodium_init() < 0 || http_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("provisions", tests, NULL, NULL);
}
