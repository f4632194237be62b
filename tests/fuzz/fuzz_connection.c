/* SPDX-License-Identifier: MIT */
/*
 * A peer's bytes, through a real socket to a core with a live session: the first
 * byte says in which pieces they come, and whether the peer reads.  Whatever it
 * says, another peer is answered, and the core stops with nothing lost.
 */
#include <assert.h>
#include <stdint.h>

#include "tests/agent_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char heard[65536];

static struct fixture *fixture_with_session(void)
{
	struct fixture *fixture = fixture_new();

	fixture_session(fixture, 1800);
	if (fixture_find(fixture, "credentials"))
		fixture_answer_credentials(fixture, 1770, 0);
	return fixture;
}

static void say(struct fixture *fixture, int peer, const uint8_t *data, size_t size)
{
	size_t piece = (size_t)(*data >> 1) + 1;
	bool reads = *data & 1;

	for (data++, size--; size > 0;) {
		size_t count = size < piece ? size : piece;

		if (send(peer, data, count, MSG_NOSIGNAL) < 0)
			return;
		fixture_turn(fixture);
		while (reads && recv(peer, heard, sizeof(heard), 0) > 0)
			continue;
		data += count;
		size -= count;
	}
}

static void check_the_others_are_answered(struct fixture *fixture)
{
	static const char status[] = "{\"method\":\"io.jitctl.Agent.Status\"}";
	int peer = fixture_connect(fixture);

	assert(send(peer, status, sizeof(status), MSG_NOSIGNAL) == sizeof(status));
	fixture_turn(fixture);
	assert(recv(peer, heard, sizeof(heard), 0) > 0);
	assert(strncmp(heard, "{\"parameters\":", 14) == 0);
	close(peer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fixture *fixture;
	int peer;

	if (size < 2)
		return 0;
	json_init_wiping();
	fixture = fixture_with_session();
	peer = fixture_connect(fixture);
	say(fixture, peer, data, size);
	check_the_others_are_answered(fixture);
	workers_stop(&fixture->agent.workers);
	check_the_others_are_answered(fixture);
	close(peer);
	fixture_free(fixture);
	return 0;
}
