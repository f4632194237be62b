/* SPDX-License-Identifier: MIT */
#include "client/aws-section.h"

#include <string.h>
#include <strings.h>

#define BLANK " \t"

bool aws_header_is(const char *line, const char *name)
{
	const char *start = line + 1 + (line[0] == '[' ? strspn(line + 1, BLANK) : 0);
	size_t length = strlen(name);

	return line[0] == '[' && strncmp(start, name, length) == 0 &&
	       start[length + strspn(start + length, BLANK)] == ']';
}

/* [profile NAME], [profile "NAME"]; botocore splits it like a shell. */
static bool is_profile(const char *line, const char *name)
{
	size_t length = strlen(name);
	size_t quote;

	if (strcmp(name, "default") == 0 && aws_header_is(line, name))
		return true;
	if (line[0] != '[')
		return false;
	line += 1 + strspn(line + 1, BLANK);
	if (strncmp(line, "profile", 7) != 0 || !strchr(BLANK, line[7]) || !line[7])
		return false;
	line += 7 + strspn(line + 7, BLANK);
	quote = *line == '"' || *line == '\'';
	if (strncmp(line + quote, name, length) != 0 ||
	    (quote && line[quote + length] != line[0]))
		return false;
	line += length + 2 * quote;
	return line[strspn(line, BLANK)] == ']';
}

const char *aws_value_of(const char *line, const char *key)
{
	size_t length = strlen(key);

	if (strncasecmp(line, key, length) != 0)
		return NULL;
	line += length + strspn(line + length, BLANK);
	if (*line != '=' && *line != ':')
		return NULL;
	return line + 1 + strspn(line + 1, BLANK);
}

/* Notes where key is set; AWS's own parser refuses one that is set twice. */
static int note(size_t *where, size_t at, const char *key, const char *name,
		struct error *error)
{
	if (*where)
		return error_set(error, ERROR_USAGE, "profile %s sets %s twice", name,
				 key);
	*where = at;
	return 0;
}

static int find_keys(const struct lines *lines, const char *name,
		     struct aws_section *section, struct error *error)
{
	size_t at = section->header + 1;
	int r = 0;

	for (; at < lines->count && lines->line[at].text[0] != '['; at++) {
		const char *line = lines->line[at].text;

		if (r == 0 && aws_value_of(line, "credential_process"))
			r = note(&section->process, at, "credential_process", name,
				 error);
		if (r == 0 && aws_value_of(line, "region"))
			r = note(&section->region, at, "region", name, error);
	}
	section->end = at;
	return r;
}

int aws_section_find(const struct lines *lines, const char *name,
		     struct aws_section *section, struct error *error)
{
	int found = 0;

	for (size_t i = 0; i < lines->count; i++) {
		int r;

		if (!is_profile(lines->line[i].text, name))
			continue;
		if (found++)
			return error_set(error, ERROR_USAGE, "profile %s is there twice",
					 name);
		*section = (struct aws_section){ .header = i };
		r = find_keys(lines, name, section, error);
		if (r < 0)
			return r;
	}
	return found;
}

static bool process_is_ours(const char *value)
{
	static const char program[] = "jit-credentials";
	bool quoted = *value == '"';
	const char *end = value + quoted;
	const char *start;

	end += strcspn(end, quoted ? "\"" : BLANK);
	for (start = end; start > value + quoted && start[-1] != '/'; start--)
		;
	return (size_t)(end - start) == strlen(program) &&
	       strncmp(start, program, strlen(program)) == 0;
}

bool aws_section_is_ours(const struct lines *lines, const struct aws_section *section)
{
	const char *line = section->process ? lines->line[section->process].text : "";
	const char *value = aws_value_of(line, "credential_process");

	return value && process_is_ours(value);
}

const char *aws_section_foreign(const struct lines *lines,
				const struct aws_section *section)
{
	static const char *const keys[] = {
		"aws_access_key_id", "aws_secret_access_key",   "aws_session_token",
		"role_arn",          "source_profile",          "credential_source",
		"sso_session",       "sso_start_url",           "sso_account_id",
		"login_session",     "web_identity_token_file", NULL
	};

	if (section->process && !aws_section_is_ours(lines, section))
		return "credential_process";
	for (size_t at = section->header + 1; at < section->end; at++)
		for (const char *const *key = keys; *key; key++)
			if (aws_value_of(lines->line[at].text, *key))
				return *key;
	return NULL;
}

static bool is_marker(const struct lines *lines, size_t at)
{
	return at < lines->count && strcmp(lines->line[at].text, AWS_MARKER) == 0;
}

bool aws_section_is_added(const struct lines *lines, const struct aws_section *section)
{
	return section->header > 0 && is_marker(lines, section->header - 1);
}

bool aws_section_is_marked(const struct lines *lines, const struct aws_section *section)
{
	return is_marker(lines, section->header + 1);
}

bool aws_region_is_added(const struct lines *lines, const struct aws_section *section)
{
	size_t first = section->header + 1;

	if (!section->region || section->region + 1 != section->process)
		return false;
	if (aws_section_is_marked(lines, section))
		return section->region == first + 1;
	return aws_section_is_added(lines, section) && section->region == first;
}
