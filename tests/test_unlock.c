/* SPDX-License-Identifier: MIT */
/* Lock and unlock, and sealed sessions that somebody changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/session-file.h"
#include "agent/unlock.h"
#include "tests/agent_fixture.h"

/* Changes one header field of a live session's file; whether it is still read. */
static bool fills(const char *field, json_t *value)
{
	char path[160];
	json_auto_t *header = NULL;
	struct session session = { .id = FIXTURE_ID };
	int r;

	snprintf(path, sizeof(path), "%s/" FIXTURE_ID ".session", the_fixture->runtime);
	assert_int_equal(session_file_peek(path, &header), 0);
	if (value)
		json_object_set_new(header, field, value);
	r = session_file_fill(&session, header);
	json_decref(session.request);
	return r == 0;
}

static void test_a_sealed_sessions_header_is_checked_before_it_counts(void **state)
{
	(void)state;
	fixture_session(the_fixture, 1800);
	fixture_answer_credentials(the_fixture, 1770, 0);
	assert_true(fills("", NULL));
	assert_false(fills("id", json_string("r-7k2m9x4q1e")));
	assert_false(fills("kind", json_string("device")));
	assert_false(fills("version", json_integer(2)));
	assert_false(fills("boot", json_string("another boot")));
	assert_false(fills("key", json_string("00")));
	assert_false(fills("key", json_string("not hex")));
	assert_false(fills("more", json_true()));
	assert_false(fills("ends_wall_usec", json_string("never")));
	assert_false(fills("ends_wall_usec", json_integer(INT64_MAX)));
	assert_false(fills("ends_boot_usec", json_integer(INT64_MIN)));
	assert_false(fills("credentials_expire_at", json_integer(INT64_MAX)));
}

/* One who may write the file makes the session longer by hand: it does not open. */
static void test_an_altered_end_does_not_open(void **state)
{
	struct agent *agent = &the_fixture->agent;
	struct session *session;

	(void)state;
	fixture_session(the_fixture, 1800);
	fixture_answer_credentials(the_fixture, 1770, 0);
	lifecycle_done(agent);
	lifecycle_load(agent);
	session = sessions_find(&agent->sessions, FIXTURE_ID);
	session->credentials_end.boot_usec += 3600 * USEC_PER_SEC;
	lifecycle_unlock(agent);
	assert_false(credentials_are_good(agent, session));
	assert_int_equal(session->state, SESSION_FETCHING);
}

static void on_unlock(void *data, const struct error *error)
{
	*(struct error *)data = *error;
}

static void test_the_newer_unlock_counts_and_the_older_is_told(void **state)
{
	struct agent *agent = &the_fixture->agent;
	struct error older = { ERROR_NONE }, newer = { ERROR_NONE };

	(void)state;
	keys_set(&agent->keys, NULL, NULL);
	assert_int_equal(unlock_start(agent, NULL, 1000, on_unlock, &older, NULL), 0);
	assert_int_equal(unlock_start(agent, NULL, 1000, on_unlock, &newer, NULL), 0);
	assert_int_equal(older.kind, ERROR_LOCKED);
	assert_int_equal(the_fixture->jobs[0].fd, -1);
	fixture_answer(the_fixture, fixture_find(the_fixture, "load"), json_object(),
		       "a key of another length");
	assert_int_equal(newer.kind, ERROR_INTERNAL);
	assert_null(agent->unlocking);
	assert_null(agent->keys.master);
}

static void test_a_key_that_opens_no_device_key_says_to_enroll(void **state)
{
	struct agent *agent = &the_fixture->agent;
	struct error error = { ERROR_NONE };

	(void)state;
	keys_set(&agent->keys, NULL, NULL);
	assert_int_equal(unlock_start(agent, NULL, 1000, on_unlock, &error, NULL), 0);
	fixture_answer(the_fixture, fixture_find(the_fixture, "load"), json_object(),
		       "01234567890123456789012345678901");
	assert_int_not_equal(error.kind, ERROR_NONE);
	assert_non_null(strstr(error.next, "jitctl enroll"));
	assert_null(agent->keys.master);
}

static void test_the_memory_keystore_cannot_be_locked(void **state)
{
	struct agent *agent = &the_fixture->agent;
	struct error error;

	(void)state;
	snprintf(agent->settings.keystore, CONFIG_VALUE_MAX, "memory");
	assert_true(unlock_undo(agent, &error) < 0);
	assert_non_null(agent->keys.master);
	snprintf(agent->settings.keystore, CONFIG_VALUE_MAX, "passphrase");
	assert_int_equal(unlock_undo(agent, &error), 0);
	assert_null(agent->keys.master);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_sealed_sessions_header_is_checked_before_it_counts),
		TEST(test_an_altered_end_does_not_open),
		TEST(test_the_newer_unlock_counts_and_the_older_is_told),
		TEST(test_a_key_that_opens_no_device_key_says_to_enroll),
		TEST(test_the_memory_keystore_cannot_be_locked),
	};

	return cmocka_run_group_tests_name("unlock", tests, NULL, NULL);
}
