/* SPDX-License-Identifier: MIT */
/* A file that lies where a sealed session should, at a start and an unlock. */
#include <assert.h>
#include <stdint.h>

#include "agent/record.h"
#include "agent/session-file.h"
#include "tests/agent_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* "boot":"x" becomes that of this boot, which no seed can have. */
static void write_with_boot(int fd, const uint8_t *data, size_t size)
{
	static const char mark[] = "\"boot\":\"x";
	const uint8_t *at = memmem(data, size, mark, sizeof(mark) - 1);
	size_t before = at ? (size_t)(at - data) + sizeof(mark) - 2 : size;
	char boot[36];
	int from = at ? open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
		      : -1;

	assert(write(fd, data, before) == (ssize_t)before);
	if (from < 0)
		return;
	assert(read(from, boot, sizeof(boot)) == sizeof(boot));
	close(from);
	assert(write(fd, boot, sizeof(boot)) == sizeof(boot));
	assert(write(fd, data + before + 1, size - before - 1) ==
	       (ssize_t)(size - before - 1));
}

static void put(const struct fixture *fixture, const uint8_t *data, size_t size)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/" FIXTURE_ID ".session", fixture->runtime);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert(fd >= 0);
	write_with_boot(fd, data, size);
	close(fd);
}

static void read_records(const char *text, size_t length)
{
	json_auto_t *json = json_parse_object(text, length, NULL);
	json_auto_t *request = json ? record_request(json, NULL) : NULL;
	json_auto_t *profile = json ? record_profile(json, NULL) : NULL;
	json_auto_t *list = json ? record_list(json, "requests", record_request, NULL)
				 : NULL;

	assert(!request || record_time(request, "requested_at") != INT64_MIN);
	assert(!profile || *record_string(profile, "name"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fixture *fixture = fixture_new();
	struct session *session;

	put(fixture, data, size);
	lifecycle_load(&fixture->agent);
	lifecycle_unlock(&fixture->agent);
	TAILQ_FOREACH(session, &fixture->agent.sessions.list, entry)
	assert(!credentials_are_good(&fixture->agent, session));
	read_records((const char *)data, size);
	fixture_free(fixture);
	return 0;
}
