/* SPDX-License-Identifier: MIT */
/* What is on disk at each moment of an enrolment, and what the next start makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "agent/enrolment-files.h"
#include "tests/agent_fixture.h"

#define FORMER "# mine\nbroker = https://former\nuser = ann\nkeystore = passphrase\n"
#define NEW "# mine\nbroker = https://new\nuser = bea\nkeystore = passphrase\n"

static const struct settings new_settings = { .broker = "https://new",
					      .user = "bea",
					      .keystore = "passphrase" };

static void in_state(char out[static 160], const char *name)
{
	snprintf(out, 160, "%s/%s", the_fixture->state, name);
}

static void put(const char *name, const char *text)
{
	char path[160];

	in_state(path, name);
	assert_int_equal(file_write(path, 0600, text, strlen(text)), 0);
}

/* NULL: there is none. */
static void assert_holds(const char *name, const char *text)
{
	scoped(buffer_done) struct buffer file = BUFFER_WITH_LIMIT(4096);
	char path[160];
	int r;

	in_state(path, name);
	r = file_read(path, &file);
	if (!text) {
		assert_int_equal(r, -ENOENT);
		return;
	}
	assert_int_equal(r, 0);
	assert_string_equal(file.bytes, text);
}

static void put_former(void)
{
	put("agent.conf", FORMER);
	put(KEYS_DEVICE_FILE, "former device");
	put(KEYSTORE_FILE, "former master");
}

static void assert_is(const char *config, const char *device, const char *master)
{
	assert_holds("agent.conf", config);
	assert_holds(KEYS_DEVICE_FILE, device);
	assert_holds(KEYSTORE_FILE, master);
	assert_holds(KEYS_DEVICE_NEXT, NULL);
	assert_holds(KEYSTORE_FILE_NEXT, NULL);
	assert_holds("enrolment", NULL);
}

#define PROMISE "broker = https://new\nuser = bea\nkeystore = passphrase\n"

/* In the order in which they come.  NULL: no such file. */
/* clang-format off */
static const struct {
	const char *what;
	const char *master_next, *device_next, *promise, *config, *master, *device;
	bool is_new;
} moments[] = {
	{ "nothing yet", NULL, NULL, NULL, FORMER, "former", "former", false },
	{ "the keystore", "new", NULL, NULL, FORMER, "former", "former", false },
	{ "the device key", "new", "new", NULL, FORMER, "former", "former", false },
	{ "the promise", "new", "new", PROMISE, FORMER, "former", "former", true },
	{ "agent.conf", "new", "new", PROMISE, NEW, "former", "former", true },
	{ "the master key", NULL, "new", PROMISE, NEW, "new", "former", true },
	{ "all but its end", NULL, NULL, PROMISE, NEW, "new", "new", true },
	{ "all", NULL, NULL, NULL, NEW, "new", "new", true },
};
/* clang-format on */

static void put_if(const char *name, const char *text)
{
	if (text)
		put(name, text);
}

static void test_a_kill_leaves_the_former_enrolment_or_the_new_one(void **state)
{
	struct error error = { ERROR_NONE };

	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		fixture_setup(state);
		put_if(KEYSTORE_FILE_NEXT, moments[i].master_next);
		put_if(KEYS_DEVICE_NEXT, moments[i].device_next);
		put_if("enrolment", moments[i].promise);
		put_if("agent.conf", moments[i].config);
		put_if(KEYSTORE_FILE, moments[i].master);
		put_if(KEYS_DEVICE_FILE, moments[i].device);
		if (enrolment_files_recover(&the_fixture->agent, &error) < 0)
			fail_msg("%s: %s", moments[i].what, error.text);
		if (moments[i].is_new)
			assert_is(NEW, "new", "new");
		else
			assert_is(FORMER, "former", "former");
		fixture_teardown(state);
	}
}

static void test_sessions_of_the_former_enrolment_do_not_outlive_it(void **state)
{
	struct agent *agent = &the_fixture->agent;

	(void)state;
	put_former();
	put("run/" FIXTURE_ID ".session", "sealed");
	assert_int_equal(enrolment_files_recover(agent, NULL), 0);
	assert_holds("run/" FIXTURE_ID ".session", "sealed");
	put(KEYS_DEVICE_NEXT, "new");
	put("enrolment", PROMISE);
	assert_int_equal(enrolment_files_recover(agent, NULL), 0);
	assert_holds("run/" FIXTURE_ID ".session", NULL);
	assert_is(NEW, "new", "former master");
}

static void test_a_file_of_another_keystore_is_left_alone(void **state)
{
	struct settings settings = new_settings;

	(void)state;
	put_former();
	put(KEYS_DEVICE_NEXT, "new");
	put(KEYSTORE_FILE_NEXT, "of an enrolment that came to nothing");
	snprintf(settings.keystore, sizeof(settings.keystore), "secret-service");
	assert_int_equal(enrolment_files_put(&the_fixture->agent, &settings, NULL), 0);
	assert_int_equal(enrolment_files_settle(&the_fixture->agent, &settings, NULL), 0);
	assert_is("# mine\nbroker = https://new\nuser = bea\nkeystore = secret-service\n",
		  "new", "former master");
}

/* A directory in its place: there is no user for whom that cannot be written. */
static void test_a_config_that_cannot_be_written_leaves_the_former(void **state)
{
	struct agent *agent = &the_fixture->agent;
	struct error error = { ERROR_NONE };
	char config[160];

	(void)state;
	put_former();
	put(KEYS_DEVICE_NEXT, "new");
	put(KEYSTORE_FILE_NEXT, "new");
	in_state(config, "agent.conf");
	assert_int_equal(file_remove(config), 0);
	assert_int_equal(mkdir(config, 0700), 0);
	assert_true(enrolment_files_put(agent, &new_settings, &error) < 0);
	assert_non_null(strstr(error.text, "agent.conf"));
	/* The same after a kill. */
	put(KEYS_DEVICE_NEXT, "new");
	put("enrolment", PROMISE);
	assert_int_equal(enrolment_files_recover(agent, &error), 0);
	assert_int_equal(rmdir(config), 0);
	put("agent.conf", FORMER);
	assert_is(FORMER, "former device", "former master");
}

/* A directory in its place, which no rename() replaces by a file. */
static void test_a_key_that_cannot_be_put_in_place_is_kept_for_later(void **state)
{
	struct agent *agent = &the_fixture->agent;
	struct error error = { ERROR_NONE };
	char device[160];

	(void)state;
	put_former();
	put(KEYS_DEVICE_NEXT, "new");
	put(KEYSTORE_FILE_NEXT, "new");
	in_state(device, KEYS_DEVICE_FILE);
	assert_int_equal(file_remove(device), 0);
	assert_int_equal(mkdir(device, 0700), 0);
	assert_int_equal(enrolment_files_put(agent, &new_settings, &error), 0);
	assert_true(enrolment_files_settle(agent, &new_settings, &error) < 0);
	assert_non_null(strstr(error.text, KEYS_DEVICE_NEXT));
	assert_true(enrolment_files_recover(agent, &error) < 0);
	assert_int_equal(rmdir(device), 0);
	assert_int_equal(enrolment_files_recover(agent, &error), 0);
	assert_is(NEW, "new", "new");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_kill_leaves_the_former_enrolment_or_the_new_one),
		TEST(test_sessions_of_the_former_enrolment_do_not_outlive_it),
		TEST(test_a_file_of_another_keystore_is_left_alone),
		TEST(test_a_config_that_cannot_be_written_leaves_the_former),
		TEST(test_a_key_that_cannot_be_put_in_place_is_kept_for_later),
	};

	return cmocka_run_group_tests_name("enrolment files", tests, NULL, NULL);
}
