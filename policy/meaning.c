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
	else if (asked->resource == RESOURCE_OTHER)
		snprintf(out, size, "%s", asked->arn);
	else
		snprintf(out, size, "arn:%s:dynamodb:%s:%s:%s/%s%s%s",
			 partition_of(asked->region), is_global ? "" : asked->region,
			 asked->account_id, is_global ? "global-table" : "table",
			 asked->table, words[asked->resource],
			 asked->child ? asked->child : "");
	return out;
}

static const struct statement *find(const struct scope *scope, bool is_deny,
				    const struct place *place, const struct asked *asked,
				    unsigned int *line)
{
	for (size_t i = 0; i < scope->count; i++) {
		const struct statement *statement = &scope->statements[i];

		*line = statement->service->covers(statement, is_deny, place, asked);
		if (*line > 0)
			return statement;
	}
	return NULL;
}

static void find_nearest(const struct scope *scope, const struct place *place,
			 const struct asked *asked, struct meaning *meaning)
{
	for (size_t i = 0; i < scope->count; i++) {
		const struct statement *statement = &scope->statements[i];
		unsigned int line = 0;
		enum part misfit = statement->service->misfit(statement, place, asked,
							      &line);

		if (line == 0 || (meaning->nearest && misfit <= meaning->misfit))
			continue;
		meaning->nearest = statement;
		meaning->nearest_line = line;
		meaning->misfit = misfit;
	}
}

int meaning_words(const struct meaning *meaning, const struct asked *asked,
		  struct buffer *out)
{
	const struct statement *statement = meaning->statement;
	const struct service *service = statement->service;

	return service->decided_words
		   ? service->decided_words(statement, meaning->is_denied, asked, out)
		   : service->words(statement, asked->tags, asked->tag_count, out);
}

int meaning_misfit_words(const struct meaning *meaning, const struct asked *asked,
			 struct buffer *out)
{
	const struct statement *nearest = meaning->nearest;

	return nearest->service->misfit_words(nearest, asked, meaning->misfit, out);
}

void scope_judge(const struct scope *scope, const struct place *place, int64_t ends_at,
		 const struct asked *asked, struct meaning *meaning)
{
	unsigned int denied_by, allowed_by;
	const struct statement *denies = find(scope, true, place, asked, &denied_by);
	const struct statement *allows = find(scope, false, place, asked, &allowed_by);

	*meaning = (struct meaning){
		.is_allowed = allows && !denies,
		.is_denied = denies != NULL,
		.line = denies ? denied_by : allowed_by,
		.statement = denies ? denies : allows,
		.is_after_end = ends_at > 0 && asked->at >= ends_at,
	};
	if (meaning->is_after_end)
		meaning->is_allowed = false;
	if (!meaning->statement)
		find_nearest(scope, place, asked, meaning);
}
