/* SPDX-License-Identifier: MIT */
#include "policy/meaning.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy/scope.h"
#include "policy/service.h"

const char *partition_of(const char *region)
{
	static const struct {
		const char *prefix;
		const char *partition;
	} partitions[] = {
		{ "cn-", "aws-cn" },         { "us-gov-", "aws-us-gov" },
		{ "us-iso-", "aws-iso" },    { "us-isob-", "aws-iso-b" },
		{ "us-isof-", "aws-iso-f" }, { "eu-isoe-", "aws-iso-e" },
		{ "eusc-", "aws-eusc" },
	};

	for (size_t i = 0; i < sizeof(partitions) / sizeof(partitions[0]); i++)
		if (strncmp(region, partitions[i].prefix, strlen(partitions[i].prefix)) ==
		    0)
			return partitions[i].partition;
	return "aws";
}

const char *asked_arn(const struct asked *asked, char *out, size_t size)
{
	static const char *const words[] = {
		[RESOURCE_INDEX] = "/index/",   [RESOURCE_STREAM] = "/stream/",
		[RESOURCE_BACKUP] = "/backup/", [RESOURCE_EXPORT] = "/export/",
		[RESOURCE_IMPORT] = "/import/", [RESOURCE_TABLE] = "",
		[RESOURCE_GLOBAL_TABLE] = "",
	};
	bool is_global = asked->resource == RESOURCE_GLOBAL_TABLE;

	if (asked->resource == RESOURCE_NONE)
		snprintf(out, size, "*");
	else
		snprintf(out, size, "arn:%s:dynamodb:%s:%s:%s/%s%s%s",
			 partition_of(asked->region), is_global ? "" : asked->region,
			 asked->account_id, is_global ? "global-table" : "table",
			 asked->table, words[asked->resource],
			 asked->child ? asked->child : "");
	return out;
}

static const struct statement *find(const struct scope *scope, bool is_deny,
				    const struct place *place, const struct asked *asked)
{
	for (size_t i = 0; i < scope->count; i++)
		if (scope->statements[i].is_deny == is_deny &&
		    scope->statements[i].service->covers(&scope->statements[i], place,
							 asked))
			return &scope->statements[i];
	return NULL;
}

static void find_nearest(const struct scope *scope, const struct place *place,
			 const struct asked *asked, struct meaning *meaning)
{
	for (size_t i = 0; i < scope->count; i++) {
		const struct statement *statement = &scope->statements[i];
		enum part misfit;

		if (statement->is_deny || !statement->service->misfit)
			continue;
		misfit = statement->service->misfit(statement, place, asked);
		if (!meaning->nearest || misfit > meaning->misfit) {
			meaning->nearest = statement;
			meaning->misfit = misfit;
		}
	}
}

int meaning_misfit_words(const struct meaning *meaning, const struct asked *asked,
			 struct buffer *out)
{
	const struct statement *nearest = meaning->nearest;

	return nearest->service->misfit_words(nearest, asked, meaning->misfit, out);
}

/* A document allows and denies on its own terms; only AWS can say. */
static const struct statement *hand_written(const struct scope *scope)
{
	for (size_t i = 0; i < scope->count; i++)
		if (scope->statements[i].service == &service_document)
			return &scope->statements[i];
	return NULL;
}

int scope_judge(const struct scope *scope, const struct place *place, int64_t ends_at,
		const struct asked *asked, struct meaning *meaning)
{
	const struct statement *denies = find(scope, true, place, asked);
	const struct statement *allows = find(scope, false, place, asked);
	const struct statement *document = hand_written(scope);
	const struct statement *decides = denies ? denies : allows;

	*meaning = (struct meaning){
		.is_allowed = allows && !denies,
		.line = decides ? decides->line : 0,
		.statement = decides,
		.is_after_end = ends_at > 0 && asked->at >= ends_at,
	};
	if (meaning->is_after_end)
		meaning->is_allowed = false;
	if (!decides)
		find_nearest(scope, place, asked, meaning);
	if (!document || denies || meaning->is_after_end)
		return 0;
	meaning->line = document->line;
	meaning->statement = document;
	return -ENOTSUP;
}
