/* SPDX-License-Identifier: MIT */
#include "aws/xml.h"

#include <errno.h>
#include <expat.h>
#include <string.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/wiping.h"

struct reading {
	XML_Parser parser;
	xml_element_fn *on_element;
	void *data;
	char path[XML_PATH_MAX];
	size_t depth;
	struct buffer text; /* of the element that began last */
	const char *refusal;
	int result;
};

static void stop(struct reading *reading, int result, const char *refusal)
{
	if (reading->result < 0)
		return;
	reading->result = result;
	reading->refusal = refusal;
	XML_StopParser(reading->parser, XML_FALSE);
}

static const char *local_name(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

static void on_start(void *user, const char *name, const char **attributes)
{
	struct reading *reading = user;
	size_t used = strlen(reading->path);
	size_t length;

	(void)attributes;
	name = local_name(name);
	length = strlen(name);
	buffer_done(&reading->text);
	if (++reading->depth > XML_DEPTH_MAX || used + length + 2 > XML_PATH_MAX) {
		stop(reading, -EMSGSIZE, "is nested too deep");
		return;
	}
	if (used > 0)
		reading->path[used++] = '/';
	memcpy(reading->path + used, name, length + 1);
}

static void on_text(void *user, const char *bytes, int count)
{
	struct reading *reading = user;

	if (buffer_add(&reading->text, bytes, (size_t)count) < 0)
		stop(reading, -EMSGSIZE, "holds too long a text");
}

static void on_end(void *user, const char *name)
{
	struct reading *reading = user;
	char *slash = strrchr(reading->path, '/');
	int r;

	(void)name;
	if (reading->result < 0)
		return;
	r = reading->on_element(reading->data, reading->path,
				reading->text.used ? reading->text.bytes : "");
	buffer_done(&reading->text);
	if (r < 0)
		stop(reading, r, NULL);
	reading->depth--;
	*(slash ? slash : reading->path) = '\0';
}

static void on_doctype(void *user, const char *name, const char *system_id,
		       const char *public_id, int has_internal_subset)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_internal_subset;
	stop(user, -EBADMSG, "has a document type");
}

static void parser_freep(XML_Parser *parser)
{
	XML_ParserFree(*parser);
}

int xml_read(const char *bytes, size_t length, xml_element_fn *on_element, void *data,
	     struct error *error)
{
	static const XML_Memory_Handling_Suite wiping = { wiping_malloc, wiping_realloc,
							  wiping_free };
	scoped(parser_freep)
	    XML_Parser parser = XML_ParserCreate_MM("UTF-8", &wiping, NULL);
	struct reading reading = {
		.parser = parser,
		.on_element = on_element,
		.data = data,
		.text = BUFFER_WITH_LIMIT(XML_TEXT_MAX),
	};
	enum XML_Status status;

	if (!parser || length > (size_t)1 << 24)
		return error_set(error, ERROR_INTERNAL, "out of memory");
	XML_SetUserData(parser, &reading);
	XML_SetElementHandler(parser, on_start, on_end);
	XML_SetCharacterDataHandler(parser, on_text);
	XML_SetStartDoctypeDeclHandler(parser, on_doctype);
	status = XML_Parse(parser, bytes, (int)length, XML_TRUE);
	buffer_done(&reading.text);
	if (reading.result < 0 && !reading.refusal)
		return reading.result;
	if (reading.refusal || status != XML_STATUS_OK)
		return error_set(error, ERROR_UNREACHABLE, "%s",
				 reading.refusal ? reading.refusal
						 : "is not well-formed XML");
	return 0;
}

bool xml_path_ends(const char *path, const char *names)
{
	size_t path_length = strlen(path);
	size_t length = strlen(names);

	if (length > path_length || strcmp(path + path_length - length, names) != 0)
		return false;
	return length == path_length || path[path_length - length - 1] == '/';
}

struct picking {
	const struct xml_field *fields;
	struct error *error;
};

static int pick(void *data, const char *path, const char *text)
{
	const struct picking *picking = data;
	size_t length = strlen(text);

	for (const struct xml_field *field = picking->fields; field->names; field++) {
		if (!xml_path_ends(path, field->names))
			continue;
		if (field->out[0])
			return error_set(picking->error, ERROR_UNREACHABLE,
					 "says %s twice", field->names);
		if (length >= field->size)
			return error_set(picking->error, ERROR_UNREACHABLE,
					 "has too long a text in %s", field->names);
		memcpy(field->out, text, length + 1);
	}
	return 0;
}

int xml_read_fields(const char *bytes, size_t length, const struct xml_field *fields,
		    struct error *error)
{
	struct picking picking = { fields, error };

	return xml_read(bytes, length, pick, &picking, error);
}
