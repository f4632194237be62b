/* SPDX-License-Identifier: MIT */
/*
 * profiles COUNT: how long a file of that many profiles, of three kinds in turn,
 * takes.  Prints in milliseconds, the medians of nine: YAML into a tree and nothing
 * more; the file read, checked and linted; the documents of each profile compiled.
 */
#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/json.h"
#include "bench/stats.h"
#include "broker/profiles.h"
#include "policy/policy.h"

#define TIMES 9

static const char head[] =
    "version: 1\naccounts: { a: { id: \"123456789012\", region: eu-west-1 } }\n"
    "people: { ann: { groups: [g] }, bob: { groups: [g] } }\n"
    "roles: { g: [ask, approve] }\n"
    "approvals: { p: { peer: { group: g } } }\nprofiles:\n";

static const char *const kinds[] = {
	"    parameters: { tenant: { pattern: \"[a-z0-9-]{3,32}\" } }\n"
	"    access:\n      - dynamodb:\n          table: orders\n"
	"          indexes: [by-date]\n          actions: read\n"
	"          leading_keys: [\"${tenant}\", \"${tenant}#*\"]\n"
	"          attributes: [pk, sk, status, total, created]\n"
	"          keys: [pk, sk]\n          endpoint: vpce-0abc\n",
	"    access:\n      - dynamodb: { table: \"*\", actions: [UpdateTable, "
	"DescribeTable, ListTables] }\n      - deny: { dynamodb: { table: payroll } }\n",
	"    access:\n      - dynamodb: { table: orders, actions: read-write, "
	"transactions: true, partiql: true }\n      - document: { Effect: Allow, "
	"Action: \"s3:GetObject\", Resource: \"arn:aws:s3:::invoices/*\" }\n",
};

static int write_file(size_t count, struct buffer *text)
{
	int fd = memfd_create("profiles", MFD_CLOEXEC);

	buffer_print(text, "%s", head);
	for (size_t i = 0; i < count; i++)
		buffer_print(text,
			     "  p%zu:\n    summary: Number %zu\n    account: a\n"
			     "    role: jit-p%zu\n    who: [g]\n    longest: 1h\n"
			     "    approval: p\n%s",
			     i, i, i, kinds[i % 3]);
	return fd >= 0 && write(fd, text->bytes, text->used) == (ssize_t)text->used ? fd
										    : -1;
}

static int64_t tree(const struct buffer *text)
{
	int64_t start = stats_now();
	struct fy_document *document = fy_document_build_from_string(NULL, text->bytes,
								     text->used);

	fy_document_destroy(document);
	return stats_now() - start;
}

static int64_t load(const char *path, struct profiles **profiles)
{
	struct findings findings = { 0 };
	struct error error = { .text = "" };
	int64_t start = stats_now();

	profiles_unref(*profiles);
	*profiles = NULL;
	if (profiles_load(path, profiles, &findings, &error) < 0) {
		fprintf(stderr, "profiles: %s\n", error.text);
		exit(1);
	}
	findings_done(&findings);
	return stats_now() - start;
}

static void compile(const struct profile *profile)
{
	const struct place place = { profile->account->region, profile->account->id };
	const struct trust trust = { .issuer = "https://jit.example.com",
				     .profile = profile->name };
	struct buffer words = BUFFER_WITH_LIMIT(65536);
	char *texts[3] = { NULL };

	if (policy_role(profile->access, &place, 0, &texts[0], NULL) < 0 ||
	    policy_session(profile->access, &place, 1800000000, &texts[1], NULL) < 0 ||
	    policy_trust(&trust, &place, &texts[2], NULL) < 0 ||
	    policy_words(profile->access, NULL, 0, &words) < 0)
		exit(1);
	for (size_t i = 0; i < 3; i++)
		json_text_free(texts[i]);
	buffer_done(&words);
}

static int64_t compile_all(const struct profiles *profiles)
{
	const struct profile *profile;
	int64_t start = stats_now();

	for (size_t i = 0; (profile = profiles_profile_at(profiles, i)); i++)
		compile(profile);
	return stats_now() - start;
}

int main(int argc, char **argv)
{
	struct buffer text = BUFFER_WITH_LIMIT(1 << 20);
	struct profiles *profiles = NULL;
	int64_t trees[TIMES], loads[TIMES], compiles[TIMES];
	char path[64];
	int fd = argc == 2 ? write_file(strtoul(argv[1], NULL, 10), &text) : -1;

	if (fd < 0) {
		fprintf(stderr, "usage: profiles COUNT\n");
		return 2;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	for (size_t i = 0; i < TIMES; i++) {
		trees[i] = tree(&text);
		loads[i] = load(path, &profiles);
		compiles[i] = compile_all(profiles);
	}
	profiles_unref(profiles);
	buffer_done(&text);
	close(fd);
	printf("%.1f %.1f %.1f\n", (double)stats_quantile(trees, TIMES, 0.5) / 1e6,
	       (double)stats_quantile(loads, TIMES, 0.5) / 1e6,
	       (double)stats_quantile(compiles, TIMES, 0.5) / 1e6);
	return 0;
}
