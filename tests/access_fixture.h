/* SPDX-License-Identifier: MIT */
#ifndef TESTS_ACCESS_FIXTURE_H
#define TESTS_ACCESS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "broker/access.h"
#include "broker/findings.h"
#include "policy/scope.h"

static const struct place place = { "eu-west-1", "123456789012" };
static struct account account = { .name = (char *)"production",
				  .id = (char *)"123456789012",
				  .region = (char *)"eu-west-1" };
static struct parameter tenant = { .name = (char *)"tenant",
				   .pattern = (char *)"[a-z0-9-]{3,32}",
				   .summary = (char *)"the customer's id",
				   .line = 1 };

/*
 * Reads the access of a profile with these parameters.  Returns and writes what
 * access_parse() does; the caller frees the scope and empties the findings.
 */
static inline int parse_with(const char *yaml, struct parameter *parameters, size_t count,
			     struct scope **scope, struct findings *findings)
{
	struct fy_document *document = fy_document_build_from_string(NULL, yaml, FY_NT);
	struct profile profile = {
		.name = (char *)"orders-support",
		.line = 1,
		.account = &account,
		.parameters = parameters,
		.parameter_count = count,
	};
	int r;

	assert_non_null(document);
	r = access_parse(fy_document_root(document), &profile, scope, findings);
	fy_document_destroy(document);
	return r;
}

/*
 * The scope of an access, for the caller to free; the parameter tenant is there if
 * the text names it.  Fails the test on any error.
 */
static inline struct scope *scope_of(const char *yaml)
{
	struct findings findings = { 0 };
	struct scope *scope = NULL;
	int r = parse_with(yaml, &tenant, strstr(yaml, "tenant") != NULL, &scope,
			   &findings);

	for (size_t i = 0; r < 0 && i < findings.count; i++)
		print_error("line %u: %s\n", findings.list[i].line,
			    findings.list[i].message);
	findings_done(&findings);
	assert_int_equal(r, 0);
	return scope;
}

#endif
