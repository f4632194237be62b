/* SPDX-License-Identifier: MIT */
/*
 * A peer's bytes, through a real socket to a core with a live session: the first
 * byte says in which pieces they come, whether the first piece was there before
 * its peer was seen, and whether the peer reads.  Whatever it says, another peer is
 * answered, and the core stops with nothing lost.
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

static int converse(struct fixture *fixture, const uint8_t *data, size_t size)
{
	size_t piece = (size_t)(*data >> 2) * 2 + 2;
	bool is_early = *data & 2, reads = *data & 1;
	size_t said = size - 1 < piece ? size - 1 : piece;
	const uint8_t *next = data + 1, *end = data + size;
	int peer;

	if (!is_early)
		said = 0;
	peer = fixture_connect_saying(fixture, next, said);
	for (next += said; next < end; next += said) {
		said = (size_t)(end - next) < piece ? (size_t)(end - next) : piece;
		if (send(peer, next, said, MSG_NOSIGNAL) < 0)
			break;
		fixture_turn(fixture);
		while (reads && recv(peer, heard, sizeof(heard), 0) > 0)
			continue;
	}
	return peer;
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
	peer = converse(fixture, data, size);
	check_the_others_are_answered(fixture);
	workers_stop(&fixture->agent.workers);
	check_the_others_are_answered(fixture);
	close(peer);
	fixture_free(fixture);
	return 0;
}
