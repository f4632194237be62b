/* SPDX-License-Identifier: MIT */
/*
 * IAM's calls against a server that tests/e2e/iam.sh starts and names in
 * IAM_TEST_URL, with keys in the environment; without one there is only what
 * needs none.  No value has a space: moto, to check a signature, writes the
 * form anew with "+" in the place of our "%20".
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/http.h"
#include "aws/iam.h"
#include "base/cleanup.h"
#include "base/secret.h"

#define TRUST                                                                          \
	"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","            \
	"\"Principal\":"                                                               \
	"{\"Federated\":\"arn:aws:iam::123456789012:oidc-provider/jit.example.com\"}," \
	"\"Action\":\"sts:AssumeRoleWithWebIdentity\"}]}"
#define DENY                                                                             \
	"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"*" \
	"\","                                                                            \
	"\"Resource\":\"*\",\"Condition\":{\"StringEquals\":{\"aws:PrincipalTag/x\":"    \
	"\"a+b%20c\"}}}]}"

#define ALLOW                                                               \
	"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\"," \
	"\"Action\":\"dynamodb:GetItem\",\"Resource\":\"*\"}]}"

struct fixture {
	struct credentials_source *credentials;
	struct iam *iam;
};

static int make_client(struct fixture *fixture, const char *url, struct error *error)
{
	static const struct credentials_config from_environment = { .process = NULL };
	struct iam_config config = {
		.url = url,
		.region = "eu-west-1",
		.deadline_ms = 20000,
	};

	fixture->iam = NULL;
	fixture->credentials = credentials_source_new(&from_environment, &clock_system);
	config.credentials = fixture->credentials;
	return iam_new(&config, &fixture->iam, error);
}

static void fixture_done(struct fixture *fixture)
{
	iam_free(fixture->iam);
	credentials_source_free(fixture->credentials);
}

static void begin(struct fixture *fixture)
{
	struct error error;

	assert_int_equal(make_client(fixture, secure_getenv("IAM_TEST_URL"), &error), 0);
}

#define assert_ok(call)                                       \
	do {                                                  \
		struct error why = { .kind = ERROR_NONE };    \
		int result = call;                            \
                                                              \
		if (result < 0)                               \
			fail_msg("%d: %s", result, why.text); \
	} while (0)

static void create(struct iam *iam, const char *name, const char *trust)
{
	static const struct iam_tag tags[] = { { "jit_request", "r-7k2m9x4q1d" },
					       { "jit_user", "ann@example.com" } };
	const struct iam_new_role role = {
		.name = name,
		.path = "/jit/",
		.trust_policy = trust,
		.description = "one-session,till-15:30",
		.permissions_boundary = "arn:aws:iam::123456789012:policy/jit-boundary",
		.longest_session_seconds = 7200,
		.tags = tags,
		.tag_count = 2,
	};

	assert_ok(iam_create_role(iam, &role, &why));
}

static void test_a_role_is_made_described_and_deleted(void **state)
{
	scoped(fixture_done) struct fixture fixture = { NULL, NULL };
	struct iam_role role;
	struct error error;
	const struct iam_new_role again = { .name = "jit-one", .trust_policy = TRUST };

	(void)state;
	begin(&fixture);
	create(fixture.iam, "jit-one", TRUST);
	assert_int_equal(iam_create_role(fixture.iam, &again, &error), -EEXIST);
	assert_ok(iam_get_role(fixture.iam, "jit-one", &role, &why));
	assert_string_equal(role.name, "jit-one");
	assert_string_equal(role.path, "/jit/");
	assert_string_equal(role.arn, "arn:aws:iam::123456789012:role/jit/jit-one");
	assert_string_equal(role.permissions_boundary,
			    "arn:aws:iam::123456789012:policy/jit-boundary");
	assert_int_equal(role.longest_session_seconds, 7200);
	assert_true(llabs(role.created_at_seconds - clock_wall_seconds(&clock_system)) <
		    600);
	assert_ok(iam_delete_role(fixture.iam, "jit-one", &why));
	assert_int_equal(iam_delete_role(fixture.iam, "jit-one", &error), -ENOENT);
	assert_int_equal(iam_get_role(fixture.iam, "jit-one", &role, &error), -ENOENT);
	assert_non_null(strstr(error.text, "IAM refused: NoSuchEntity"));
}

static int take_tag(void *data, const struct iam_tag *tag)
{
	if (strcmp(tag->key, "jit_user") == 0)
		snprintf(data, 64, "%s", tag->value);
	return 0;
}

static int take_name(void *data, const char *name)
{
	snprintf(data, 64, "%s", name);
	return 0;
}

static void test_a_policy_comes_back_as_it_was_put(void **state)
{
	scoped(fixture_done) struct fixture fixture = { NULL, NULL };
	scoped(freep) char *document = NULL;
	char user[64] = "", name[64] = "";
	struct error error;

	(void)state;
	begin(&fixture);
	create(fixture.iam, "jit-two", TRUST);
	assert_ok(iam_put_role_policy(fixture.iam, "jit-two", "jit-end", ALLOW, &why));
	assert_ok(iam_put_role_policy(fixture.iam, "jit-two", "jit-end", DENY, &why));
	assert_ok(
	    iam_get_role_policy(fixture.iam, "jit-two", "jit-end", &document, &why));
	assert_string_equal(document, DENY);
	assert_ok(iam_list_role_policies(fixture.iam, "jit-two", take_name, name, &why));
	assert_string_equal(name, "jit-end");
	assert_ok(iam_list_role_tags(fixture.iam, "jit-two", take_tag, user, &why));
	assert_string_equal(user, "ann@example.com");
	assert_true(iam_delete_role(fixture.iam, "jit-two", &error) < 0);
	assert_int_equal(error.kind, ERROR_REFUSED_BY_AWS);
	assert_ok(iam_delete_role_policy(fixture.iam, "jit-two", "jit-end", &why));
	assert_int_equal(iam_get_role_policy(fixture.iam, "jit-two", "jit-end",
					     &(char *){ NULL }, &error),
			 -ENOENT);
	assert_ok(iam_delete_role(fixture.iam, "jit-two", &why));
}

static int count_role(void *data, const struct iam_role *role)
{
	assert_memory_equal(role->name, "jit-many-", 9);
	assert_string_equal(role->path, "/jit/");
	assert_non_null(strstr(role->arn, role->name));
	++*(int *)data;
	return 0;
}

static int stop_at_once(void *data, const struct iam_role *role)
{
	(void)data;
	(void)role;
	return -ECANCELED;
}

/*
 * As long as AWS takes one; and as AWS answers with it percent-encoded, so moto does
 * with each of these written as "&amp;".
 */
static void make_longest_trust(char *out, size_t size)
{
	static const char end[] = "\"}}}]}";
	size_t used = strlen(TRUST) - strlen("}]}");

	snprintf(out, size,
		 "%.*s,\"Condition\":{\"StringEquals\":{\"jit.example.com:aud\":\"",
		 (int)used, TRUST);
	for (size_t i = 0; strlen(out) + strlen(end) + 1 < size; i++)
		strncat(out, i < 400 ? "&" : "a", size - strlen(out) - 1);
	strncat(out, end, size - strlen(out) - 1);
}

static void test_a_list_goes_over_all_its_pages(void **state)
{
	char trust[2049];
	scoped(fixture_done) struct fixture fixture = { NULL, NULL };
	struct error error;
	char name[32];
	int count = 0;

	(void)state;
	begin(&fixture);
	make_longest_trust(trust, sizeof(trust));
	for (int i = 0; i < 130; i++) {
		snprintf(name, sizeof(name), "jit-many-%d", i);
		create(fixture.iam, name, trust);
	}
	assert_ok(iam_list_roles(fixture.iam, "/jit/", count_role, &count, &why));
	assert_int_equal(count, 130);
	assert_ok(iam_list_roles(fixture.iam, "/other/", count_role, &count, &why));
	assert_int_equal(count, 130);
	assert_int_equal(iam_list_roles(fixture.iam, "/jit/", stop_at_once, NULL, &error),
			 -ECANCELED);
	for (int i = 0; i < 130; i++) {
		snprintf(name, sizeof(name), "jit-many-%d", i);
		assert_ok(iam_delete_role(fixture.iam, name, &why));
	}
}

static void test_an_issuer_becomes_known_once(void **state)
{
	static const char thumbprint[] = "0123456789abcdef0123456789abcdef01234567";
	scoped(fixture_done) struct fixture fixture = { NULL, NULL };
	struct error error;
	char arn[IAM_ARN_SIZE];

	(void)state;
	begin(&fixture);
	assert_ok(iam_create_oidc_provider(fixture.iam, "https://jit.example.com/issuer",
					   "sts.amazonaws.com", thumbprint, arn, &why));
	assert_string_equal(
	    arn, "arn:aws:iam::123456789012:oidc-provider/jit.example.com/issuer");
	assert_int_equal(
	    iam_create_oidc_provider(fixture.iam, "https://jit.example.com/issuer",
				     "sts.amazonaws.com", thumbprint, arn, &error),
	    -EEXIST);
}

/* Where the server checks SigV4, a secret that differs by one letter is seen. */
static void test_another_secret_is_refused(void **state)
{
	scoped(fixture_done) struct fixture fixture = { NULL, NULL };
	const char *secret = secure_getenv("AWS_SECRET_ACCESS_KEY");
	scoped(freep) char *kept = secret ? strdup(secret) : NULL;
	struct iam_role role;
	struct error error;

	(void)state;
	begin(&fixture);
	setenv("AWS_SECRET_ACCESS_KEY", "another-secret-than-the-right-one", 1);
	assert_true(iam_get_role(fixture.iam, "jit-one", &role, &error) < 0);
	setenv("AWS_SECRET_ACCESS_KEY", kept, 1);
	assert_int_equal(error.kind, ERROR_REFUSED_BY_AWS);
	assert_non_null(strstr(error.text, "SignatureDoesNotMatch"));
	assert_null(strstr(error.text, "another-secret"));
}

static void test_a_client_needs_a_region_and_a_url_that_may_be_called(void **state)
{
	static const struct credentials_config from_environment = { .process = NULL };
	struct credentials_source *credentials = credentials_source_new(&from_environment,
									&clock_system);
	struct iam_config config = { .url = "http://iam.example.com/",
				     .region = "eu-west-1",
				     .credentials = credentials,
				     .deadline_ms = 1000 };
	struct iam *iam = NULL;
	struct error error;

	(void)state;
	assert_int_equal(iam_new(&config, &iam, &error), -EINVAL);
	config.url = "";
	config.region = "nowhere";
	assert_int_equal(iam_new(&config, &iam, &error), -EINVAL);
	config.region = "cn-north-1";
	assert_int_equal(iam_new(&config, &iam, &error), 0);
	iam_free(iam);
	credentials_source_free(credentials);
}

int main(void)
{
	const struct CMUnitTest alone[] = {
		cmocka_unit_test(
		    test_a_client_needs_a_region_and_a_url_that_may_be_called),
	};
	const struct CMUnitTest with_server[] = {
		cmocka_unit_test(test_a_role_is_made_described_and_deleted),
		cmocka_unit_test(test_a_policy_comes_back_as_it_was_put),
		cmocka_unit_test(test_a_list_goes_over_all_its_pages),
		cmocka_unit_test(test_an_issuer_becomes_known_once),
		cmocka_unit_test(test_another_secret_is_refused),
	};

	if (secret_init() < 0 || http_init() < 0)
		return 1;
	if (secure_getenv("IAM_TEST_URL"))
		return cmocka_run_group_tests(with_server, NULL, NULL);
	return cmocka_run_group_tests(alone, NULL, NULL);
}
