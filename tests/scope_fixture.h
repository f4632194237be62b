/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SCOPE_FIXTURE_H
#define TESTS_SCOPE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "broker/access.h"
#include "policy/scope.h"

static const struct place place = { "eu-west-1", "123456789012" };

/*
 * The scope of an access as a profile writes it, for the caller to free; the
 * parameter tenant is there if the text names it.  Fails the test on any error.
 */
static inline struct scope *scope_of(const char *yaml)
{
	struct account account = { .id = (char *)"123456789012",
				   .region = (char *)"eu-west-1" };
	struct parameter tenant = { .name = (char *)"tenant",
				    .pattern = (char *)"[a-z0-9]{3,32}",
				    .summary = (char *)"",
				    .line = 1 };
	const struct profile profile = { .name = (char *)"orders",
					 .account = &account,
					 .parameters = &tenant,
					 .parameter_count = strstr(yaml, "tenant") !=
							    NULL };
	struct fy_document *document = fy_document_build_from_string(NULL, yaml, FY_NT);
	struct findings findings = { 0 };
	struct scope *scope = NULL;

	assert_non_null(document);
	access_parse(fy_document_root(document), &profile, &scope, &findings);
	for (size_t i = 0; !scope && i < findings.count; i++)
		print_error("%s\n", findings.list[i].message);
	assert_non_null(scope);
	findings_done(&findings);
	fy_document_destroy(document);
	return scope;
}

#endif
