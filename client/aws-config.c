/* SPDX-License-Identifier: MIT */
#include "client/aws-config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "client/aws-section.h"
#include "client/lines.h"

/* Longest line that is written: a path, a profile and the key. */
#define LINE_SIZE 4352

static int no_memory(struct error *error)
{
	return error_set(error, ERROR_INTERNAL, "out of memory");
}

static int split(struct lines *lines, const char *text, size_t length,
		 struct error *error)
{
	static const char mark[] = "\xef\xbb\xbf";
	int r = lines_split(lines, text, length);

	if (r == 0 && lines->count > 0 &&
	    strncmp(lines->line[0].text, mark, strlen(mark)) == 0)
		return error_set(error, ERROR_USAGE,
				 "it begins with a byte order mark, so the AWS CLI can't "
				 "read it; save it without one");
	if (r == -EINVAL)
		return error_set(error, ERROR_USAGE, "it is no text file");
	return r < 0 ? no_memory(error) : 0;
}

static void key_line(char out[static LINE_SIZE], const char *key, const char *value)
{
	snprintf(out, LINE_SIZE, "%s = %s", key, value);
}

/* Every added section brings exactly one line end before it, so it can go again. */
static int append_section(struct lines *lines, const struct aws_profile *profile)
{
	const char *kind = strcmp(profile->name, "default") == 0 ? "" : "profile ";
	char text[LINE_SIZE];
	int r = 0;

	if (lines->count > 0 && *lines->line[lines->count - 1].end == '\0')
		lines->line[lines->count - 1].end = lines->end;
	else if (lines->count > 0)
		r = lines_insert(lines, lines->count, "");
	r = r < 0 ? r : lines_insert(lines, lines->count, AWS_MARKER);
	snprintf(text, sizeof(text), "[%s%s]", kind, profile->name);
	r = r < 0 ? r : lines_insert(lines, lines->count, text);
	if (r == 0 && profile->region) {
		key_line(text, "region", profile->region);
		r = lines_insert(lines, lines->count, text);
	}
	key_line(text, "credential_process", profile->process);
	return r < 0 ? r : lines_insert(lines, lines->count, text);
}

static int set_process(struct lines *lines, struct aws_section *section,
		       const char *process)
{
	size_t first = section->header + 1;
	char text[LINE_SIZE];
	int r;

	key_line(text, "credential_process", process);
	if (section->process)
		return lines_replace(lines, section->process, text);
	r = lines_insert_behind(lines, first, AWS_MARKER);
	if (r == 0)
		r = lines_insert_behind(lines, first + 1, text);
	section->process = first + 1;
	section->region += section->region ? 2 : 0;
	section->end += 2;
	return r;
}

static int set_region(struct lines *lines, struct aws_section *section,
		      const struct aws_profile *profile)
{
	const char *now = section->region
			      ? aws_value_of(lines->line[section->region].text, "region")
			      : NULL;
	char text[LINE_SIZE];
	int r = 0;

	if (!profile->region || (now && !profile->region_is_asked) ||
	    (now && strcmp(now, profile->region) == 0))
		return 0;
	key_line(text, "region", profile->region);
	if (aws_region_is_added(lines, section))
		return lines_replace(lines, section->region, text);
	if (now) {
		char aside[LINE_SIZE];

		snprintf(aside, sizeof(aside), "%s%s", AWS_ASIDE,
			 lines->line[section->region].text);
		r = lines_replace(lines, section->region, aside);
	}
	return r < 0 ? r : lines_insert_behind(lines, section->process, text);
}

static int change_section(struct lines *lines, struct aws_section *section,
			  const struct aws_profile *profile, struct error *error)
{
	const char *foreign = aws_section_foreign(lines, section);
	int r;

	if (foreign) {
		r = error_set(
		    error, ERROR_FORBIDDEN,
		    "profile %s gets its credentials by %s already; it stays as "
		    "it is",
		    profile->name, foreign);
		return r;
	}
	r = set_process(lines, section, profile->process);
	if (r == 0)
		r = set_region(lines, section, profile);
	return r < 0 ? no_memory(error) : 0;
}

static int join(const struct lines *lines, struct buffer *out, struct error *error)
{
	int r = lines_join(lines, out);

	if (r == -EMSGSIZE)
		return error_set(error, ERROR_LIMIT,
				 "it would be longer than a config is");
	return r < 0 ? no_memory(error) : 0;
}

int aws_config_add(const char *text, size_t length, const struct aws_profile *profile,
		   struct buffer *out, struct error *error)
{
	scoped(lines_done) struct lines lines = { 0 };
	struct aws_section section = { 0 };
	int r = split(&lines, text, length, error);

	if (r == 0)
		r = aws_section_find(&lines, profile->name, &section, error);
	if (r < 0)
		return r;
	if (r > 0)
		r = change_section(&lines, &section, profile, error);
	else if (append_section(&lines, profile) < 0)
		r = no_memory(error);
	return r < 0 ? r : join(&lines, out, error);
}

/* Whether there is a key left between the lines. */
static bool has_keys(const struct lines *lines, size_t from, size_t to)
{
	for (size_t at = from; at < to; at++)
		if (!strchr("#;", lines->line[at].text[0]))
			return true;
	return false;
}

/* Marker and header go, and the one line end that was put before them. */
static void delete_section(struct lines *lines, size_t marker)
{
	struct line *above = marker > 0 ? &lines->line[marker - 1] : NULL;

	lines_delete(lines, marker);
	lines_delete(lines, marker);
	if (above && above->text[0] == '\0')
		lines_delete(lines, marker - 1);
	else if (above && (marker == lines->count || lines->line[marker].text[0] == '\0'))
		above->end = "";
}

static int restore_region(struct lines *lines, const struct aws_section *section,
			  size_t end)
{
	const size_t prefix = strlen(AWS_ASIDE);
	int r = 0;

	for (size_t at = section->header; r == 0 && at < end; at++) {
		scoped(freep) char *text = NULL;

		if (strncmp(lines->line[at].text, AWS_ASIDE, prefix) != 0)
			continue;
		text = strdup(lines->line[at].text + prefix);
		r = text ? lines_replace(lines, at, text) : -ENOMEM;
	}
	return r;
}

static int take_out(struct lines *lines, const struct aws_section *section)
{
	bool region_too = aws_region_is_added(lines, section);
	bool is_added = aws_section_is_added(lines, section);
	bool is_marked = aws_section_is_marked(lines, section);
	size_t end = section->end - 1 - region_too - is_marked;
	int r;

	lines_delete_behind(lines, section->process);
	if (region_too)
		lines_delete_behind(lines, section->region);
	if (is_marked)
		lines_delete_behind(lines, section->header + 1);
	r = restore_region(lines, section, end);
	if (is_added && !has_keys(lines, section->header + 1, end))
		delete_section(lines, section->header - 1);
	else if (is_added)
		lines_delete(lines, section->header - 1);
	return r;
}

int aws_config_remove(const char *text, size_t length, const char *name,
		      struct buffer *out, struct error *error)
{
	scoped(lines_done) struct lines lines = { 0 };
	struct aws_section section = { 0 };
	int r = split(&lines, text, length, error);

	if (r == 0)
		r = aws_section_find(&lines, name, &section, error);
	if (r < 0)
		return r;
	if (r == 0 || !aws_section_is_ours(&lines, &section))
		return error_set(error, ERROR_NOT_FOUND,
				 "jitctl configure added nothing for profile %s", name);
	if (take_out(&lines, &section) < 0)
		return no_memory(error);
	return join(&lines, out, error);
}

bool aws_credentials_has(const char *text, size_t length, const char *name)
{
	scoped(lines_done) struct lines lines = { 0 };

	if (lines_split(&lines, text, length) < 0)
		return false;
	for (size_t i = 0; i < lines.count; i++)
		if (aws_header_is(lines.line[i].text, name))
			return true;
	return false;
}

int aws_process_value(const char *helper, const char *profile, struct buffer *out,
		      struct error *error)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789/._+@-";
	const char *quote = helper[strspn(helper, plain)] ? "\"" : "";

	/* Some SDKs split, some ask a shell; a '#' ends the line for others. */
	if (helper[strcspn(helper, "\"'$`\\#;%\n\r")])
		return error_set(error, ERROR_USAGE,
				 "%s cannot be written in an AWS config; install it at a "
				 "plainer path",
				 TEXT_ESCAPED(helper));
	if (buffer_print(out, "%s%s%s %s", quote, helper, quote, profile) < 0)
		return error_set(error, ERROR_LIMIT,
				 "the path of the helper is too long");
	return 0;
}
