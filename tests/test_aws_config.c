/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/cleanup.h"
#include "client/aws-config.h"

#define MARK "# added by: jitctl configure"
#define HELPER "/usr/bin/jit-credentials"

/* What goes in, what comes out; with reversible, --remove gives before again. */
struct example {
	const char *what;
	const char *before;
	struct aws_profile profile;
	const char *after;
	bool reversible;
};

#define PROFILE(r, asked)                            \
	{                                            \
		"orders", HELPER " orders", r, asked \
	}

/* clang-format off */
static const struct example examples[] = {
	{ "an empty file", "", PROFILE(NULL, false),
	  MARK "\n[profile orders]\ncredential_process = " HELPER " orders\n", true },
	{ "with a region", "", PROFILE("eu-west-1", false),
	  MARK "\n[profile orders]\nregion = eu-west-1\ncredential_process = " HELPER " orders\n", true },
	{ "behind other sections", "[default]\nregion = x\n", PROFILE(NULL, false),
	  "[default]\nregion = x\n\n" MARK "\n[profile orders]\ncredential_process = " HELPER " orders\n", true },
	{ "no last newline", "[default]\nregion = x", PROFILE(NULL, false),
	  "[default]\nregion = x\n" MARK "\n[profile orders]\ncredential_process = " HELPER " orders\n", true },
	{ "blank lines at the end", "[default]\n\n\n", PROFILE(NULL, false),
	  "[default]\n\n\n\n" MARK "\n[profile orders]\ncredential_process = " HELPER " orders\n", true },
	{ "a lone comment", "# mine\n", PROFILE(NULL, false),
	  "# mine\n\n" MARK "\n[profile orders]\ncredential_process = " HELPER " orders\n", true },
	{ "CRLF", "[default]\r\nregion = x\r\n", PROFILE("eu-west-1", true),
	  "[default]\r\nregion = x\r\n\r\n" MARK "\r\n[profile orders]\r\nregion = eu-west-1\r\n"
	  "credential_process = " HELPER " orders\r\n", true },
	{ "CRLF without the last one", "[default]\r\nregion = x", PROFILE(NULL, false),
	  "[default]\r\nregion = x\r\n" MARK "\r\n[profile orders]\r\ncredential_process = " HELPER " orders\r\n", true },
	{ "a section that is there", "[profile orders]\noutput = json\n[default]\n", PROFILE("eu-west-1", false),
	  "[profile orders]\n" MARK "\nregion = eu-west-1\ncredential_process = " HELPER " orders\noutput = json\n[default]\n", true },
	{ "an empty section that is there", "[profile orders]\n\n[default]\n", PROFILE(NULL, false),
	  "[profile orders]\n" MARK "\ncredential_process = " HELPER " orders\n\n[default]\n", true },
	{ "a header and no newline", "[profile orders]", PROFILE("eu-west-1", false),
	  "[profile orders]\n" MARK "\nregion = eu-west-1\ncredential_process = " HELPER " orders", true },
	{ "a region that is there stays", "[profile orders]\nregion = us-east-1\n", PROFILE("eu-west-1", false),
	  "[profile orders]\n" MARK "\ncredential_process = " HELPER " orders\nregion = us-east-1\n", true },
	{ "a region that is there is set aside", "[profile orders]\nRegion=us-east-1\noutput = json\n", PROFILE("eu-west-1", true),
	  "[profile orders]\n" MARK "\nregion = eu-west-1\ncredential_process = " HELPER " orders\n"
	  "# set aside by: jitctl configure: Region=us-east-1\noutput = json\n", true },
	{ "nested values", "[profile orders]\ns3 =\n  max_concurrent_requests = 20\n\n# end\n", PROFILE(NULL, false),
	  "[profile orders]\n" MARK "\ncredential_process = " HELPER " orders\ns3 =\n  max_concurrent_requests = 20\n\n# end\n", true },
	{ "a quoted name", "[profile \"orders\"]\noutput = json\n", PROFILE(NULL, false),
	  "[profile \"orders\"]\n" MARK "\ncredential_process = " HELPER " orders\noutput = json\n", true },
	{ "names that only look alike", "[orders]\n[profile orders2]\n[profileorders]\n# [profile orders]\n", PROFILE(NULL, false),
	  "[orders]\n[profile orders2]\n[profileorders]\n# [profile orders]\n\n" MARK "\n[profile orders]\ncredential_process = " HELPER " orders\n", true },
	{ "the default profile", "[default]\noutput = json\n", { "default", HELPER " orders", NULL, false },
	  "[default]\n" MARK "\ncredential_process = " HELPER " orders\noutput = json\n", true },
	{ "a new default profile", "[profile a]\n", { "default", HELPER " orders", NULL, false },
	  "[profile a]\n\n" MARK "\n[default]\ncredential_process = " HELPER " orders\n", true },
	{ "our own, by an older path", "[profile orders]\ncredential_process = \"/old way/jit-credentials\" orders\nregion = x\n", PROFILE("eu-west-1", false),
	  "[profile orders]\ncredential_process = " HELPER " orders\nregion = x\n", false },
	{ "the same again", MARK "\n[profile orders]\nregion = eu-west-1\ncredential_process = " HELPER " orders\n", PROFILE(NULL, false),
	  MARK "\n[profile orders]\nregion = eu-west-1\ncredential_process = " HELPER " orders\n", false },
	{ "another region of our own", MARK "\n[profile orders]\nregion = eu-west-1\ncredential_process = " HELPER " orders\n", PROFILE("us-west-2", true),
	  MARK "\n[profile orders]\nregion = us-west-2\ncredential_process = " HELPER " orders\n", false },
	{ "a region comes later", MARK "\n[profile orders]\ncredential_process = " HELPER " orders\n\n[default]\n", PROFILE("us-west-2", false),
	  MARK "\n[profile orders]\nregion = us-west-2\ncredential_process = " HELPER " orders\n\n[default]\n", false },
};
/* clang-format on */

static void same(const struct buffer *got, const char *wanted, const char *what)
{
	if (got->used == strlen(wanted) &&
	    (got->used == 0 || memcmp(got->bytes, wanted, got->used) == 0))
		return;
	fail_msg("%s:\n--- wanted\n%s\n--- got\n%s", what, wanted,
		 got->used ? got->bytes : "");
}

static void test_a_profile_is_added_and_every_other_byte_stays(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *example = &examples[i];
		scoped(buffer_done) struct buffer out = BUFFER_WITH_LIMIT(4096);

		assert_int_equal(aws_config_add(example->before, strlen(example->before),
						&example->profile, &out, NULL),
				 0);
		same(&out, example->after, example->what);
	}
}

static void test_removing_gives_the_bytes_from_before(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *example = &examples[i];
		scoped(buffer_done) struct buffer out = BUFFER_WITH_LIMIT(4096);

		if (!example->reversible)
			continue;
		assert_int_equal(aws_config_remove(example->after, strlen(example->after),
						   example->profile.name, &out, NULL),
				 0);
		same(&out, example->before, example->what);
	}
}

static void test_adding_twice_is_adding_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *example = &examples[i];
		scoped(buffer_done) struct buffer out = BUFFER_WITH_LIMIT(4096);

		assert_int_equal(aws_config_add(example->after, strlen(example->after),
						&example->profile, &out, NULL),
				 0);
		same(&out, example->after, example->what);
	}
}

/* What a person did to the file between the two. */
static void test_removing_leaves_what_came_later(void **state)
{
	static const struct {
		const char *before, *after;
	} cases[] = {
		{ "[default]\n\n" MARK "\n[profile orders]\ncredential_process = " HELPER
		  " orders\n\n[profile later]\n",
		  "[default]\n\n[profile later]\n" },
		{ "[default]\n" MARK "\n[profile orders]\ncredential_process = " HELPER
		  " orders\n[profile later]\n",
		  "[default]\n[profile later]\n" },
		{ MARK "\n[profile orders]\nregion = x\ncredential_process = " HELPER
		       " orders\noutput = json\n",
		  "[profile orders]\noutput = json\n" },
		{ "[profile orders]\ncredential_process = " HELPER
		  " orders\nregion = x\n",
		  "[profile orders]\nregion = x\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scoped(buffer_done) struct buffer out = BUFFER_WITH_LIMIT(4096);

		assert_int_equal(aws_config_remove(cases[i].before,
						   strlen(cases[i].before), "orders",
						   &out, NULL),
				 0);
		same(&out, cases[i].after, cases[i].before);
	}
}

static void test_a_profile_with_other_credentials_is_refused(void **state)
{
	static const char *const sections[] = {
		"[profile orders]\nrole_arn = arn:aws:iam::1:role/x\n",
		"[profile orders]\nAWS_ACCESS_KEY_ID : AKIA\n",
		"[profile orders]\noutput = json\nsso_session = s\n",
		"[profile orders]\ncredential_process = /usr/bin/other-tool orders\n",
		"[profile orders]\ncredential_process = /x/not-jit-credentials orders\n",
	};
	const struct aws_profile profile = PROFILE(NULL, false);

	(void)state;
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		struct buffer out = BUFFER_WITH_LIMIT(4096);
		struct error error;

		assert_true(aws_config_add(sections[i], strlen(sections[i]), &profile,
					   &out, &error) < 0);
		assert_int_equal(error.kind, ERROR_FORBIDDEN);
		assert_int_equal(out.used, 0);
	}
}

static void test_a_file_that_is_no_config_is_refused(void **state)
{
	const struct aws_profile profile = PROFILE(NULL, false);
	struct buffer out = BUFFER_WITH_LIMIT(4096);
	struct error error;

	(void)state;
	assert_true(aws_config_add("a\0b", 3, &profile, &out, &error) < 0);
	assert_int_equal(error.kind, ERROR_USAGE);
	assert_true(aws_config_add("[profile orders]\n[profile orders]\n", 34, &profile,
				   &out, &error) < 0);
	assert_string_equal(error.text, "profile orders is there twice");
	assert_true(aws_config_add("[profile orders]\nregion=a\nREGION=b\n", 35, &profile,
				   &out, &error) < 0);
	assert_string_equal(error.text, "profile orders sets region twice");
	assert_true(aws_config_add("\xef\xbb\xbf[profile orders]\n", 20, &profile, &out,
				   &error) < 0);
	assert_non_null(strstr(error.text, "byte order mark"));
	assert_true(aws_config_add("[default]\r", 10, &profile, &out, &error) < 0);
	assert_int_equal(error.kind, ERROR_USAGE);
	assert_int_equal(out.used, 0);
}

static void test_nothing_of_ours_cannot_be_removed(void **state)
{
	static const char *const files[] = {
		"",
		"[profile orders]\noutput = json\n",
		"[profile orders]\ncredential_process = /usr/bin/other orders\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct buffer out = BUFFER_WITH_LIMIT(4096);
		struct error error;

		assert_true(aws_config_remove(files[i], strlen(files[i]), "orders", &out,
					      &error) < 0);
		assert_int_equal(error.kind, ERROR_NOT_FOUND);
		assert_int_equal(out.used, 0);
	}
}

static void test_a_credentials_section_is_found_by_its_exact_name(void **state)
{
	static const char text[] = "# [orders2]\n[ orders ]\naws_access_key_id = x\n";

	(void)state;
	assert_true(aws_credentials_has(text, strlen(text), "orders"));
	assert_false(aws_credentials_has(text, strlen(text), "orders2"));
	assert_false(aws_credentials_has(text, strlen(text), "order"));
}

static void test_the_helper_is_quoted_where_it_must_be(void **state)
{
	scoped(buffer_done) struct buffer plain = BUFFER_WITH_LIMIT(4096);
	scoped(buffer_done) struct buffer spaced = BUFFER_WITH_LIMIT(4096);
	struct error error;

	(void)state;
	assert_int_equal(aws_process_value(HELPER, "orders", &plain, NULL), 0);
	assert_string_equal(plain.bytes, HELPER " orders");
	assert_int_equal(
	    aws_process_value("/my tools/jit-credentials", "orders", &spaced, NULL), 0);
	assert_string_equal(spaced.bytes, "\"/my tools/jit-credentials\" orders");
	assert_true(aws_process_value("/a$b/jit-credentials", "orders", &plain, &error) <
		    0);
	assert_int_equal(error.kind, ERROR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_profile_is_added_and_every_other_byte_stays),
		cmocka_unit_test(test_removing_gives_the_bytes_from_before),
		cmocka_unit_test(test_adding_twice_is_adding_once),
		cmocka_unit_test(test_removing_leaves_what_came_later),
		cmocka_unit_test(test_a_profile_with_other_credentials_is_refused),
		cmocka_unit_test(test_a_file_that_is_no_config_is_refused),
		cmocka_unit_test(test_nothing_of_ours_cannot_be_removed),
		cmocka_unit_test(test_a_credentials_section_is_found_by_its_exact_name),
		cmocka_unit_test(test_the_helper_is_quoted_where_it_must_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
