/* SPDX-License-Identifier: MIT */
/*
 * An access list, above all with hand-written documents.  What is taken compiles
 * to JSON that, read as a hand-written document, is the same again; and it is judged,
 * whatever it says, with words for why.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "broker/access.h"
#include "broker/profiles-yaml.h"
#include "policy/meaning.h"
#include "policy/policy.h"
#include "policy/scope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct place place = { "eu-west-1", "123456789012" };

static void need(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz_document: %s\n", what);
	abort();
}

static struct scope *read_access(const char *yaml, size_t length)
{
	static struct account account = { .id = (char *)"123456789012",
					  .region = (char *)"eu-west-1" };
	static struct parameter tenant = { .name = (char *)"tenant",
					   .pattern = (char *)"[a-z]{3,32}",
					   .summary = (char *)"",
					   .line = 1 };
	const struct profile profile = { .name = (char *)"p",
					 .account = &account,
					 .parameters = &tenant,
					 .parameter_count = strstr(yaml, "tenant") !=
							    NULL };
	struct findings findings = { 0 };
	struct reading reading = { .findings = &findings };
	struct fy_document *document = NULL;
	struct scope *scope = NULL;

	if (yaml_parse(yaml, length, &document, &reading) == 0) {
		access_parse(fy_document_root(document), &profile, &scope, &findings);
		fy_document_destroy(document);
	}
	findings_done(&findings);
	return scope;
}

/* Longer ones are refused by the lint, that of a document with its braces, too. */
static void check_stable(const char *policy)
{
	scoped(buffer_done) struct buffer yaml = BUFFER_WITH_LIMIT(1 << 20);
	scoped(scope_freep) struct scope *again = NULL;
	scoped(json_text_freep) char *text = NULL;
	struct error error;

	need(buffer_print(&yaml, "- document: %s\n", policy) == 0, "no memory");
	again = read_access(yaml.bytes, yaml.used);
	if (!again)
		return; /* what the lint refuses of a whole may pass in its parts */
	need(policy_role(again, &place, 0, &text, &error) == 0,
	     "it does not compile again");
	need(strcmp(text, policy) == 0, "it is another document the second time");
}

static void judge(const struct scope *scope, const struct asked *asked)
{
	scoped(buffer_done) struct buffer why = BUFFER_WITH_LIMIT(1 << 20);
	struct meaning meaning;

	scope_judge(scope, &place, 1900000000, asked, &meaning);
	need(!meaning.is_allowed || !meaning.is_denied, "allowed and denied");
	need(!meaning.statement || meaning.line > 0, "decided on no line");
	if (meaning.statement)
		need(meaning_words(&meaning, asked, &why) == 0,
		     "no words of what decided");
	else if (meaning.nearest)
		need(meaning_misfit_words(&meaning, asked, &why) == 0,
		     "no words of what is nearest");
}

static void judge_some(const struct scope *scope)
{
	static const struct binding tag = { "tenant", "acme" };
	static const struct binding context[] = { { "aws:SourceIp", "203.0.113.7" },
						  { "aws:MultiFactorAuthAge", "300" },
						  { "aws:TagKeys", "a" },
						  { "aws:TagKeys", "b" } };
	struct asked asked = { .action = "dynamodb:GetItem",
			       .region = "eu-west-1",
			       .account_id = "123456789012",
			       .resource = RESOURCE_TABLE,
			       .table = "orders",
			       .leading_keys = { .is_missing = true },
			       .attributes = { .is_missing = true },
			       .at = 1800000000,
			       .tags = &tag,
			       .tag_count = 1,
			       .context = context,
			       .context_count = 4 };

	judge(scope, &asked);
	asked.action = "s3:GetObject";
	asked.resource = RESOURCE_OTHER;
	asked.arn = "arn:aws:s3:::invoices/acme/1";
	judge(scope, &asked);
}

static void try_scope(const struct scope *scope)
{
	const struct binding acme = { "tenant", "acme" };
	scoped(buffer_done) struct buffer words = BUFFER_WITH_LIMIT(1 << 20);
	scoped(json_text_freep) char *role = NULL;
	scoped(json_text_freep) char *session = NULL;
	struct error error;
	json_t *document;

	need(policy_role(scope, &place, 0, &role, &error) == 0, "no role's policy");
	need(policy_session(scope, &place, 1800000000, &session, &error) == 0,
	     "no session policy");
	need(policy_words(scope, &acme, 1, &words) == 0, "no words");
	document = json_loads(role, JSON_REJECT_DUPLICATES, NULL);
	need(document != NULL, "what was compiled is no JSON");
	json_decref(document);
	check_stable(role);
	judge_some(scope);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scoped(freep) char *text = strndup((const char *)data, size);
	scoped(scope_freep) struct scope *scope = NULL;

	if (!text || strlen(text) != size)
		return 0;
	scope = read_access(text, size);
	if (scope)
		try_scope(scope);
	return 0;
}
