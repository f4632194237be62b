/* SPDX-License-Identifier: MIT */
/* Which files are written, which are removed, and whose are left alone. */
#include "tests/terraform_fixture.h"

#include <errno.h>

static struct terraform files_of(const char *directory, const char *first,
				 const char *second)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(PROFILES_MAX);

	buffer_print(&text, "%s", head);
	add_profile(&text, first, "production", "role: jit-a", READ_ORDERS);
	if (second)
		add_profile(&text, second, "china", "role: jit-b", READ_ORDERS);
	return made(directory, &text);
}

static bool is_there(const char *directory, const char *name)
{
	scoped(freep) char *path = path_join(directory, name, "");
	struct stat about;

	return lstat(path, &about) == 0;
}

static void write_text(const char *directory, const char *name, const char *text)
{
	scoped(freep) char *path = path_join(directory, name, "");

	assert_int_equal(file_write(path, 0644, text, strlen(text)), 0);
}

static void test_what_profiles_no_longer_want_is_removed_and_nothing_else(void **state)
{
	scoped(freep) char *directory = path_join(*state, "not/yet/there", "");
	struct terraform before = files_of(*state, "a", "b");
	struct terraform after = files_of(*state, "c", NULL);
	struct terraform_saved saved;
	struct error error;

	assert_int_equal(terraform_save(&before, directory, &saved, &error), 0);
	assert_int_equal(saved.written, before.count);
	assert_int_equal(saved.unchanged + saved.removed, 0);
	assert_int_equal(terraform_save(&before, directory, &saved, &error), 0);
	assert_int_equal(saved.unchanged, before.count);
	write_text(directory, "backend.tf", "# ours\n");
	write_text(directory, "production/extra.tf", "");
	write_text(directory, "notes.txt", TERRAFORM_MARK "\n");
	assert_int_equal(terraform_save(&after, directory, &saved, &error), 0);
	assert_int_equal(saved.removed, 7);
	assert_false(is_there(directory, "production/profile-a.tf"));
	assert_true(is_there(directory, "production/profile-c.tf"));
	assert_false(is_there(directory, "china"));
	assert_true(is_there(directory, "backend.tf"));
	assert_true(is_there(directory, "production/extra.tf"));
	assert_true(is_there(directory, "notes.txt"));
	terraform_done(&before);
	terraform_done(&after);
}

/* A foreign file named last is found before the first one is written. */
static void
test_a_file_of_somebody_else_is_refused_before_anything_is_written(void **state)
{
	scoped(freep) char *directory = path_join(*state, "out", "");
	scoped(freep) char *module = path_join(*state, "out/production", "");
	struct terraform files = files_of(*state, "a", NULL);
	struct terraform_saved saved;
	struct error error = { .text = "" };

	assert_int_equal(directory_make(module, 0755), 0);
	write_text(module, "profile-a.tf", "resource \"aws_iam_role\" \"a\" {}\n");
	assert_int_equal(terraform_save(&files, directory, &saved, &error), -EINVAL);
	assert_non_null(strstr(error.text, "production/profile-a.tf is not one"));
	assert_false(is_there(directory, "main.tf"));
	assert_true(is_there(module, "profile-a.tf"));
	terraform_done(&files);
}

static void test_a_link_is_somebody_elses(void **state)
{
	scoped(freep) char *directory = path_join(*state, "out", "");
	scoped(freep) char *target = path_join(*state, "target.tf", "");
	scoped(freep) char *linked = path_join(*state, "out/main.tf", "");
	struct terraform files = files_of(*state, "a", NULL);
	struct terraform_saved saved;
	struct error error = { .text = "" };

	write_text(*state, "target.tf", TERRAFORM_MARK "\n");
	assert_int_equal(directory_make(directory, 0755), 0);
	assert_int_equal(symlink(target, linked), 0);
	assert_int_equal(terraform_save(&files, directory, &saved, &error), -EINVAL);
	assert_false(is_there(directory, "versions.tf"));
	terraform_done(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_profiles_no_longer_want_is_removed_and_nothing_else),
		TEST(test_a_file_of_somebody_else_is_refused_before_anything_is_written),
		TEST(test_a_link_is_somebody_elses),
	};

	return cmocka_run_group_tests_name("terraform save", tests, NULL, NULL);
}
