/* SPDX-License-Identifier: MIT */
/*
 * Reads cases, one JSON object a line, and answers each with a line: what the
 * language makes of the scope, every document and the words of it, and what
 * the scope's own meaning says to each request.  The documents are texts, so
 * that their bytes can be compared.
 *
 *	{"access": YAML, "profile": NAME, "parameters": {NAME: PATTERN},
 *	 "region", "account_id", "role", "issuer", "ends_at",
 *	 "ends": {REQUEST: TIME}, "now", "room",
 *	 "requests": [{"action", "resource", "table", "child", ...}]}
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "broker/access.h"
#include "broker/findings.h"
#include "policy/meaning.h"
#include "policy/policy.h"
#include "policy/scope.h"
#include "policy/service.h"

#define LIST_MAX 16
#define PARAMETERS_MAX 64

static const char *text_of(const json_t *object, const char *key, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : otherwise;
}

static struct asked_list list_of(const json_t *object, const char *key,
				 const char *texts[static LIST_MAX])
{
	const json_t *list = json_object_get(object, key);
	struct asked_list asked = { .is_missing = !list, .list = texts };

	for (size_t i = 0; i < json_array_size(list) && i < LIST_MAX; i++)
		texts[asked.count++] = json_string_value(json_array_get(list, i));
	return asked;
}

static enum resource_kind kind_of(const json_t *request)
{
	static const char *const names[] = {
		[RESOURCE_NONE] = "none",     [RESOURCE_TABLE] = "table",
		[RESOURCE_INDEX] = "index",   [RESOURCE_STREAM] = "stream",
		[RESOURCE_BACKUP] = "backup", [RESOURCE_EXPORT] = "export",
		[RESOURCE_IMPORT] = "import", [RESOURCE_GLOBAL_TABLE] = "global-table",
		[RESOURCE_OTHER] = "other",
	};
	const char *name = text_of(request, "resource", "none");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return (enum resource_kind)i;
	return RESOURCE_NONE;
}

static size_t tags_of(json_t *request, struct binding tags[static PARAMETERS_MAX])
{
	json_t *object = json_object_get(request, "tags"), *value;
	const char *name;
	size_t count = 0;

	json_object_foreach(object, name, value) if (count < PARAMETERS_MAX)
	    tags[count++] = (struct binding){ name, json_string_value(value) };
	return count;
}

/* {KEY: VALUE or [VALUE, ...]}, as one binding for each value. */
static size_t context_of(json_t *request, struct binding context[static PARAMETERS_MAX])
{
	json_t *object = json_object_get(request, "context"), *value;
	const char *name;
	size_t count = 0;

	json_object_foreach(object, name, value)
	{
		size_t values = json_is_array(value) ? json_array_size(value) : 1;

		for (size_t i = 0; i < values && count < PARAMETERS_MAX; i++)
			context[count++] = (struct binding){
				name, json_string_value(json_is_array(value)
							    ? json_array_get(value, i)
							    : value)
			};
	}
	return count;
}

static json_t *judge(const struct scope *scope, const struct place *place,
		     const char *role, int64_t ends_at, json_t *request)
{
	const char *keys[LIST_MAX], *attributes[LIST_MAX];
	struct binding tags[PARAMETERS_MAX], context[PARAMETERS_MAX];
	const json_t *scan = json_object_get(request, "full_table_scan");
	struct asked asked = {
		.action = text_of(request, "action", ""),
		.region = text_of(request, "region", place->region),
		.account_id = text_of(request, "account_id", place->account_id),
		.resource = kind_of(request),
		.table = text_of(request, "table", NULL),
		.child = text_of(request, "child", NULL),
		.leading_keys = list_of(request, "leading_keys", keys),
		.attributes = list_of(request, "attributes", attributes),
		.select = text_of(request, "select", NULL),
		.return_values = text_of(request, "return_values", NULL),
		.enclosing_operation = text_of(request, "enclosing_operation", NULL),
		.full_table_scan = !scan                ? ANSWER_MISSING
				   : json_is_true(scan) ? ANSWER_YES
							: ANSWER_NO,
		.endpoint = text_of(request, "endpoint", NULL),
		.at = json_integer_value(json_object_get(request, "at")),
		.tags = tags,
		.tag_count = tags_of(request, tags),
		.role_account_id = place->account_id,
		.context = context,
		.arn = text_of(request, "arn", "*"),
	};
	scoped(freep) char *role_arn = policy_role_arn(place, role);
	char arn[2048];
	struct meaning meaning;

	asked.role_arn = role_arn;
	asked.context_count = context_of(request, context);
	scope_judge(scope, place, ends_at, &asked, &meaning);
	return json_pack("{s:s, s:o, s:i}", "arn", asked_arn(&asked, arn, sizeof(arn)),
			 "allowed", json_boolean(meaning.is_allowed), "line",
			 (int)meaning.line);
}

static void set_text(json_t *answer, const char *key, char *text, int r,
		     const struct error *error)
{
	json_object_set_new(answer, key,
			    r < 0 ? json_pack("{s:s}", "error", error->text)
				  : json_string(text));
	if (r == 0)
		json_text_free(text);
}

static json_t *endpoints_of(const struct scope *scope, const struct place *place,
			    const char *role)
{
	json_t *all = json_object();
	scoped(freep) char *arn = policy_role_arn(place, role);

	for (size_t i = 0; i < scope->count; i++) {
		const struct service *service = scope->statements[i].service;
		const struct words *names = service->endpoints
						? service->endpoints(
						      &scope->statements[i])
						: NULL;

		for (size_t n = 0; names && n < names->count; n++) {
			struct error error = { .text = "" };
			char *text = NULL;
			int r = policy_endpoint(scope, place, names->list[n], arn, &text,
						&error);

			set_text(all, names->list[n], text, r, &error);
		}
	}
	return all;
}

static void answer_ends(json_t *question, json_t *answer)
{
	json_t *ends = json_object_get(question, "ends"), *from = json_object();
	json_int_t room = json_integer_value(json_object_get(question, "room"));
	json_int_t now = json_integer_value(json_object_get(question, "now"));
	struct session_end list[PARAMETERS_MAX];
	struct error error = { .text = "" };
	const char *request;
	json_t *at;
	char *text = NULL;
	size_t count = 0;
	int r;

	json_object_foreach(ends, request, at) if (count < PARAMETERS_MAX)
	    list[count++] = (struct session_end){ request, json_integer_value(at), 0 };
	r = policy_ends(list, count, now ? now : 1, room ? (size_t)room : POLICY_ROLE_MAX,
			&text, &error);
	if (r < 0 || text)
		set_text(answer, "ends", text, r, &error);
	for (size_t i = 0; i < count; i++)
		json_object_set_new(from, list[i].request,
				    json_integer(list[i].denied_from));
	json_object_set_new(answer, "denied_from", from);
}

static json_t *words_of(const struct scope *scope)
{
	struct buffer words = BUFFER_WITH_LIMIT(65536);
	json_t *json = policy_words(scope, NULL, 0, &words) == 0
			   ? json_string(words.bytes)
			   : json_null();

	buffer_done(&words);
	return json;
}

static void answer_documents(const struct scope *scope, const struct place *place,
			     const json_t *question, json_t *answer)
{
	const struct trust trust = {
		.issuer = text_of(question, "issuer", "https://jit.example.com"),
		.profile = text_of(question, "profile", "p"),
		.user = text_of(question, "user", NULL),
		.request = text_of(question, "request", NULL),
	};
	int64_t ends_at = json_integer_value(json_object_get(question, "ends_at"));
	struct error error = { .text = "" };
	char *text = NULL;
	int r = policy_role(scope, place, 0, &text, &error);

	set_text(answer, "role", text, r, &error);
	r = policy_role(scope, place, ends_at, &text, &error);
	set_text(answer, "ending_role", text, r, &error);
	r = policy_session(scope, place, ends_at, &text, &error);
	set_text(answer, "session", text, r, &error);
	r = policy_trust(&trust, place, &text, &error);
	set_text(answer, "trust", text, r, &error);
	json_object_set_new(
	    answer, "endpoints",
	    endpoints_of(scope, place, text_of(question, "role", "jit-p")));
	json_object_set_new(answer, "words", words_of(scope));
}

static json_t *findings_json(const struct findings *findings)
{
	json_t *list = json_array();

	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->list[i];

		json_array_append_new(list, json_pack("{s:b, s:i, s:s, s:s?}", "is_error",
						      finding->is_error, "line",
						      (int)finding->line, "message",
						      finding->message, "instead",
						      finding->instead));
	}
	return list;
}

static int parse(const json_t *question, struct profile *profile, struct scope **scope,
		 struct findings *findings)
{
	struct fy_document *document = fy_document_build_from_string(
	    NULL, text_of(question, "access", ""), FY_NT);
	int r = -EINVAL;

	if (document)
		r = access_parse(fy_document_root(document), profile, scope, findings);
	fy_document_destroy(document);
	return r;
}

static json_t *answer_question(json_t *question)
{
	struct parameter parameters[PARAMETERS_MAX];
	struct account account = {
		.name = (char *)"production",
		.id = (char *)text_of(question, "account_id", "123456789012"),
		.region = (char *)text_of(question, "region", "eu-west-1"),
	};
	struct profile profile = {
		.name = (char *)text_of(question, "profile", "p"),
		.line = 1,
		.account = &account,
		.parameters = parameters,
	};
	const struct place place = { account.region, account.id };
	int64_t ends_at = json_integer_value(json_object_get(question, "ends_at"));
	scoped(scope_freep) struct scope *scope = NULL;
	struct findings findings = { 0 };
	json_t *answer = json_object(), *value, *judgements = json_array();
	const char *name;
	size_t i;

	json_object_foreach(json_object_get(question, "parameters"), name, value)
	    parameters[profile.parameter_count++] = (struct parameter){
		    .name = (char *)name,
		    .pattern = (char *)json_string_value(value),
		    .summary = (char *)"",
		    .line = 1,
	    };
	parse(question, &profile, &scope, &findings);
	json_object_set_new(answer, "findings", findings_json(&findings));
	findings_done(&findings);
	answer_ends(question, answer);
	if (scope) {
		answer_documents(scope, &place, question, answer);
		json_array_foreach(json_object_get(question, "requests"), i, value)
		    json_array_append_new(judgements,
					  judge(scope, &place,
						text_of(question, "role", "jit-p"),
						ends_at, value));
	}
	json_object_set_new(answer, "judgements", judgements);
	return answer;
}

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	while ((length = getline(&line, &room, stdin)) > 0) {
		struct error error = { .text = "" };
		json_auto_t *question = json_parse_object(line, (size_t)length, &error);
		json_auto_t *answer = question ? answer_question(question) : NULL;

		if (!answer) {
			fprintf(stderr, "judge: %s\n", error.text);
			free(line);
			return 1;
		}
		json_dumpf(answer, stdout, JSON_COMPACT);
		putchar('\n');
		fflush(stdout);
	}
	free(line);
	return 0;
}
