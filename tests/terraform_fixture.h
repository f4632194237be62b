/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TERRAFORM_FIXTURE_H
#define TESTS_TERRAFORM_FIXTURE_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "broker/profiles.h"
#include "broker/terraform.h"

/* Profiles that are made up, and the files of Terraform that come of them. */
#define PROFILES_MAX (512U << 10)

static const char head[] =
    "version: 1\n"
    "accounts:\n"
    "  production: { id: \"123456789012\", region: eu-west-1 }\n"
    "  production-us: { id: \"123456789012\", region: us-east-1 }\n"
    "  china: { id: \"222222222222\", region: cn-north-1 }\n"
    "people:\n"
    "  ann:  { groups: [support] }\n"
    "  bob:  { groups: [support] }\n"
    "roles:\n"
    "  support: [ask, approve]\n"
    "profiles:\n";

static inline int remove_entry(const char *path, const struct stat *about, int kind,
			       struct FTW *walk)
{
	(void)about;
	(void)kind;
	(void)walk;
	return remove(path);
}

static inline int setup(void **state)
{
	char *directory = strdup("/tmp/test-XXXXXX");

	*state = directory;
	return directory && mkdtemp(directory) ? 0 : -1;
}

static inline int teardown(void **state)
{
	nftw(*state, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(*state);
	return 0;
}

/* How the role is said: "role: jit-a", "provision: { path: /jit/ }". */
static inline void add_profile(struct buffer *text, const char *name, const char *account,
			       const char *role, const char *access)
{
	assert_int_equal(buffer_print(text,
				      "  %s:\n"
				      "    summary: A summary\n"
				      "    account: %s\n"
				      "    %s\n"
				      "    who: [support]\n"
				      "    longest: 1h\n"
				      "    approval: { peer: { group: support } }\n"
				      "    access:\n"
				      "      - %s\n",
				      name, account, role, access),
			 0);
}

#define READ_ORDERS "dynamodb: { table: orders, actions: [GetItem] }"

static inline int make(const char *directory, const struct buffer *text,
		       const char *issuer, struct terraform *files, struct error *error)
{
	scoped(findings_done) struct findings findings = { .count = 0 };
	scoped(profiles_unrefp) struct profiles *profiles = NULL;
	scoped(freep) char *path = path_join(directory, "profiles.yaml", "");

	assert_int_equal(file_write(path, 0600, text->bytes, text->used), 0);
	if (profiles_load(path, &profiles, &findings, error) < 0)
		fail_msg("%s", error->text);
	return terraform_make(profiles, issuer, files, error);
}

static inline struct terraform made(const char *directory, const struct buffer *text)
{
	struct terraform files = { NULL, 0 };
	struct error error = { .text = "" };

	if (make(directory, text, "https://jit.example.com", &files, &error) < 0)
		fail_msg("%s", error.text);
	return files;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
