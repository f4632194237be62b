/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/file.h"
#include "protocol/signature-base.h"
#include "protocol/signature.h"

#define VECTOR "tests/vectors/rfc9421/b.2.6-ed25519.txt"
#define NOW 1790000000

struct vector {
	unsigned char seed[32], public_key[32], signature[64];
	struct signature_component components[8];
	size_t count;
	const char *parameters;
	struct buffer file;
};

static void decode(const char *text, int variant, unsigned char *out, size_t size)
{
	size_t length;

	assert_int_equal(sodium_base642bin(out, size, text, strlen(text), NULL, &length,
					   NULL, variant),
			 0);
	assert_int_equal(length, size);
}

static void read_vector(struct vector *vector)
{
	const int url = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
	char *rest, *line;

	vector->file = (struct buffer)BUFFER_WITH_LIMIT(4096);
	assert_int_equal(file_read(VECTOR, &vector->file), 0);
	rest = vector->file.bytes;
	while ((line = strsep(&rest, "\n"))) {
		char *value = strchr(line, ' ');

		if (*line == '#' || !value)
			continue;
		*value++ = '\0';
		if (strcmp(line, "private-seed") == 0)
			decode(value, url, vector->seed, 32);
		else if (strcmp(line, "public-key") == 0)
			decode(value, url, vector->public_key, 32);
		else if (strcmp(line, "signature") == 0)
			decode(value, sodium_base64_VARIANT_ORIGINAL, vector->signature,
			       64);
		else if (strcmp(line, "parameters") == 0)
			vector->parameters = value;
		else if (strcmp(line, "component") == 0) {
			char *colon = strstr(value, ": ");

			*colon = '\0';
			vector->components[vector->count++] =
			    (struct signature_component){ value, colon + 2 };
		}
	}
}

static void test_the_vector_of_the_rfc_signs_the_same(void **state)
{
	struct buffer base = BUFFER_WITH_LIMIT(SIGNATURE_BASE_MAX);
	unsigned char public_key[32], secret_key[64], signature[64];
	struct vector vector = { .count = 0 };

	(void)state;
	read_vector(&vector);
	assert_int_equal(vector.count, 6);
	assert_int_equal(signature_base_make(vector.components, vector.count,
					     vector.parameters, &base),
			 0);
	crypto_sign_seed_keypair(public_key, secret_key, vector.seed);
	assert_memory_equal(public_key, vector.public_key, 32);
	crypto_sign_detached(signature, NULL, (unsigned char *)base.bytes, base.used,
			     secret_key);
	assert_memory_equal(signature, vector.signature, 64);
	buffer_done(&base);
	buffer_done(&vector.file);
}

struct signed_example {
	unsigned char public_key[32];
	struct signed_call call;
	struct signature_headers headers;
};

static void sign_example(struct signed_example *example)
{
	unsigned char bytes[64];
	struct secret *key;

	memset(example, 0, sizeof(*example));
	crypto_sign_keypair(example->public_key, bytes);
	key = secret_take(bytes, sizeof(bytes));
	example->call = (struct signed_call){ "POST", "https://jit.example.com/v1/x",
					      "{}", 2 };
	assert_int_equal(signature_sign(&example->call, key, NOW, &example->headers), 0);
	secret_free(key);
}

static int verify(const struct signed_example *example, int64_t now)
{
	return signature_verify(&example->call, &example->headers, example->public_key,
				now, NULL);
}

static void test_a_signed_call_verifies(void **state)
{
	struct signature_claim claim;
	struct signed_example example;
	char keyid[SIGNATURE_KEYID_SIZE];

	(void)state;
	sign_example(&example);
	assert_int_equal(verify(&example, NOW), 0);
	assert_int_equal(signature_claim_read(&example.headers, &claim, NULL), 0);
	signature_keyid(example.public_key, keyid);
	assert_string_equal(claim.keyid, keyid);
	assert_int_equal(claim.created_seconds, NOW);
}

static void test_any_altered_part_is_refused(void **state)
{
	struct signed_example example;
	char *headers = (char *)&example.headers;

	(void)state;
	sign_example(&example);
	example.call.method = "PUT";
	assert_true(verify(&example, NOW) < 0);
	example.call.method = "POST";
	example.call.target_uri = "https://jit.example.com/v1/y";
	assert_true(verify(&example, NOW) < 0);
	example.call.target_uri = "https://jit.example.com/v1/x";
	example.call.body = "{ }";
	example.call.body_length = 3;
	assert_true(verify(&example, NOW) < 0);
	sign_example(&example);
	for (size_t i = 0; i < sizeof(example.headers); i++) {
		struct signed_example good = example;

		if (headers[i] == '\0')
			continue;
		headers[i] ^= 1;
		assert_true(verify(&example, NOW) < 0);
		example = good;
	}
	assert_int_equal(verify(&example, NOW), 0);
}

static void test_an_old_or_early_call_is_refused_with_the_clock_named(void **state)
{
	struct error error = { .kind = ERROR_NONE };
	struct signed_example example;

	(void)state;
	sign_example(&example);
	assert_int_equal(verify(&example, NOW + SIGNATURE_SKEW_SECONDS), 0);
	assert_true(verify(&example, NOW - SIGNATURE_SKEW_SECONDS - 1) < 0);
	assert_true(signature_verify(&example.call, &example.headers, example.public_key,
				     NOW + 3600, &error) < 0);
	assert_int_equal(error.kind, ERROR_UNAUTHENTICATED);
	assert_non_null(strstr(error.text, "3600 s ago"));
}

static void test_other_forms_of_the_header_are_refused(void **state)
{
	static const char *const forms[] = {
		"",
		"jit=",
		"sig1=(\"@method\");created=1",
		"jit=(\"@method\" \"@target-uri\");created=1790000000;nonce=\"00\"",
		"jit=(\"@method\" \"@target-uri\" \"content-digest\");created=-1",
		"jit=(\"@method\" \"@target-uri\" "
		"\"content-digest\");created=9999999999999",
	};
	struct signature_claim claim;

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct signature_headers headers = { "", "", "" };

		snprintf(headers.signature_input, sizeof(headers.signature_input), "%s",
			 forms[i]);
		assert_true(signature_claim_read(&headers, &claim, NULL) < 0);
	}
}

static void test_a_line_break_can_not_forge_a_component(void **state)
{
	struct buffer base = BUFFER_WITH_LIMIT(SIGNATURE_BASE_MAX);
	const struct signature_component component = { "@method",
						       "GET\n\"@path\": /other" };

	(void)state;
	assert_true(signature_base_make(&component, 1, "()", &base) < 0);
	buffer_done(&base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_vector_of_the_rfc_signs_the_same),
		cmocka_unit_test(test_a_signed_call_verifies),
		cmocka_unit_test(test_any_altered_part_is_refused),
		cmocka_unit_test(
		    test_an_old_or_early_call_is_refused_with_the_clock_named),
		cmocka_unit_test(test_other_forms_of_the_header_are_refused),
		cmocka_unit_test(test_a_line_break_can_not_forge_a_component),
	};

	if (secret_init() < 0)
		return 1;
	return cmocka_run_group_tests_name("signature", tests, NULL, NULL);
}
