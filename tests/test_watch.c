/* SPDX-License-Identifier: MIT */
/* Peers that are told of every change, some of whom leave while that is done. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/agent_fixture.h"

#define PREFIX "{\"method\":\"io.jitctl.Agent."
#define STATUS PREFIX "Status\"}"
#define WATCH PREFIX "Watch\",\"more\":true}"

static void say(int peer, const char *text)
{
	assert_int_equal(send(peer, text, strlen(text) + 1, MSG_NOSIGNAL),
			 (ssize_t)strlen(text) + 1);
	fixture_turn(the_fixture);
}

/* How many messages can be read now; -1 at the end. */
static int hear(int peer)
{
	static char bytes[1024 * 1024];
	ssize_t got = recv(peer, bytes, sizeof(bytes), 0);
	int messages = 0;

	if (got == 0 || (got < 0 && errno != EAGAIN))
		return -1;
	for (ssize_t i = 0; i < got; i++)
		messages += bytes[i] == '\0';
	return messages;
}

static unsigned int peers(void)
{
	return the_fixture->agent.places.count;
}

static void test_a_watcher_that_never_reads_is_closed(void **state)
{
	int deaf = fixture_connect(the_fixture), other = fixture_connect(the_fixture);
	struct session *session = fixture_session(the_fixture, 1800);
	int told = 0;

	(void)state;
	say(deaf, WATCH);
	say(other, WATCH);
	while (peers() == 2 && told < 100000) {
		watch_tell(&the_fixture->agent, session);
		assert_true(hear(other) > 0);
		told++;
	}
	assert_int_equal(peers(), 1);
	assert_true(told > 1000);
	assert_true(hear(deaf) > 0); /* what it was sent before */
	say(other, STATUS);          /* a watcher's next call has to wait */
	assert_int_equal(hear(other), 0);
	close(deaf);
	close(other);
	fixture_turn(the_fixture);
	assert_int_equal(peers(), 0);
}

/* That a watcher left has the broker asked, and that there is more to tell. */
static int run_and_tell(void *data, uint32_t ticket, enum launcher_program program,
			int stream)
{
	struct fixture *fixture = data;

	fixture->agent.workers.orders.source.run = fixture_run;
	watch_tell(&fixture->agent, TAILQ_FIRST(&fixture->agent.sessions.list));
	return fixture_run(data, ticket, program, stream);
}

/* Both are before the one that stays, so the second is next when the first leaves. */
static void test_watchers_may_leave_while_another_is_told(void **state)
{
	struct agent *agent = &the_fixture->agent;
	struct session *session = fixture_session(the_fixture, 1800);
	int gone[] = { fixture_connect(the_fixture), fixture_connect(the_fixture) };
	int there = fixture_connect(the_fixture);
	struct error error;

	(void)state;
	say(gone[0], WATCH);
	say(gone[1], WATCH);
	say(there, WATCH);
	assert_int_equal(hear(there), 1);
	assert_int_equal(ended_add(&agent->ended, "r-0000000000", &error), 0);
	agent->workers.orders.source.run = run_and_tell;
	close(gone[0]);
	close(gone[1]);
	watch_tell(agent, session);
	assert_ptr_equal(agent->workers.orders.source.run, fixture_run);
	assert_int_equal(peers(), 1);
	assert_int_equal(hear(there), 2);
	assert_null(agent->watch.telling);
	close(there);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_watcher_that_never_reads_is_closed),
		TEST(test_watchers_may_leave_while_another_is_told),
	};

	return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
