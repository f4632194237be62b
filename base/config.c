/* SPDX-License-Identifier: MIT */
#include "base/config.h"

#include <errno.h>
#include <ini.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/text.h"

#define KEYS_MAX 64

/* libinih takes a longer line for two, the second of which may be no comment. */
#define LINE_MOST 199

struct reading {
	const struct config_key *keys;
	char *target;
	bool seen[KEYS_MAX];
	int line; /* libinih tells its handler none */
	int mistakes;
	bool line_is_told;
	const struct config_audience *audience;
};

static void set_initial(const struct config_key *keys, char *target)
{
	for (; keys->name; keys++) {
		const char *value = keys->initial ? keys->initial : "";

		memset(target + keys->offset, 0, CONFIG_VALUE_MAX);
		memcpy(target + keys->offset, value, strlen(value));
	}
}

/* One mistake a line: what is behind it follows from it. */
static int refuse(struct reading *reading, const char *what, const char *name)
{
	char said[CONFIG_VALUE_MAX];

	if (reading->line_is_told)
		return 0;
	reading->line_is_told = true;
	reading->mistakes++;
	snprintf(said, sizeof(said), "%s '%s'", what, TEXT_ESCAPED(name));
	reading->audience->tell(reading->audience->data, reading->line, said);
	return 0;
}

/* libinih's handler: returns 1 to go on, 0 for an error on this line. */
static int on_value(void *user, const char *section, const char *name, const char *value)
{
	struct reading *reading = user;
	size_t i;

	(void)section; /* read_line() lets none through */
	for (i = 0; reading->keys[i].name; i++)
		if (strcmp(reading->keys[i].name, name) == 0)
			break;
	if (!reading->keys[i].name)
		return refuse(reading, "unknown key", name);
	if (reading->seen[i])
		return refuse(reading, "given twice:", name);
	if (strlen(value) >= CONFIG_VALUE_MAX)
		return refuse(reading, "too long a value for", name);
	reading->seen[i] = true;
	memcpy(reading->target + reading->keys[i].offset, value, strlen(value) + 1);
	return 1;
}

/* libinih takes a colon for a '=' too; in values, addresses have them. */
static bool has_colon_for_equals(const char *line)
{
	return line[strcspn(line, "=:")] == ':';
}

/* libinih takes what is behind one for a comment, so a value would lose its end. */
static bool has_semicolon_for_comment(const char *line)
{
	return strstr(line, " ;") || strstr(line, "\t;");
}

static void read_line(struct reading *reading, const char *line)
{
	if (line[0] == ' ' || line[0] == '\t')
		line += strspn(line, " \t");
	reading->line_is_told = false;
	if (*line == '#')
		return;
	if (*line == '[')
		refuse(reading, "there are no sections here:", line);
	else if (*line == ';')
		refuse(reading, "a comment starts with '#', not", ";");
	else if (strlen(line) > LINE_MOST)
		refuse(reading, "longer than 199 bytes:", line);
	else if (has_semicolon_for_comment(line))
		refuse(reading, "a comment has a line of its own:", line);
	else if (has_colon_for_equals(line) ||
		 ini_parse_string(line, on_value, reading) != 0)
		refuse(reading, "not 'key = value':", line);
}

static int read_text(const char *path, struct buffer *buffer, struct error *error)
{
	int r = file_read(path, buffer);

	if (r == -ENOENT)
		return buffer_add(buffer, "", 0);
	if (r < 0)
		return error_set(error, ERROR_USAGE, "cannot read %s: %s", path,
				 strerror(-r));
	if (memchr(buffer->bytes, '\0', buffer->used))
		return error_set(error, ERROR_USAGE, "%s holds a NUL byte", path);
	return 0;
}

int config_check(const char *path, const struct config_key *keys, void *target,
		 const struct config_audience *audience, struct error *error)
{
	scoped(buffer_done) struct buffer buffer = BUFFER_WITH_LIMIT(CONFIG_FILE_MAX);
	struct reading reading = { .keys = keys, .target = target, .audience = audience };
	char *rest, *line;
	int r;

	set_initial(keys, target);
	r = read_text(path, &buffer, error);
	if (r < 0)
		return r;
	/* One at a time, so that a mistake knows its line. */
	for (rest = buffer.bytes; (line = strsep(&rest, "\n"));) {
		reading.line++;
		read_line(&reading, line);
	}
	return reading.mistakes;
}

struct first_mistake {
	const char *path;
	struct error *error;
	bool is_set;
};

static void keep_first(void *data, int line, const char *what)
{
	struct first_mistake *first = data;

	if (!first->is_set)
		error_set(first->error, ERROR_USAGE, "%s:%d: %s", first->path, line,
			  what);
	first->is_set = true;
}

int config_read(const char *path, const struct config_key *keys, void *target,
		struct error *error)
{
	struct first_mistake first = { .path = path, .error = error };
	const struct config_audience audience = { keep_first, &first };
	int mistakes = config_check(path, keys, target, &audience, error);

	if (mistakes <= 0)
		return mistakes;
	set_initial(keys, target);
	return -EINVAL;
}

/* Whether a line assigns name; comments and other keys do not. */
static bool assigns(const char *line, const char *name)
{
	size_t length = strlen(name);

	line += strspn(line, " \t");
	if (strncmp(line, name, length) != 0)
		return false;
	line += length;
	line += strspn(line, " \t");
	return *line == '=';
}

static int find_key(const char *line, const char *const names[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (assigns(line, names[i]))
			return (int)i;
	return -1;
}

static int add_line(struct buffer *out, const char *name, const char *value)
{
	return value ? buffer_print(out, "%s = %s\n", name, value) : 0;
}

static int rewrite(struct buffer *out, char *text, const char *const names[],
		   const char *const values[], size_t count)
{
	bool done[KEYS_MAX] = { false };
	char *rest = text, *line;
	int r = 0;

	while (r == 0 && (line = strsep(&rest, "\n"))) {
		int key = find_key(line, names, count);

		if (!rest && !*line)
			break; /* what follows the last newline */
		if (key < 0) {
			r = buffer_print(out, "%s\n", line);
		} else if (!done[key]) {
			r = add_line(out, names[key], values[key]);
			done[key] = true;
		}
	}
	for (size_t i = 0; r == 0 && i < count; i++)
		if (!done[i])
			r = add_line(out, names[i], values[i]);
	return r;
}

int config_line(const char *path, const char *name)
{
	scoped(buffer_done) struct buffer buffer = BUFFER_WITH_LIMIT(CONFIG_FILE_MAX);
	char *rest, *line;
	int number = 0;

	if (read_text(path, &buffer, NULL) < 0)
		return 0;
	for (rest = buffer.bytes; (line = strsep(&rest, "\n"));) {
		number++;
		if (assigns(line, name))
			return number;
	}
	return 0;
}

bool config_fits(const char *name, const char *value)
{
	return strlen(name) + strlen(" = ") + strlen(value) <= LINE_MOST;
}

int config_set(const char *path, const char *const names[], const char *const values[],
	       size_t count, struct error *error)
{
	scoped(buffer_done) struct buffer old = BUFFER_WITH_LIMIT(CONFIG_FILE_MAX);
	scoped(buffer_done) struct buffer new = BUFFER_WITH_LIMIT(2 * CONFIG_FILE_MAX);
	int r;

	for (size_t i = 0; i < count; i++) {
		if (values[i] && strpbrk(values[i], "\r\n"))
			return error_set(error, ERROR_USAGE, "%s holds a line break",
					 names[i]);
		if (values[i] && !config_fits(names[i], values[i]))
			return error_set(error, ERROR_USAGE,
					 "%s is too long: a line has at most %d bytes",
					 names[i], LINE_MOST);
	}
	r = count > KEYS_MAX ? -EINVAL : read_text(path, &old, error);
	if (r < 0)
		return r;
	r = rewrite(&new, old.bytes, names, values, count);
	if (r == 0)
		r = file_write(path, 0600, new.used ? new.bytes : "", new.used);
	if (r < 0)
		return error_set(error, ERROR_INTERNAL, "cannot write %s: %s", path,
				 strerror(-r));
	return 0;
}
