/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "broker/profiles-index.h"
#include "broker/profiles-matcher.h"
#include "broker/profiles.h"

static struct profiles *load(const char *path)
{
	struct findings findings = { 0 };
	struct profiles *profiles = NULL;
	struct error error = { .text = "" };
	int r = profiles_load(path, &profiles, &findings, &error);

	if (r < 0)
		print_error("%s\n", error.text);
	assert_int_equal(r, 0);
	assert_false(findings_have_error(&findings));
	findings_done(&findings);
	return profiles;
}

static void test_the_example_loads_and_says_what_it_says(void **state)
{
	scoped(profiles_unrefp) struct profiles *profiles = load(
	    "docs/profiles.example.yaml");
	const struct profile *profile = profiles_profile(profiles, "orders-support");
	const struct person *ann = profiles_person(profiles, "ANN");

	(void)state;
	assert_non_null(profile);
	assert_string_equal(profile->account->id, "123456789012");
	assert_string_equal(profile->account->region, "eu-west-1");
	assert_string_equal(profile->role, "jit-orders-support");
	assert_null(profile->provision);
	assert_int_equal(profile->longest_seconds, 7200);
	assert_int_equal(profile->usual_seconds, 1800);
	assert_int_equal(profile->parameter_count, 1);
	assert_int_equal(profile->approval->kind, RULE_ANY);
	assert_non_null(ann);
	assert_true(person_is_in(ann, "support"));
	assert_true(person_may(ann, CAPABILITY_ASK));
	assert_false(person_may(ann, CAPABILITY_REVOKE));
	assert_true(profile_may_be_asked_by(profile, ann));
	assert_false(profile_may_be_asked_by(profile, profiles_person(profiles, "dora")));
	assert_null(profiles_person(profiles, "nobody"));
	profile = profiles_profile(profiles, "tables-scaling");
	assert_string_equal(profile->provision->path, "/jit/");
	assert_int_equal(profile->usual_seconds, 3600);
	assert_ptr_equal(profile, profiles_profile_at(profiles, 1));
	assert_null(profiles_profile_at(profiles, 3));
}

/* text: a piece of the message, and behind " => " one of what to write instead. */
static bool has_finding(const struct findings *findings, unsigned int line, bool is_error,
			const char *text)
{
	const char *arrow = strstr(text, " => ");
	scoped(freep) char *says = strndup(text,
					   arrow ? (size_t)(arrow - text) : strlen(text));

	assert_non_null(says);
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		if (finding->line == line && finding->is_error == is_error &&
		    strstr(finding->message, says) &&
		    (!arrow || (finding->instead && strstr(finding->instead, arrow + 4))))
			return true;
	}
	return false;
}

static size_t count_findings(const struct findings *findings, bool is_error)
{
	size_t count = 0;

	for (size_t i = 0; i < findings->count; i++)
		count += findings->list[i].is_error == is_error;
	return count;
}

static void print_findings(const char *path, const struct findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		print_error("%s:%u: %s: %s\n", path, findings->list[i].line,
			    findings->list[i].is_error ? "error" : "warning",
			    findings->list[i].message);
}

/*
 * Each file ends with what is to be found in it:
 * "#! LINE error|warning TEXT[ => INSTEAD]".
 */
static void check_expectations(const char *path, const struct findings *findings,
			       bool is_bad)
{
	scoped(buffer_done) struct buffer buffer = BUFFER_WITH_LIMIT(65536);
	char *rest, *line;
	size_t errors = 0;

	assert_int_equal(file_read(path, &buffer), 0);
	rest = buffer.bytes;
	while ((line = strsep(&rest, "\n"))) {
		unsigned int number = 0;
		char kind[8] = "";
		int text = 0;

		if (sscanf(line, "#! %u %7s %n", &number, kind, &text) < 2)
			continue;
		errors += strcmp(kind, "error") == 0;
		if (!has_finding(findings, number, strcmp(kind, "error") == 0,
				 line + text)) {
			print_findings(path, findings);
			fail_msg("%s: no finding as '%s'", path, line);
		}
	}
	if (is_bad != (errors > 0) || count_findings(findings, true) != errors) {
		print_findings(path, findings);
		fail_msg("%s: %zu errors expected", path, errors);
	}
}

static void check_folder(const char *folder, bool is_bad)
{
	DIR *directory = opendir(folder);
	const struct dirent *entry;
	size_t files = 0;

	assert_non_null(directory);
	while ((entry = readdir(directory))) {
		struct findings findings = { 0 };
		struct profiles *profiles = NULL;
		struct error error = { .text = "" };
		char path[512], where[600];
		int r;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		r = profiles_load(path, &profiles, &findings, &error);
		check_expectations(path, &findings, is_bad);
		assert_int_equal(r < 0, is_bad);
		assert_int_equal(profiles == NULL, is_bad);
		snprintf(where, sizeof(where), "%s:", path);
		if (is_bad)
			assert_int_equal(strncmp(error.text, where, strlen(where)), 0);
		profiles_unref(profiles);
		findings_done(&findings);
		files++;
	}
	closedir(directory);
	assert_true(files > 5);
}

static void test_every_mistake_is_named_with_its_line(void **state)
{
	(void)state;
	check_folder("tests/vectors/profiles/bad", true);
}

static void test_what_is_only_dangerous_is_a_warning(void **state)
{
	(void)state;
	check_folder("tests/vectors/profiles/warned", false);
}

static void test_a_file_that_is_not_there_or_too_large_is_refused(void **state)
{
	char path[] = "/tmp/jit-profiles-XXXXXX";
	int fd = mkstemp(path);
	struct findings findings = { 0 };
	struct profiles *profiles = NULL;
	struct error error;

	(void)state;
	assert_true(profiles_load("/nowhere", &profiles, &findings, &error) < 0);
	assert_non_null(strstr(error.text, "/nowhere"));
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 1024 * 1024 + 1), 0);
	assert_true(profiles_load(path, &profiles, &findings, &error) < 0);
	assert_non_null(strstr(error.text, "1 MiB"));
	assert_null(profiles);
	close(fd);
	remove(path);
}

static const char head[] =
    "version: 1\naccounts:\n  a: { id: \"123456789012\", region: eu-west-1 }\n"
    "people:\n  ann: { groups: [g] }\n  bob: { groups: [g] }\nroles:\n"
    "  g: [ask, approve]\napprovals:\n  p: { peer: { group: g } }\nprofiles:\n";

static double seconds_to_load(struct buffer *buffer, int expected)
{
	char path[] = "/tmp/jit-profiles-XXXXXX";
	int fd = mkstemp(path);
	struct findings findings = { 0 };
	struct profiles *profiles = NULL;
	struct timespec start, end;
	struct error error = { .text = "" };
	int r;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, buffer->bytes, buffer->used), (ssize_t)buffer->used);
	close(fd);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	r = profiles_load(path, &profiles, &findings, &error);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	if (r != expected)
		print_findings(path, &findings);
	assert_int_equal(r, expected);
	profiles_unref(profiles);
	findings_done(&findings);
	remove(path);
	return (double)(end.tv_sec - start.tv_sec) +
	       (double)(end.tv_nsec - start.tv_nsec) / 1e9;
}

/* A generous bound, as this also runs under sanitizers; it is printed to be read. */
static void test_a_thousand_profiles_load_in_little_time(void **state)
{
	scoped(buffer_done) struct buffer buffer = BUFFER_WITH_LIMIT(1 << 20);
	double seconds;

	(void)state;
	buffer_print(&buffer, "%s", head);
	for (int i = 0; i < 1000; i++)
		buffer_print(&buffer,
			     "  p%d:\n    summary: Number %d\n    account: a\n"
			     "    role: jit-p%d\n    who: [g]\n    longest: 1h\n"
			     "    parameters: { t: { pattern: \"[a-z]{1,9}\" } }\n"
			     "    approval: p\n    access:\n      - dynamodb:\n"
			     "          table: orders\n          actions: read\n"
			     "          leading_keys: [\"${t}\"]\n",
			     i, i, i);
	seconds = seconds_to_load(&buffer, 0);
	print_message("1,000 profiles: %.0f ms\n", seconds * 1000);
	assert_true(seconds < 2);
}

static void test_a_hostile_file_costs_no_more_than_its_size(void **state)
{
	scoped(buffer_done) struct buffer buffer = BUFFER_WITH_LIMIT(1 << 20);
	double seconds;

	(void)state;
	buffer_print(&buffer, "%s", head);
	for (int i = 0; i < 70000; i++)
		buffer_print(&buffer, "  k%d: 1\n", i);
	seconds = seconds_to_load(&buffer, -EINVAL);
	print_message("70,000 keys: %.0f ms\n", seconds * 1000);
	assert_true(seconds < 10);
}

static void test_parameters_are_checked_one_by_one(void **state)
{
	scoped(profiles_unrefp) struct profiles *profiles = load(
	    "docs/profiles.example.yaml");
	const struct profile *profile = profiles_profile(profiles, "orders-support");
	const char *names[] = { "tenant", "tenant" }, *other[] = { "tennant" };
	const char *good[] = { "acme", "acme" }, *bad[] = { "ACME" };
	const char *newline[] = { "acme\n" };
	struct error error;

	(void)state;
	assert_int_equal(profile_check_parameters(profile, names, good, 1, &error), 0);
	assert_int_equal(profile_check_parameters(profile, names, bad, 1, &error),
			 -EINVAL);
	assert_int_equal(profile_check_parameters(profile, names, newline, 1, &error),
			 -EINVAL);
	assert_int_equal(profile_check_parameters(profile, other, good, 1, &error),
			 -EINVAL);
	assert_int_equal(profile_check_parameters(profile, names, good, 0, &error),
			 -EINVAL);
	assert_int_equal(profile_check_parameters(profile, names, good, 2, &error),
			 -EINVAL);
}

static void test_an_alternative_stays_within_the_anchors(void **state)
{
	struct matcher *matcher;

	(void)state;
	assert_int_equal(matcher_new("acme|example", &matcher), 0);
	assert_int_equal(matcher_matches(matcher, "acme"), 1);
	assert_int_equal(matcher_matches(matcher, "acme-evil"), 0);
	assert_int_equal(matcher_matches(matcher, "an example"), 0);
	matcher_free(matcher);
}

static void test_slips_of_the_pen_are_found(void **state)
{
	(void)state;
	assert_int_equal(words_distance("longst", "longest"), 1);
	assert_int_equal(words_distance("lognest", "longest"), 1);
	assert_int_equal(words_distance("approval", "approvals"), 1);
	assert_int_equal(words_distance("role", "who"), -1);
	assert_int_equal(words_distance("x", "role"), -1);
}

static void test_an_index_finds_thousands(void **state)
{
	static char names[3000][16];
	struct index index = { .ignores_case = true };

	(void)state;
	for (int i = 0; i < 3000; i++) {
		snprintf(names[i], sizeof(names[i]), "Name%d", i);
		assert_null(index_find(&index, names[i]));
		assert_int_equal(index_add(&index, names[i], names[i]), 0);
	}
	for (int i = 0; i < 3000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "nAME%d", i);
		assert_ptr_equal(index_find(&index, name), names[i]);
		assert_ptr_equal(index_at(&index, (size_t)i), names[i]);
	}
	assert_null(index_find(&index, "name3000"));
	index_done(&index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_example_loads_and_says_what_it_says),
		cmocka_unit_test(test_every_mistake_is_named_with_its_line),
		cmocka_unit_test(test_what_is_only_dangerous_is_a_warning),
		cmocka_unit_test(test_a_file_that_is_not_there_or_too_large_is_refused),
		cmocka_unit_test(test_a_thousand_profiles_load_in_little_time),
		cmocka_unit_test(test_a_hostile_file_costs_no_more_than_its_size),
		cmocka_unit_test(test_parameters_are_checked_one_by_one),
		cmocka_unit_test(test_an_alternative_stays_within_the_anchors),
		cmocka_unit_test(test_slips_of_the_pen_are_found),
		cmocka_unit_test(test_an_index_finds_thousands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
