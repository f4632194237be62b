/* SPDX-License-Identifier: MIT */
/*
 * docs/access.md and the golden documents.  Each block ```yaml ID there is a
 * profile; what stands between it and "Not allowed" is made by the code, and so
 * are the files tests/vectors/forms/ID.*.  With FORMS=write in the environment
 * (make golden) they are written, without it they must be as they are.
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/json.h"
#include "broker/access.h"
#include "policy/dynamodb.h"
#include "policy/policy.h"
#include "policy/scope.h"
#include "policy/service.h"

#define DOCUMENT "docs/access.md"
#define FOLDER "tests/vectors/forms"
#define ENDS_AT 1795534200 /* 2026-11-24T15:30:00Z */
#define TEXT_MAX_SIZE (1 << 20)

struct form {
	const char *id;
	struct fy_document *yaml;
	struct account account;
	struct parameter parameters[8];
	struct profile profile;
	struct findings findings;
	struct scope *scope;
	struct place place;
};

static bool is_writing(void)
{
	const char *mode = getenv("FORMS");

	return mode && strcmp(mode, "write") == 0;
}

static const char *word_at(struct form *form, const char *path, const char *otherwise)
{
	struct fy_node *node = fy_node_by_path(fy_document_root(form->yaml), path, FY_NT,
					       FYNWF_DONT_FOLLOW);
	const char *text = node ? fy_node_get_scalar0(node) : NULL;

	return text ? text : otherwise;
}

static void read_parameters(struct form *form)
{
	struct fy_node *node = fy_node_by_path(fy_document_root(form->yaml),
					       "/parameters", FY_NT, FYNWF_DONT_FOLLOW);
	struct fy_node_pair *pair;
	void *state = NULL;

	while (node && (pair = fy_node_mapping_iterate(node, &state))) {
		struct fy_node *pattern = fy_node_mapping_lookup_by_string(
		    fy_node_pair_value(pair), "pattern", FY_NT);

		form->parameters[form->profile.parameter_count++] = (struct parameter){
			.name = (char *)fy_node_get_scalar0(fy_node_pair_key(pair)),
			.pattern = (char *)fy_node_get_scalar0(pattern),
		};
	}
}

static void form_open(struct form *form, const char *id, const char *yaml, size_t length)
{
	struct fy_node *access;
	int r;

	*form = (struct form){
		.id = id, .yaml = fy_document_build_from_string(NULL, yaml, length)
	};
	assert_non_null(form->yaml);
	form->account = (struct account){
		.name = (char *)"production",
		.id = (char *)word_at(form, "/account/id", "123456789012"),
		.region = (char *)word_at(form, "/account/region", "eu-west-1"),
	};
	form->place = (struct place){ form->account.region, form->account.id };
	form->profile = (struct profile){ .name = (char *)id,
					  .account = &form->account,
					  .parameters = form->parameters };
	read_parameters(form);
	access = fy_node_by_path(fy_document_root(form->yaml), "/access", FY_NT,
				 FYNWF_DONT_FOLLOW);
	assert_non_null(access);
	r = access_parse(access, &form->profile, &form->scope, &form->findings);
	for (size_t i = 0; r < 0 && i < form->findings.count; i++)
		print_error("%s: %s\n", id, form->findings.list[i].message);
	assert_int_equal(r, 0);
}

static void form_done(struct form *form)
{
	scope_free(form->scope);
	findings_done(&form->findings);
	fy_document_destroy(form->yaml);
}

/* One line a key, so that a policy can be read, and be copied as it stands. */
static void print_policy(const char *policy, struct buffer *out)
{
	json_auto_t *document = json_loads(policy, 0, NULL);
	json_t *statement, *value;
	const char *key;
	size_t i;

	assert_non_null(document);
	buffer_print(out, "```json\n{ \"Version\": \"2012-10-17\", \"Statement\": [\n");
	json_array_foreach(json_object_get(document, "Statement"), i, statement)
	{
		size_t left = json_object_size(statement);

		buffer_print(out, "%s  {", i > 0 ? ",\n" : "");
		json_object_foreach(statement, key, value)
		{
			char *text = json_dumps(value, JSON_ENCODE_ANY);

			assert_non_null(text);
			buffer_print(out, " \"%s\": %s%s", key, text,
				     --left > 0 ? ",\n   " : " }");
			free(text);
		}
	}
	buffer_print(out, "\n] }\n```\n");
}

static void print_findings(const struct form *form, struct buffer *out)
{
	if (form->findings.count == 0)
		return;
	buffer_print(out, "\n`jit-broker check` says:\n```text\n");
	for (size_t i = 0; i < form->findings.count; i++)
		buffer_print(out, "warning: %s; instead: %s\n",
			     form->findings.list[i].message,
			     form->findings.list[i].instead);
	buffer_print(out, "```\n");
}

static void keep(const struct form *form, const char *what, const char *text)
{
	scoped(buffer_done) struct buffer kept = BUFFER_WITH_LIMIT(TEXT_MAX_SIZE);
	char path[256];

	snprintf(path, sizeof(path), FOLDER "/%s.%s", form->id, what);
	if (is_writing())
		assert_int_equal(file_write(path, 0644, text, strlen(text)), 0);
	if (file_read(path, &kept) < 0)
		fail_msg("no %s; see whether what the code makes is right, then: make "
			 "golden",
			 path);
	if (kept.used != strlen(text) || memcmp(kept.bytes, text, kept.used) != 0)
		fail_msg("%s is other than what the code makes:\n%s\n%s", path,
			 kept.bytes ? kept.bytes : "", text);
}

/* A compiled document, read as a hand-written one, compiles to the same bytes. */
static void check_stable(const struct form *form, const char *policy)
{
	scoped(buffer_done) struct buffer yaml = BUFFER_WITH_LIMIT(TEXT_MAX_SIZE);
	struct form again;
	scoped(json_text_freep) char *text = NULL;

	buffer_print(&yaml, "access: [ { document: %s } ]", policy);
	form_open(&again, form->id, yaml.bytes, yaml.used);
	assert_int_equal(policy_role(again.scope, &form->place, 0, &text, NULL), 0);
	assert_string_equal(text, policy);
	form_done(&again);
}

static void add_endpoints(const struct form *form, struct buffer *out)
{
	scoped(freep) char *role = policy_role_arn(&form->place, "jit-NAME");

	for (size_t i = 0; i < form->scope->count; i++) {
		const struct statement *statement = &form->scope->statements[i];
		const struct words *names = statement->service->endpoints
						? statement->service->endpoints(statement)
						: NULL;

		for (size_t n = 0; names && n < names->count; n++) {
			scoped(json_text_freep) char *text = NULL;
			char what[64];

			assert_int_equal(policy_endpoint(form->scope, &form->place,
							 names->list[n], role, &text,
							 NULL),
					 0);
			snprintf(what, sizeof(what), "%s.json", names->list[n]);
			keep(form, what, text);
			buffer_print(out,
				     "\nThe policy of the endpoint %s, for the role "
				     "jit-NAME:\n",
				     names->list[n]);
			print_policy(text, out);
		}
	}
}

/* What is between a profile and "Not allowed"; also keeps the golden documents. */
static void print_form(const struct form *form, struct buffer *out)
{
	const struct trust trust = { .issuer = "https://jit.example.com",
				     .profile = form->id };
	const struct binding acme = { "tenant", "acme" };
	scoped(buffer_done) struct buffer words = BUFFER_WITH_LIMIT(65536);
	scoped(json_text_freep) char *role = NULL;
	scoped(json_text_freep) char *session = NULL;
	scoped(json_text_freep) char *trusted = NULL;

	assert_int_equal(policy_words(form->scope, &acme, 1, &words), 0);
	assert_int_equal(policy_role(form->scope, &form->place, 0, &role, NULL), 0);
	assert_int_equal(
	    policy_session(form->scope, &form->place, ENDS_AT, &session, NULL), 0);
	assert_int_equal(policy_trust(&trust, &form->place, &trusted, NULL), 0);
	keep(form, "words", words.bytes);
	keep(form, "role.json", role);
	keep(form, "session.json", session);
	keep(form, "trust.json", trusted);
	check_stable(form, role);
	buffer_print(out, "\nIn words:\n```text\n%s\n```\n", words.bytes);
	print_findings(form, out);
	buffer_print(out, "\nThe role's policy:\n");
	print_policy(role, out);
	add_endpoints(form, out);
	buffer_print(out, "\n");
}

/* "```yaml ID": copies the block and puts what is made of it behind. */
static const char *make_form(const char *line, struct buffer *out, size_t *forms)
{
	const char *body = strchr(line, '\n') + 1;
	const char *end = strstr(body, "\n```\n");
	const char *rest = end ? strstr(end, "\n**Not allowed:**") : NULL;
	char id[64] = "";
	struct form form;

	if (sscanf(line, "```yaml %63[a-z0-9-]", id) != 1 || !rest)
		fail_msg("a block of yaml without a name, or without **Not allowed:**");
	end += strlen("\n```\n");
	buffer_add(out, line, (size_t)(end - line));
	form_open(&form, id, body, (size_t)(end - body) - strlen("```\n"));
	print_form(&form, out);
	form_done(&form);
	(*forms)++;
	return rest + 1;
}

static void make_document(const char *text, struct buffer *out, size_t *forms)
{
	while (*text) {
		const char *end = strchr(text, '\n');

		end = end ? end + 1 : text + strlen(text);
		if (strncmp(text, "```yaml ", strlen("```yaml ")) == 0) {
			text = make_form(text, out, forms);
			continue;
		}
		assert_int_equal(buffer_add(out, text, (size_t)(end - text)), 0);
		text = end;
	}
}

static void test_the_fourteen_forms_are_as_written_down(void **state)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(TEXT_MAX_SIZE);
	scoped(buffer_done) struct buffer made = BUFFER_WITH_LIMIT(TEXT_MAX_SIZE);
	size_t forms = 0, same = 0, line = 1;

	(void)state;
	assert_int_equal(file_read(DOCUMENT, &text), 0);
	make_document(text.bytes, &made, &forms);
	assert_true(forms >= 14);
	if (is_writing())
		assert_int_equal(file_write(DOCUMENT, 0644, made.bytes, made.used), 0);
	else if (strcmp(text.bytes, made.bytes) != 0) {
		for (; text.bytes[same] == made.bytes[same]; same++)
			line += text.bytes[same] == '\n';
		fail_msg(DOCUMENT ":%zu is other than what the code makes; if that is "
				  "right: make golden\n%.200s",
			 line, made.bytes + same);
	}
}

/* "## N. ": each of the fourteen has its heading and a profile of its own. */
static void test_each_of_the_fourteen_is_there(void **state)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(TEXT_MAX_SIZE);

	(void)state;
	assert_int_equal(file_read(DOCUMENT, &text), 0);
	for (int i = 1; i <= 14; i++) {
		char heading[32], block[32];

		snprintf(heading, sizeof(heading), "\n## %d. ", i);
		snprintf(block, sizeof(block), "```yaml %02d-", i);
		if (!strstr(text.bytes, heading) || !strstr(text.bytes, block))
			fail_msg(DOCUMENT " lacks form %d", i);
	}
}

/* The sets are a table in the code and the same one in the text. */
static void test_the_sets_are_as_written_down(void **state)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(TEXT_MAX_SIZE);

	(void)state;
	assert_int_equal(file_read(DOCUMENT, &text), 0);
	for (const struct action_set *set = action_sets; set->name; set++) {
		scoped(buffer_done) struct buffer row = BUFFER_WITH_LIMIT(4096);

		buffer_print(&row, "\n| `%s` |", set->name);
		for (size_t i = 0; set->actions && set->actions[i]; i++)
			buffer_print(&row, "%s %s", i > 0 ? "," : "", set->actions[i]);
		buffer_print(&row, "%s |\n", set->actions ? "" : " every action");
		if (!strstr(text.bytes, row.bytes))
			fail_msg(DOCUMENT " lacks the row%s", row.bytes);
	}
}

/* No golden document is left of a form that is no more. */
static void test_every_golden_document_is_of_a_form(void **state)
{
	scoped(buffer_done) struct buffer text = BUFFER_WITH_LIMIT(TEXT_MAX_SIZE);
	DIR *folder = opendir(FOLDER);
	const struct dirent *entry;

	(void)state;
	assert_non_null(folder);
	assert_int_equal(file_read(DOCUMENT, &text), 0);
	while ((entry = readdir(folder))) {
		char block[300];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(block, sizeof(block), "```yaml %.*s\n",
			 (int)strcspn(entry->d_name, "."), entry->d_name);
		if (!strstr(text.bytes, block))
			fail_msg(FOLDER "/%s is of no form", entry->d_name);
	}
	closedir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_fourteen_forms_are_as_written_down),
		cmocka_unit_test(test_each_of_the_fourteen_is_there),
		cmocka_unit_test(test_the_sets_are_as_written_down),
		cmocka_unit_test(test_every_golden_document_is_of_a_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
