/* SPDX-License-Identifier: MIT */
#include "policy/hcl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define VALUE_MAX (256U << 10)

static void keep(struct hcl *hcl, int r)
{
	if (hcl->r == 0 && r < 0)
		hcl->r = r;
}

static void indent(struct hcl *hcl)
{
	keep(hcl, buffer_print(&hcl->out, "%*s", (int)hcl->depth * 2, ""));
}

/* A run is pairs of a name and a value, each with its NUL. */
static void end_run(struct hcl *hcl)
{
	const char *next = hcl->run.bytes, *end = next + hcl->run.used;

	while (hcl->r == 0 && next < end) {
		const char *name = next, *value = next + strlen(next) + 1;

		indent(hcl);
		keep(hcl, buffer_print(&hcl->out, "%-*s = %s\n", (int)hcl->widest, name,
				       value));
		next = value + strlen(value) + 1;
	}
	buffer_consume(&hcl->run, hcl->run.used);
	hcl->widest = 0;
}

static void add_to_run(struct hcl *hcl, const char *name, const char *value)
{
	size_t length = strlen(name);

	keep(hcl, buffer_add(&hcl->run, name, length + 1));
	keep(hcl, buffer_add(&hcl->run, value, strlen(value) + 1));
	if (length > hcl->widest)
		hcl->widest = length;
}

static void line(struct hcl *hcl, const char *name, const char *value)
{
	if (hcl->r < 0)
		return;
	if (name) {
		add_to_run(hcl, name, value);
		return;
	}
	indent(hcl);
	keep(hcl, buffer_print(&hcl->out, "%s,\n", value));
}

static int comment_character(struct buffer *out, const char **text)
{
	uint32_t number = 0;
	size_t length = text_character(*text, &number);
	const char *start = *text;

	*text += length ? length : 1;
	if (length == 0)
		return buffer_print(out, "\\x%02x", (unsigned char)*start);
	return text_misleads(number) ? buffer_print(out, "\\u{%x}", (unsigned int)number)
				     : buffer_add(out, start, length);
}

void hcl_comment(struct hcl *hcl, const char *text)
{
	end_run(hcl);
	indent(hcl);
	keep(hcl, buffer_print(&hcl->out, "#%s", *text ? " " : ""));
	while (hcl->r == 0 && *text)
		keep(hcl, comment_character(&hcl->out, &text));
	keep(hcl, buffer_add(&hcl->out, "\n", 1));
}

void hcl_blank(struct hcl *hcl)
{
	end_run(hcl);
	keep(hcl, buffer_add(&hcl->out, "\n", 1));
}

void hcl_block(struct hcl *hcl, const char *type, const char *label, const char *name)
{
	end_run(hcl);
	indent(hcl);
	keep(hcl, buffer_print(&hcl->out, "%s ", type));
	if (label)
		keep(hcl, buffer_print(&hcl->out, "\"%s\" ", label));
	if (name)
		keep(hcl, buffer_print(&hcl->out, "\"%s\" ", name));
	keep(hcl, buffer_add(&hcl->out, "{\n", 2));
	hcl->depth++;
}

void hcl_open(struct hcl *hcl, const char *name, const char *opening)
{
	end_run(hcl);
	indent(hcl);
	keep(hcl, buffer_print(&hcl->out, "%s%s%s\n", name ? name : "", name ? " = " : "",
			       opening));
	hcl->depth++;
}

void hcl_close(struct hcl *hcl, const char *closing)
{
	end_run(hcl);
	hcl->depth--;
	indent(hcl);
	keep(hcl, buffer_print(&hcl->out, "%s\n", closing));
}

void hcl_end(struct hcl *hcl)
{
	hcl_close(hcl, "}");
}

void hcl_string(struct hcl *hcl, const char *name, const char *text)
{
	scoped(buffer_done) struct buffer quoted = BUFFER_WITH_LIMIT(VALUE_MAX);

	keep(hcl, hcl_quote(&quoted, text, NULL));
	line(hcl, name, quoted.bytes);
}

void hcl_integer(struct hcl *hcl, const char *name, int64_t number)
{
	hcl_expression(hcl, name, "%lld", (long long)number);
}

void hcl_expression(struct hcl *hcl, const char *name, const char *format, ...)
{
	scoped(freep) char *text = NULL;
	va_list arguments;
	int r;

	va_start(arguments, format);
	r = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (r < 0) {
		text = NULL;
		keep(hcl, -ENOMEM);
		return;
	}
	line(hcl, name, text);
}

int hcl_finish(struct hcl *hcl)
{
	end_run(hcl);
	return hcl->r;
}

void hcl_done(struct hcl *hcl)
{
	buffer_done(&hcl->out);
	buffer_done(&hcl->run);
}
