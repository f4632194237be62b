/* SPDX-License-Identifier: MIT */
#include "tests/terraform_fixture.h"

#include <errno.h>

#define BY_ENDPOINT                                                 \
	"dynamodb: { table: orders, actions: [GetItem], endpoint: " \
	"vpce-0123456789abcdef0 }"

static const char *find(const struct terraform *files, const char *path)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->list[i].path, path) == 0)
			return files->list[i].text.bytes;
	return NULL;
}

static size_t count_in(const char *text, const char *part)
{
	size_t count = 0;

	assert_non_null(text);
	for (; (text = strstr(text, part)); text += strlen(part))
		count++;
	return count;
}

static void test_every_file_says_first_whose_it_is(void **state)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(PROFILES_MAX);
	struct terraform files;

	buffer_print(&text, "%s", head);
	add_profile(&text, "a", "production", "role: jit-a", BY_ENDPOINT);
	files = made(*state, &text);
	assert_int_equal(files.count, 5 + 6 + 1);
	for (size_t i = 0; i < files.count; i++)
		assert_memory_equal(files.list[i].text.bytes, TERRAFORM_MARK "\n",
				    strlen(TERRAFORM_MARK "\n"));
	terraform_done(&files);
}

/* The root passes null on where nothing is said, and that is to mean the default. */
static void test_the_boundary_of_an_account_is_its_default(void **state)
{
	static const struct {
		const char *boundary, *arn;
	} rows[] = {
		{ "jit-boundary", "arn:aws:iam::123456789012:policy/jit-boundary" },
		{ "\"arn:aws:iam::123456789012:policy/a/b\"",
		  "arn:aws:iam::123456789012:policy/a/b" },
	};
	scoped(buffer_done) struct buffer none = BUFFER_WITH_LIMIT(PROFILES_MAX);
	struct terraform files;
	const char *at;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(PROFILES_MAX);
		scoped(buffer_done) struct buffer line = BUFFER_WITH_LIMIT(512);

		at = strstr(head, "region: eu-west-1");
		assert_non_null(at);
		buffer_add(&text, head, (size_t)(at - head));
		buffer_print(&text, "boundary: %s, %s", rows[i].boundary, at);
		add_profile(&text, "a", "production", "role: jit-a", READ_ORDERS);
		files = made(*state, &text);
		buffer_print(&line, "default     = \"%s\"\n  nullable    = false\n",
			     rows[i].arn);
		assert_int_equal(
		    count_in(find(&files, "production/variables.tf"), line.bytes), 1);
		terraform_done(&files);
	}
	buffer_print(&none, "%s", head);
	add_profile(&none, "a", "production", "role: jit-a", READ_ORDERS);
	files = made(*state, &none);
	assert_int_equal(count_in(find(&files, "production/variables.tf"), "nullable"),
			 0);
	terraform_done(&files);
}

static void test_the_order_in_the_file_does_not_matter(void **state)
{
	scoped(buffer_done) struct buffer one = BUFFER_WITH_LIMIT(PROFILES_MAX);
	scoped(buffer_done) struct buffer other = BUFFER_WITH_LIMIT(PROFILES_MAX);
	struct terraform first, second;

	buffer_print(&one, "%s", head);
	buffer_print(&other, "%s", head);
	add_profile(&one, "a", "production", "role: jit-a", BY_ENDPOINT);
	add_profile(&one, "b", "china", "role: jit-b", READ_ORDERS);
	add_profile(&one, "c", "production", "role: jit-c", BY_ENDPOINT);
	add_profile(&other, "c", "production", "role: jit-c", BY_ENDPOINT);
	add_profile(&other, "b", "china", "role: jit-b", READ_ORDERS);
	add_profile(&other, "a", "production", "role: jit-a", BY_ENDPOINT);
	first = made(*state, &one);
	second = made(*state, &other);
	assert_int_equal(first.count, second.count);
	for (size_t i = 0; i < first.count; i++) {
		assert_string_equal(first.list[i].path, second.list[i].path);
		assert_string_equal(first.list[i].text.bytes, second.list[i].text.bytes);
	}
	terraform_done(&first);
	terraform_done(&second);
}

static void test_an_endpoint_has_one_policy_of_all_profiles_that_name_it(void **state)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(PROFILES_MAX);
	struct terraform files;
	const char *endpoints;

	buffer_print(&text, "%s", head);
	add_profile(&text, "a", "production", "role: jit-a", BY_ENDPOINT);
	add_profile(&text, "b", "china", "role: jit-b", BY_ENDPOINT);
	add_profile(&text, "c", "production", "provision: { path: /jit/ }", BY_ENDPOINT);
	add_profile(&text, "d", "production", "role: jit-d", READ_ORDERS);
	files = made(*state, &text);
	endpoints = find(&files, "production/endpoints.tf");
	assert_int_equal(count_in(endpoints, "\"vpce-0123456789abcdef0\" = ["), 1);
	assert_int_equal(count_in(endpoints, "arn:aws:iam::123456789012:role/jit-a\""),
			 1);
	assert_int_equal(count_in(endpoints, "arn:aws-cn:iam::222222222222:role/jit-b\""),
			 1);
	assert_int_equal(count_in(endpoints, "arn:aws:iam::123456789012:role/jit/*\""),
			 1);
	assert_int_equal(count_in(endpoints, "jit-d"), 0);
	assert_string_equal(endpoints, find(&files, "china/endpoints.tf"));
	terraform_done(&files);
}

static void test_names_that_are_no_identifiers_are_files_of_their_own(void **state)
{
	static const char *const names[] = {
		"x",  "x_override", "x.override",    "x@override",
		"2x", "X-x",        "x_x2e_override"
	};
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(PROFILES_MAX);
	struct terraform files;
	size_t profiles = 0;

	buffer_print(&text, "%s", head);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char role[64];

		snprintf(role, sizeof(role), "role: jit-%zu", i);
		add_profile(&text, names[i], "production", role, READ_ORDERS);
	}
	files = made(*state, &text);
	for (size_t i = 0; i < files.count; i++) {
		const char *path = files.list[i].path;
		size_t length = strlen(path);

		profiles += strstr(path, "profile-") != NULL;
		assert_false(length > 12 &&
			     strcmp(path + length - 12, "_override.tf") == 0);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(path, files.list[j].path);
	}
	assert_int_equal(profiles, 7);
	assert_non_null(find(&files, "production/profile-x_x2e_overrid_x65_.tf"));
	terraform_done(&files);
}

static void test_a_role_of_two_profiles_is_refused(void **state)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(PROFILES_MAX);
	struct terraform files = { NULL, 0 };
	struct error error = { .text = "" };

	buffer_print(&text, "%s", head);
	add_profile(&text, "a", "production", "role: jit-shared", READ_ORDERS);
	add_profile(&text, "b", "production", "role: jit-shared", BY_ENDPOINT);
	add_profile(&text, "c", "china", "role: jit-shared", READ_ORDERS);
	assert_int_equal(make(*state, &text, NULL, &files, &error), -EINVAL);
	assert_non_null(strstr(error.text, "a and b share the role jit-shared"));
	assert_null(files.list);
}

static void test_an_account_of_two_names_has_one_provider(void **state)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(PROFILES_MAX);
	struct terraform files = { NULL, 0 };
	const char *root;

	buffer_print(&text, "%s", head);
	add_profile(&text, "a", "production-us", "role: jit-us", READ_ORDERS);
	add_profile(&text, "b", "production", "role: jit-eu", READ_ORDERS);
	add_profile(&text, "c", "china", "role: jit-us", READ_ORDERS);
	files = made(*state, &text);
	root = find(&files, "main.tf");
	assert_int_equal(count_in(root, "  oidc_provider        = try("), 2);
	assert_int_equal(count_in(root, "  oidc_provider        = false\n"), 1);
	assert_int_equal(count_in(root, "[module.production.oidc_provider]"), 1);
	assert_int_equal(count_in(find(&files, "production-us/profile-a.tf"),
				  "arn:aws:dynamodb:us-east-1:123456789012:table/orders"),
			 1);
	terraform_done(&files);
}

static void test_a_role_of_an_account_by_two_names_is_one_role(void **state)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(PROFILES_MAX);
	struct terraform files = { NULL, 0 };
	struct error error = { .text = "" };

	buffer_print(&text, "%s", head);
	add_profile(&text, "a", "production-us", "role: jit-x", READ_ORDERS);
	add_profile(&text, "b", "production", "role: jit-X", READ_ORDERS);
	assert_int_equal(make(*state, &text, NULL, &files, &error), -EINVAL);
}

static void test_the_manager_of_an_account_is_no_profile(void **state)
{
	static const char *const accounts[] = {
		"  home: { id: \"111111111111\", region: eu-west-1 }\n",
		"  far: { id: \"222222222222\", region: eu-west-1, manager: "
		"\"arn:aws:iam::222222222222:role/ops/jit-manager\" }\n",
		"  far-us: { id: \"222222222222\", region: us-east-1, manager: "
		"jit-manager }\n",
	};
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(PROFILES_MAX);
	struct terraform files;
	const char *manager;

	buffer_print(&text, "version: 1\naccounts:\n%s%s%s", accounts[0], accounts[1],
		     accounts[2]);
	buffer_print(&text, "%s", strstr(head, "people:"));
	add_profile(&text, "manager", "far", "role: jit-m", READ_ORDERS);
	add_profile(&text, "a", "far-us", "role: jit-a", READ_ORDERS);
	add_profile(&text, "b", "home", "role: jit-b", READ_ORDERS);
	files = made(*state, &text);
	manager = find(&files, "far/manager.tf");
	assert_int_equal(count_in(manager, "resource \"aws_iam_role\" \"_manager\""), 1);
	assert_int_equal(count_in(manager, "  path        = \"/ops/\"\n"), 1);
	assert_int_equal(count_in(find(&files, "far/profile-manager.tf"),
				  "resource \"aws_iam_role\" \"manager\""),
			 1);
	assert_null(find(&files, "far-us/manager.tf"));
	assert_null(find(&files, "home/manager.tf"));
	assert_int_equal(count_in(find(&files, "far-us/broker.tf"), "[\"jit-manager\"]"),
			 1);
	assert_int_equal(count_in(find(&files, "home/broker.tf"),
				  "arn:aws:iam::222222222222:role/ops/jit-manager"),
			 1);
	assert_int_equal(count_in(find(&files, "far/broker.tf"), "sts:AssumeRole"), 0);
	terraform_done(&files);
}

static void test_without_a_url_the_issuer_has_no_default(void **state)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(PROFILES_MAX);
	struct terraform with, without = { NULL, 0 };
	struct error error;

	buffer_print(&text, "%s", head);
	add_profile(&text, "a", "production", "role: jit-a", READ_ORDERS);
	with = made(*state, &text);
	assert_int_equal(make(*state, &text, NULL, &without, &error), 0);
	assert_int_equal(count_in(find(&with, "variables.tf"),
				  "  default     = \"https://jit.example.com\"\n"),
			 1);
	assert_int_equal(count_in(find(&without, "variables.tf"), "https:"), 0);
	terraform_done(&with);
	terraform_done(&without);
}

static void test_the_broker_may_change_the_roles_of_profiles_only(void **state)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(PROFILES_MAX);
	struct terraform files;
	const char *rights;

	buffer_print(&text, "%s", head);
	for (int i = 0; i < 120; i++) {
		char name[16], role[32];

		snprintf(name, sizeof(name), "p%d", i);
		snprintf(role, sizeof(role), "role: jit-%d", i);
		add_profile(&text, name, "production", role, READ_ORDERS);
	}
	add_profile(&text, "own-role", "china", "provision: { path: /jit/ }",
		    READ_ORDERS);
	files = made(*state, &text);
	rights = find(&files, "production/broker.tf");
	assert_int_equal(count_in(rights, "    aws_iam_role.p"), 120);
	assert_int_equal(count_in(rights, "chunklist(local.role_arns, 50)"), 1);
	assert_int_equal(count_in(rights, "iam:CreateRole"), 0);
	assert_int_equal(count_in(rights, "Resource = \"*\""), 0);
	rights = find(&files, "china/broker.tf");
	assert_int_equal(count_in(rights, "\"arn:aws-cn:iam::222222222222:role/jit/*\""),
			 2);
	assert_int_equal(count_in(rights, "role_arns"), 0);
	assert_null(find(&files, "china/profile-own-role.tf"));
	terraform_done(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_file_says_first_whose_it_is),
		TEST(test_the_boundary_of_an_account_is_its_default),
		TEST(test_the_order_in_the_file_does_not_matter),
		TEST(test_an_endpoint_has_one_policy_of_all_profiles_that_name_it),
		TEST(test_names_that_are_no_identifiers_are_files_of_their_own),
		TEST(test_a_role_of_two_profiles_is_refused),
		TEST(test_an_account_of_two_names_has_one_provider),
		TEST(test_a_role_of_an_account_by_two_names_is_one_role),
		TEST(test_the_manager_of_an_account_is_no_profile),
		TEST(test_without_a_url_the_issuer_has_no_default),
		TEST(test_the_broker_may_change_the_roles_of_profiles_only),
	};

	return cmocka_run_group_tests_name("terraform", tests, NULL, NULL);
}
