/* SPDX-License-Identifier: MIT */
/*
 * A whole profiles file as somebody wrote it.  What is taken has documents that
 * fit and words; a file with an error says it with a line that it has.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "broker/profiles.h"
#include "policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_profiles: %s\n", what);
	abort();
}

static void try_profile(const struct profile *profile)
{
	scoped(buffer_done) struct buffer words = BUFFER_WITH_LIMIT(1 << 20);
	scoped(json_text_freep) char *role = NULL;
	scoped(json_text_freep) char *session = NULL;
	struct error error;

	need(profile->access != NULL, "a profile without access was taken");
	need(profile->account != NULL, "a profile without account was taken");
	const struct place place = { profile->account->region, profile->account->id };

	need(policy_role(profile->access, &place, 1800000000, &role, &error) == 0,
	     "a role's policy that does not fit");
	need(policy_session(profile->access, &place, 1800000000, &session, &error) == 0,
	     "a session policy that does not fit");
	need(strlen(session) <= POLICY_SESSION_MAX, "a session policy that is too long");
	need(policy_words(profile->access, NULL, 0, &words) == 0, "no words");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct findings findings = { 0 };
	struct profiles *profiles = NULL;
	struct error error = { .text = "" };
	size_t lines = 1;
	char path[64];

	if (fd < 0)
		fd = memfd_create("profiles", MFD_CLOEXEC);
	need(fd >= 0 && ftruncate(fd, 0) == 0 &&
		 pwrite(fd, data, size, 0) == (ssize_t)size,
	     "no file in memory");
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n' || data[i] == '\r' || data[i] >= 0x80;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (profiles_load(path, &profiles, &findings, &error) == 0) {
		const struct profile *profile;

		for (size_t i = 0; (profile = profiles_profile_at(profiles, i)); i++)
			try_profile(profile);
	} else {
		need(error.text[0], "an error without a word");
	}
	for (size_t i = 0; i < findings.count; i++)
		need(findings.list[i].line >= 1 && findings.list[i].line <= lines,
		     "a line that the file does not have");
	findings_done(&findings);
	profiles_unref(profiles);
	return 0;
}
