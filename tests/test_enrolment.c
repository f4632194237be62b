/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/agent_fixture.h"

#define ENROLL(more)                                                         \
	"{\"method\":\"io.jitctl.Agent.Enroll\",\"parameters\":{\"broker\":" \
	"\"http://127.0.0.1:2\",\"code\":\"7H2K-93QF\"" more "}}"
#define WITH_PASSPHRASE ",\"keystore\":\"passphrase\",\"passphrase\":\"a long one\""

static char answer[65536];
static int peer;

static int set_up(void **state)
{
	fixture_setup(state);
	peer = fixture_connect(the_fixture);
	return 0;
}

static int tear_down(void **state)
{
	close(peer);
	return fixture_teardown(state);
}

static void say(const char *text)
{
	assert_int_equal(send(peer, text, strlen(text) + 1, 0), strlen(text) + 1);
	fixture_turn(the_fixture);
}

/* What the peer was answered, "" as yet nothing. */
static const char *heard(void)
{
	ssize_t got = recv(peer, answer, sizeof(answer) - 1, 0);

	answer[got < 0 ? 0 : got] = '\0';
	return answer;
}

static void broker_says(int status, const char *body)
{
	fixture_answer(the_fixture, fixture_find(the_fixture, "call"),
		       json_pack("{s:i, s:i}", "status", status, "date", 0), body);
}

static void keyring_says(const char *job, enum error_kind kind)
{
	struct fixture_job *found = fixture_find(the_fixture, job);
	json_t *object = json_object();

	if (kind != ERROR_NONE)
		json_object_set_new(object, "error",
				    json_pack("{s:s, s:s, s:s}", "kind",
					      error_kind_name(kind), "message", "so",
					      "next", ""));
	fixture_answer(the_fixture, found, object, NULL);
}

static bool has_file(const char *name)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", the_fixture->state, name);
	return access(path, F_OK) == 0;
}

static void assert_nothing_changed(void)
{
	const struct agent *agent = &the_fixture->agent;

	assert_null(agent->enrolment);
	assert_string_equal(agent->settings.broker, "http://127.0.0.1:1");
	assert_string_equal(agent->settings.user, "ann");
	assert_non_null(agent->keys.device);
	assert_false(has_file("device.sealed"));
	assert_false(has_file("agent.conf"));
	assert_false(has_file("device.next"));
	assert_false(has_file("enrolment"));
}

static void test_a_new_enrolment_counts_once_all_of_it_is_written(void **state)
{
	const struct agent *agent = &the_fixture->agent;
	char former[SIGNATURE_KEYID_SIZE];

	(void)state;
	memcpy(former, agent->keys.keyid, sizeof(former));
	say(ENROLL(WITH_PASSPHRASE));
	assert_string_equal(agent->settings.broker, "http://127.0.0.1:1");
	broker_says(200, "{\"user\":\"bea\"}");
	assert_string_equal(heard(), "");
	keyring_says("store", ERROR_NONE);
	assert_non_null(strstr(heard(), "\"user\":\"bea\""));
	assert_string_equal(agent->settings.broker, "http://127.0.0.1:2");
	assert_string_equal(agent->settings.keystore, "passphrase");
	assert_string_not_equal(agent->keys.keyid, former);
	assert_true(has_file("device.sealed") && has_file("agent.conf"));
	assert_false(has_file("device.next") || has_file("enrolment"));
}

static void test_sessions_of_the_former_enrolment_are_gone(void **state)
{
	struct agent *agent = &the_fixture->agent;

	(void)state;
	fixture_session(the_fixture, 1800);
	fixture_answer_credentials(the_fixture, 1770, 0);
	say(ENROLL(WITH_PASSPHRASE));
	broker_says(200, "{\"user\":\"bea\"}");
	assert_int_equal(agent->sessions.count, 1);
	keyring_says("store", ERROR_NONE);
	assert_int_equal(agent->sessions.count, 0);
	assert_int_equal(rmdir(the_fixture->runtime), 0);
	assert_int_equal(directory_make(the_fixture->runtime, 0700), 0);
}

static void test_a_broker_that_refuses_changes_nothing(void **state)
{
	(void)state;
	say(ENROLL(WITH_PASSPHRASE));
	broker_says(403, "{\"error\":{\"kind\":\"forbidden\",\"message\":\"used\"}}");
	assert_non_null(strstr(heard(), "Agent.Forbidden"));
	assert_nothing_changed();
	say(ENROLL(WITH_PASSPHRASE));
	broker_says(200, "{\"user\":\"../bea\"}");
	assert_non_null(strstr(heard(), "makes no sense"));
	assert_nothing_changed();
}

static void test_a_keystore_that_cannot_store_changes_nothing(void **state)
{
	(void)state;
	say(ENROLL(WITH_PASSPHRASE));
	broker_says(200, "{\"user\":\"bea\"}");
	keyring_says("store", ERROR_LOCKED);
	assert_non_null(strstr(heard(), "Agent.Locked"));
	assert_nothing_changed();
}

/* The code is good for once, so the broker is not asked. */
static void test_a_locked_keyring_does_not_cost_the_code(void **state)
{
	(void)state;
	say(ENROLL(""));
	assert_null(fixture_find(the_fixture, "call"));
	keyring_says("load", ERROR_LOCKED);
	assert_non_null(strstr(heard(), "Agent.Locked"));
	assert_null(fixture_find(the_fixture, "call"));
	assert_nothing_changed();
	/* One that is merely empty will do. */
	say(ENROLL(""));
	keyring_says("load", ERROR_NOT_FOUND);
	assert_non_null(fixture_find(the_fixture, "call"));
}

/* Whatever it sealed would be lost with it, were the agent killed now. */
static void test_a_key_that_the_keyring_has_is_used_again(void **state)
{
	static const unsigned char kept[KEYSTORE_KEY_SIZE + 1] =
	    "0123456789abcdef0123456789abcdef";
	struct agent *agent = &the_fixture->agent;
	scoped(secret_freep) struct secret *master = NULL;
	unsigned char copy[KEYSTORE_KEY_SIZE];

	(void)state;
	keys_set(&agent->keys, NULL, NULL);
	say(ENROLL(""));
	fixture_answer(the_fixture, fixture_find(the_fixture, "load"), json_object(),
		       (const char *)kept);
	broker_says(200, "{\"user\":\"bea\"}");
	assert_null(fixture_find(the_fixture, "store"));
	assert_non_null(strstr(heard(), "\"user\":\"bea\""));
	memcpy(copy, kept, sizeof(copy));
	master = secret_take(copy, sizeof(copy));
	assert_true(secret_equal(agent->keys.master, master));
}

/* Somebody emptied it: what is held is put there again. */
static void test_a_keyring_that_lost_its_key_gets_it_back(void **state)
{
	(void)state;
	say(ENROLL(""));
	keyring_says("load", ERROR_NOT_FOUND);
	broker_says(200, "{\"user\":\"bea\"}");
	assert_string_equal(heard(), "");
	keyring_says("store", ERROR_NONE);
	assert_non_null(strstr(heard(), "\"user\":\"bea\""));
}

static void test_a_ca_file_stays_until_another_is_given(void **state)
{
	const char *text = "ca_file = /former.pem\n";
	char path[160];
	struct settings settings;

	(void)state;
	snprintf(path, sizeof(path), "%s/agent.conf", the_fixture->state);
	assert_int_equal(file_write(path, 0600, text, strlen(text)), 0);
	say(ENROLL(WITH_PASSPHRASE));
	broker_says(200, "{\"user\":\"bea\"}");
	keyring_says("store", ERROR_NONE);
	assert_int_equal(settings_read(path, &settings, NULL), 0);
	assert_string_equal(settings.user, "bea");
	assert_string_equal(settings.ca_file, "/former.pem");
	say(ENROLL(WITH_PASSPHRASE ",\"ca_file\":\"/other.pem\""));
	broker_says(200, "{\"user\":\"bea\"}");
	keyring_says("store", ERROR_NONE);
	assert_int_equal(settings_read(path, &settings, NULL), 0);
	assert_string_equal(settings.ca_file, "/other.pem");
	assert_string_equal(the_fixture->agent.settings.ca_file, "/other.pem");
}

/*
 * A directory in the place of the device key.  By then agent.conf has the new lines,
 * so the new enrolment is the one in force, and its keys must not be lost.
 */
static void test_new_keys_that_cannot_be_put_in_place_are_not_lost(void **state)
{
	struct agent *agent = &the_fixture->agent;
	char device[160];

	(void)state;
	snprintf(device, sizeof(device), "%s/device.sealed", the_fixture->state);
	assert_int_equal(mkdir(device, 0700), 0);
	say(ENROLL(WITH_PASSPHRASE));
	broker_says(200, "{\"user\":\"bea\"}");
	keyring_says("store", ERROR_NONE);
	assert_non_null(strstr(heard(), "\"user\":\"bea\""));
	assert_string_equal(agent->settings.broker, "http://127.0.0.1:2");
	assert_true(has_file("device.next") && has_file("enrolment"));
	/* Another one would take their place. */
	say(ENROLL(WITH_PASSPHRASE));
	assert_non_null(strstr(heard(), "cannot rename"));
	assert_true(has_file("device.next") && has_file("enrolment"));
	assert_int_equal(rmdir(device), 0);
	say(ENROLL(WITH_PASSPHRASE));
	assert_true(has_file("device.sealed"));
	assert_false(has_file("device.next") || has_file("enrolment"));
}

/* Its worker may write for a moment longer than anybody waits. */
static void test_a_key_that_came_too_late_counts_for_no_other_enrolment(void **state)
{
	char path[160];

	(void)state;
	snprintf(path, sizeof(path), "%s/master.next", the_fixture->state);
	assert_int_equal(file_write(path, 0600, "late", 4), 0);
	say(ENROLL(WITH_PASSPHRASE));
	assert_false(has_file("master.next"));
}

static void test_one_enrolment_at_a_time(void **state)
{
	(void)state;
	say(ENROLL(WITH_PASSPHRASE));
	close(peer); /* it goes on all the same */
	peer = fixture_connect(the_fixture);
	say(ENROLL(WITH_PASSPHRASE));
	assert_non_null(strstr(heard(), "Agent.Limit"));
	broker_says(200, "{\"user\":\"bea\"}");
	keyring_says("store", ERROR_NONE);
	assert_string_equal(the_fixture->agent.settings.user, "bea");
}

static void test_what_cannot_be_is_refused_before_anybody_is_asked(void **state)
{
	static const char *const calls[] = {
		ENROLL(",\"keystore\":\"passphrase\""),
		ENROLL(",\"keystore\":\"memory\",\"passphrase\":\"x\""),
		ENROLL(",\"keystore\":\"nowhere\""),
		ENROLL(",\"keystore\":\"memory\",\"ca_file\":\"relative.pem\""),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		say(calls[i]);
		if (!strstr(heard(), "Agent.Usage"))
			fail_msg("%s: %s", calls[i], answer);
	}
	assert_int_equal(the_fixture->job_count, 0);
	assert_nothing_changed();
}

/* --- the broker's address ------------------------------------------------------ */

static const struct {
	const char *url, *becomes; /* NULL: refused */
} addresses[] = {
	{ "https://jit.example.com", "https://jit.example.com" },
	{ "https://jit.example.com/a/b//", "https://jit.example.com/a/b" },
	{ "https://jit.example.com:8443/", "https://jit.example.com:8443" },
	{ "http://127.0.0.1:80", "http://127.0.0.1:80" },
	{ "http://localhost", "http://localhost" },
	{ "http://[::1]:80", "http://[::1]:80" },
	{ "http://jit.example.com", NULL },
	{ "http://127.0.0.1.example.com", NULL },
	{ "http://localhost@example.com", NULL },
	{ "http://localhost:80@example.com", NULL },
	{ "https://ann@jit.example.com", NULL },
	{ "https://jit.example.com/?x", NULL },
	{ "https://jit.example.com/#x", NULL },
	{ "https://a b", NULL },
	{ "https://", NULL },
	{ "ftp://jit.example.com", NULL },
	{ "", NULL },
};

static void test_the_brokers_address_is_https_or_this_machine(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		char url[128];
		int r;

		snprintf(url, sizeof(url), "%s", addresses[i].url);
		r = settings_check_url("broker", url, NULL);
		if ((r == 0) != (addresses[i].becomes != NULL) ||
		    (r == 0 && strcmp(url, addresses[i].becomes) != 0))
			fail_msg("'%s' became '%s'", addresses[i].url, url);
	}
}

#define TEST_WITH_PEER(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_WITH_PEER(test_a_new_enrolment_counts_once_all_of_it_is_written),
		TEST_WITH_PEER(test_sessions_of_the_former_enrolment_are_gone),
		TEST_WITH_PEER(test_a_broker_that_refuses_changes_nothing),
		TEST_WITH_PEER(test_a_keystore_that_cannot_store_changes_nothing),
		TEST_WITH_PEER(test_a_locked_keyring_does_not_cost_the_code),
		TEST_WITH_PEER(test_a_key_that_the_keyring_has_is_used_again),
		TEST_WITH_PEER(test_a_keyring_that_lost_its_key_gets_it_back),
		TEST_WITH_PEER(test_a_ca_file_stays_until_another_is_given),
		TEST_WITH_PEER(test_new_keys_that_cannot_be_put_in_place_are_not_lost),
		TEST_WITH_PEER(
		    test_a_key_that_came_too_late_counts_for_no_other_enrolment),
		TEST_WITH_PEER(test_one_enrolment_at_a_time),
		TEST_WITH_PEER(test_what_cannot_be_is_refused_before_anybody_is_asked),
		cmocka_unit_test(test_the_brokers_address_is_https_or_this_machine),
	};

	return cmocka_run_group_tests_name("enrolment", tests, NULL, NULL);
}
