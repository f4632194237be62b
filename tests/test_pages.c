/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/agent_fixture.h"

/* When the pages of a document and of the keys may be read, and what is there. */

#define STATUS "{\"method\":\"io.jitctl.Agent.Status\"}"
#define CREDENTIALS_OF(id)                                                            \
	"{\"method\":\"io.jitctl.Agent.GetCredentials\",\"parameters\":{\"session\":" \
	"\"" id "\"},\"upgrade\":true}"
#define CREDENTIALS CREDENTIALS_OF(FIXTURE_ID)
#define OTHER_ID "r-0000000002"
#define OTHER_CREDENTIALS CREDENTIALS_OF(OTHER_ID)

static char answer[65536];

/* Of one session, or of both. */
static const char *keys[2];
static size_t key_count;

/* What was found whenever the core read its clock, which it does in every call. */
static struct {
	unsigned int readings;
	unsigned int open; /* of them: while the scratch page was */
	unsigned int most_keys;
	bool has_document;
} seen;

/* Whether anything may be done with the page at this address. */
static bool is_open(const void *address)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	uintptr_t start, end, wanted = (uintptr_t)address;
	char line[512], access[8] = "";
	bool is_found = false;

	assert_non_null(maps);
	while (!is_found && fgets(line, sizeof(line), maps))
		is_found = sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &start, &end,
				  access) == 3 &&
			   start <= wanted && wanted < end;
	fclose(maps);
	assert_true(is_found);
	return strncmp(access, "---", 3) != 0;
}

static unsigned int open_keys(void)
{
	unsigned int count = 0;

	for (size_t i = 0; i < key_count; i++)
		count += is_open(keys[i]);
	return count;
}

static void look(void)
{
	const char *page = the_fixture->agent.scratch.page;
	unsigned int count = open_keys();

	seen.readings++;
	if (count > seen.most_keys)
		seen.most_keys = count;
	if (!is_open(page))
		return;
	seen.open++;
	if (memmem(page, 1024, "of a test", 9))
		seen.has_document = true;
}

static int64_t watched_wall(void *data)
{
	look();
	return fixture_wall(data);
}

static void assert_all_closed(void)
{
	assert_false(is_open(the_fixture->agent.scratch.page));
	assert_int_equal(open_keys(), 0);
}

static void look_at_key_of(const char *id)
{
	struct secret *key = sessions_find(&the_fixture->agent.sessions, id)->vault.key;

	keys[key_count++] = secret_reveal(key);
	secret_conceal(key);
}

/* Live, and without credentials as yet. */
static void have_session(const char *id)
{
	json_auto_t *request = fixture_request(id, "approved", FIXTURE_NOW + 1800);

	assert_int_equal(lifecycle_apply(&the_fixture->agent, request, 0, NULL, NULL), 0);
}

static void have_credentials(const char *id)
{
	fixture_answer_credentials(the_fixture, 1770, 0);
	look_at_key_of(id);
}

static int set_up(void **state)
{
	static char path[128];

	fixture_setup(state);
	snprintf(path, sizeof(path), "%s/agent.sock", the_fixture->runtime);
	setenv("JIT_AGENT_SOCKET", path, 1);
	if (listener_open(&the_fixture->agent.listener, NULL) < 0)
		return -1;
	listener_start(&the_fixture->agent);
	key_count = 0;
	have_session(FIXTURE_ID);
	have_credentials(FIXTURE_ID);
	memset(&seen, 0, sizeof(seen));
	the_fixture->clock.wall_usec = watched_wall;
	return 0;
}

static int tear_down(void **state)
{
	the_fixture->clock.wall_usec = fixture_wall;
	listener_done(&the_fixture->agent);
	return fixture_teardown(state);
}

/* Connects; the core has not seen it yet. */
static int reach(void)
{
	const struct sockaddr_un *address = &the_fixture->agent.listener.own;
	int peer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(
	    connect(peer, (const struct sockaddr *)address, sizeof(*address)), 0);
	return peer;
}

/* And asks. */
static int ask(const char *text)
{
	int peer = reach();

	assert_int_equal(send(peer, text, strlen(text) + 1, MSG_NOSIGNAL),
			 (ssize_t)strlen(text) + 1);
	return peer;
}

/* Whether this is in what can be read now. */
static bool hears(int peer, const char *text)
{
	ssize_t got = recv(peer, answer, sizeof(answer), MSG_DONTWAIT);

	return got > 0 && memmem(answer, (size_t)got, text, strlen(text));
}

static bool hears_the_end(int peer)
{
	return recv(peer, answer, sizeof(answer), MSG_DONTWAIT) == 0;
}

static void one_turn(void)
{
	ev_run(the_fixture->agent.loop, EVRUN_NOWAIT);
}

static void test_all_is_closed_after_an_answer(void **state)
{
	int early = ask(CREDENTIALS), late;

	(void)state;
	one_turn();
	assert_true(hears(early, FIXTURE_DOCUMENT));
	assert_all_closed();
	/* It was there before its call was. */
	late = fixture_connect(the_fixture);
	assert_int_equal(send(late, CREDENTIALS, sizeof(CREDENTIALS), MSG_NOSIGNAL),
			 sizeof(CREDENTIALS));
	fixture_turn(the_fixture);
	assert_true(hears(late, FIXTURE_DOCUMENT));
	assert_all_closed();
	assert_int_equal(seen.open, 0);
	close(early);
	close(late);
}

/* With a blank that jit-credentials does not send: by the methods' table. */
static void test_all_is_closed_after_the_general_way(void **state)
{
	int peer = ask(" " CREDENTIALS);

	(void)state;
	one_turn();
	assert_true(hears(peer, FIXTURE_DOCUMENT));
	assert_all_closed();
	assert_int_equal(seen.open, 0);
	close(peer);
}

static void test_all_is_closed_after_a_fetch_that_was_waited_for(void **state)
{
	int peers[3];

	(void)state;
	have_session(OTHER_ID);
	for (int i = 0; i < 3; i++)
		peers[i] = ask(OTHER_CREDENTIALS);
	one_turn();
	assert_false(hears(peers[0], ""));
	have_credentials(OTHER_ID);
	assert_all_closed();
	for (int i = 0; i < 3; i++) {
		assert_true(hears(peers[i], FIXTURE_DOCUMENT));
		assert_true(hears_the_end(peers[i]));
		close(peers[i]);
	}
	assert_int_equal(the_fixture->agent.places.count, 0);
}

static void test_who_comes_together_shares_the_opening_of_wiped_pages(void **state)
{
	int peers[5];

	(void)state;
	for (int i = 0; i < 5; i++)
		peers[i] = ask(CREDENTIALS);
	one_turn();
	assert_all_closed();
	for (int i = 0; i < 5; i++) {
		assert_true(hears(peers[i], FIXTURE_DOCUMENT));
		assert_true(hears_the_end(peers[i]));
		close(peers[i]);
	}
	assert_true(seen.open > 0); /* or nothing was shared, and nothing seen */
	assert_false(seen.has_document);
}

static void test_no_two_keys_are_open_at_once(void **state)
{
	int peers[6];

	(void)state;
	have_session(OTHER_ID);
	have_credentials(OTHER_ID);
	for (int i = 0; i < 6; i++)
		peers[i] = ask(i % 2 ? OTHER_CREDENTIALS : CREDENTIALS);
	one_turn();
	assert_all_closed();
	for (int i = 0; i < 6; i++) {
		assert_true(hears(peers[i], i % 2 ? OTHER_ID : FIXTURE_ID));
		close(peers[i]);
	}
	assert_int_equal(seen.most_keys, 1);
}

static void test_any_other_call_finds_all_closed(void **state)
{
	static const char *const others[] = { STATUS, " " CREDENTIALS, "garbage",
					      OTHER_CREDENTIALS };

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		int first = ask(CREDENTIALS), other = ask(others[i]);
		int last = ask(CREDENTIALS);

		memset(&seen, 0, sizeof(seen));
		one_turn();
		assert_true(hears(first, FIXTURE_DOCUMENT));
		assert_true(hears(other, ""));
		assert_true(hears(last, FIXTURE_DOCUMENT));
		assert_true(seen.readings >= 2);
		assert_int_equal(seen.open, 0);
		close(first);
		close(other);
		close(last);
	}
}

static void (*close_place)(struct place *place);

static void watched_close(struct place *place)
{
	look();
	close_place(place);
}

/* Who makes room may be one whose leaving starts something. */
static void test_a_peer_that_says_nothing_yet_finds_all_closed(void **state)
{
	struct places *places = &the_fixture->agent.places;
	int idle = fixture_connect(the_fixture), first = ask(CREDENTIALS);
	int silent = reach(), last = ask(CREDENTIALS);

	(void)state;
	places->most = 1;
	close_place = places->close;
	places->close = watched_close;
	one_turn();
	assert_true(hears(first, FIXTURE_DOCUMENT));
	assert_true(hears(last, FIXTURE_DOCUMENT));
	assert_true(hears_the_end(idle));
	assert_true(seen.readings > 0);
	assert_int_equal(seen.open, 0);
	close(first);
	close(silent);
	close(last);
	close(idle);
}

static void test_who_is_answered_at_once_takes_nobodys_place(void **state)
{
	int idle = fixture_connect(the_fixture), peer = ask(CREDENTIALS);

	(void)state;
	the_fixture->agent.places.most = 1;
	one_turn();
	assert_true(hears(peer, FIXTURE_DOCUMENT));
	assert_false(hears_the_end(idle));
	close(peer);
	peer = ask(STATUS);
	one_turn();
	assert_true(hears(peer, "keystore"));
	assert_true(hears_the_end(idle));
	close(peer);
	close(idle);
}

#undef TEST
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all_is_closed_after_an_answer),
		TEST(test_all_is_closed_after_the_general_way),
		TEST(test_all_is_closed_after_a_fetch_that_was_waited_for),
		TEST(test_who_comes_together_shares_the_opening_of_wiped_pages),
		TEST(test_no_two_keys_are_open_at_once),
		TEST(test_any_other_call_finds_all_closed),
		TEST(test_a_peer_that_says_nothing_yet_finds_all_closed),
		TEST(test_who_is_answered_at_once_takes_nobodys_place),
	};

	return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
